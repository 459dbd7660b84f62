"""Makes tests/fixtures/versions/sklearn-VERSION: every estimator and transformer that is read, as that version fits,
saves and answers. Runs with scikit-learn 0.24 to the newest; a class that a version lacks is left out.

usage: version_models.py

NAME.joblib is a model, NAME.json its input rows and the answers, as oracles/sklearn_models.py describes them, with
  raw        decision_function; where the library has none what the table in docs/models.md says: log-odds for GaussianNB,
             else the probability of the positive class (or of every class); predict for a regressor
  tolerance  what the answers may differ by, relative to the larger of 1 and the answer: 0 asks for the same bits
Rows sit on the thresholds of trees (and, as doubles, halfway between two float32), in missing values, and outside of
what training showed.
"""
# requirements: requirements-versions-0.24.txt python3.9
# requirements: requirements-versions-1.0.txt python3.10
# requirements: requirements-versions-1.2.txt python3.11
# requirements: requirements-versions-1.4.txt python3.11
# requirements: requirements-sklearn.txt python3.12
# requirements: requirements-versions-newest.txt python3.13

import importlib
import json
import math
import pathlib
import pickle
import shutil
import sys
import warnings

import joblib
import numpy as np
import pandas as pd
import sklearn

warnings.simplefilter("ignore")
NAN, INF = float("nan"), float("inf")
VERSION = sklearn.__version__
OUTPUT = pathlib.Path("tests/fixtures/versions") / ("sklearn-" + VERSION)
OLD = tuple(int(p) for p in VERSION.split(".")[:2])


def training(rows=160, seed=3):
    rng = np.random.RandomState(seed)
    f = pd.DataFrame({
        "age": np.round(rng.uniform(18, 70, rows), 1),
        "income": np.round(np.exp(rng.normal(8, 0.6, rows)), 2),
        "rate": rng.normal(0, 1, rows),
        "count": rng.randint(0, 5, rows).astype(float),
    })
    effect = (f["age"] - 40) / 12 + np.log(f["income"]) - 8 + f["rate"] * f["count"] / 3
    target = effect + rng.normal(0, 0.7, rows)
    return f, (target > target.median()).astype(int).to_numpy(), target.to_numpy()


X, Y, T = training()
Y3 = np.where(T < np.quantile(T, 0.3), "low", np.where(T < np.quantile(T, 0.7), "mid", "top"))
HOLES = X.copy()
HOLES.loc[HOLES.index % 5 == 1, "income"] = NAN
HOLES.loc[HOLES.index % 7 == 2, "rate"] = NAN
MIXED = X.assign(job=np.where(X["count"] > 2, "clerk", np.where(X["age"] > 50, "chef", "nurse")))


def number(x):
    x = float(x)
    return None if math.isnan(x) else ("inf" if x > 0 else "-inf") if math.isinf(x) else x


def table(values):
    values = values.toarray() if hasattr(values, "toarray") else np.asarray(values)
    return [[number(v) for v in row] for row in values.astype(np.float64).reshape(len(values), -1)]


def named(model):
    """True when the model, or the first step of a pipeline, was fitted with names."""
    while hasattr(model, "steps") or hasattr(model, "transformer_list"):
        model = (model.steps if hasattr(model, "steps") else model.transformer_list)[0][1]
    return hasattr(model, "feature_names_in_") or hasattr(model, "_feature_names_in")


def columns_of(frame, model):
    out = []
    for i, name in enumerate(frame.columns):
        text = frame[name].dtype == object or isinstance(frame[name].dtype, pd.CategoricalDtype)
        text = text or str(frame[name].dtype) in ("str", "string")
        values = [None if pd.isna(v) else str(v) for v in frame[name]] if text else [number(v) for v in frame[name]]
        out.append({"name": name if named(model) else "x%d" % i, "type": "text" if text else "double", "values": values})
    return out


def trees_in(model):
    """Every sklearn.tree object below a model."""
    if hasattr(model, "tree_"):
        return [model]
    if hasattr(model, "steps"):
        return trees_in(model.steps[-1][1])
    inner = np.ravel(np.asarray(getattr(model, "estimators_", []), dtype=object))
    return [t for e in inner for t in trees_in(e)]


def on_thresholds(model, frame, most=2):
    rows, seen = [frame], {}
    for tree in trees_in(model):
        for f, t in zip(tree.tree_.feature, tree.tree_.threshold):
            if f >= 0 and np.isfinite(t) and len(seen.setdefault(f, [])) < most and t not in seen[f]:
                seen[f].append(t)
    for f, values in sorted(seen.items()):
        for i, t in enumerate(values):
            # The float32 at the threshold and its neighbours, and halfway between them.
            low = np.float32(t)
            low = np.nextafter(low, np.float32(-INF)) if low > t else low
            high = np.nextafter(low, np.float32(INF))
            half = float(low) / 2 + float(high) / 2
            for v in (t, float(low), float(high), half, np.nextafter(half, INF), np.nextafter(half, -INF)):
                row = frame.iloc[[i % len(frame)]].copy()
                row.iloc[0, f] = v
                rows.append(row)
    return pd.concat(rows, ignore_index=True)


def raw_of(model, given):
    if hasattr(model, "best_estimator_") or type(model).__name__ in ("TunedThresholdClassifierCV",
                                                                     "FixedThresholdClassifier"):
        return raw_of(getattr(model, "best_estimator_", None) or model.estimator_, given)
    if hasattr(model, "decision_function"):
        return table(model.decision_function(given)), "margin"
    if not hasattr(model, "predict_proba"):
        return table(model.predict(given)), "prediction"
    if type(model).__name__ == "GaussianNB":
        jll = model._joint_log_likelihood(given.to_numpy() if hasattr(given, "to_numpy") else given)
        return table(jll[:, 1] - jll[:, 0] if jll.shape[1] == 2 else jll), "log-odds"
    p = model.predict_proba(given)
    return table(p[:, 1] if p.shape[1] == 2 else p), "probability"


def save(name, model, frame, tolerance=0.0, transformed_tolerance=1e-12, thresholds=True, explained=True,
         threshold=None, log_odds_of_probability=False):
    rows = on_thresholds(model, frame) if thresholds else frame
    given = rows if named(model) or "sklearn.compose" in type(model).__module__ else rows.to_numpy()
    if hasattr(model, "steps") and not named(model):
        given = rows
    out = {"file": name + ".joblib", "tolerance": tolerance, "columns": columns_of(rows, model)}
    if hasattr(model, "transform") and not hasattr(model, "predict"):
        values = model.transform(given)
        out["transformed_tolerance"] = transformed_tolerance
        out["transformed"] = [list(c) for c in zip(*table(values))]
        try:
            names = [str(n) for n in model.get_feature_names_out()]
            if len(names) == len(out["transformed"]):  # not those of a periodic spline of 1.0
                out["names"] = names
        except Exception:
            pass  # versions and classes without names
    else:
        out["raw"], _ = raw_of(model, given)
        out["classes"] = [str(c) for c in getattr(model, "classes_", [])] if hasattr(model, "classes_") else []
        if hasattr(model, "predict_proba"):
            out["probabilities"] = table(model.predict_proba(given))
        if log_odds_of_probability:
            out["raw"] = [[number(math.log(p / q))] for q, p in out["probabilities"]]
        if not explained:
            out["not_explained"] = True
        if threshold is not None:
            out["threshold"] = float(threshold)
    joblib.dump(model, OUTPUT / (name + ".joblib"), compress=("zlib", 9))
    (OUTPUT / (name + ".json")).write_text(json.dumps(out, allow_nan=False, separators=(",", ":")) + "\n")


def find(module, name):
    """The class, or None in a version without."""
    try:
        return getattr(importlib.import_module(module), name, None)
    except ImportError:
        return None


ROWS = pd.concat([X.head(10), pd.DataFrame({"age": [0, -5, 1e6, 40.05], "income": [0, 1e-9, 1e12, 3000.005],
                                            "rate": [0, 30, -30, 1e-12], "count": [0, 9, -1, 2.5]})], ignore_index=True)
GAPS = pd.concat([ROWS, ROWS.head(8).assign(income=NAN), ROWS.head(8).assign(rate=NAN)], ignore_index=True)


def trees():
    from sklearn.ensemble import (AdaBoostClassifier, BaggingClassifier, BaggingRegressor, ExtraTreesClassifier,
                                  ExtraTreesRegressor, GradientBoostingClassifier, GradientBoostingRegressor,
                                  RandomForestClassifier, RandomForestRegressor)
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreeClassifier, ExtraTreeRegressor
    small = {"random_state": 0, "max_depth": 4}
    for name, cls in (("decision_tree", DecisionTreeClassifier), ("extra_tree", ExtraTreeClassifier)):
        save(name, cls(**small).fit(X, Y), ROWS)
        save(name + "_classes", cls(**small).fit(X, Y3), ROWS)
    for name, cls in (("decision_tree", DecisionTreeRegressor), ("extra_tree", ExtraTreeRegressor)):
        save(name + "_regressor", cls(**small).fit(X, T), ROWS)
    save("decision_tree_balanced", DecisionTreeClassifier(class_weight="balanced", **small).fit(X, Y), ROWS)
    for name, cls in (("random_forest", RandomForestClassifier), ("extra_trees", ExtraTreesClassifier)):
        save(name, cls(n_estimators=7, **small).fit(X, Y), ROWS)
        save(name + "_classes", cls(n_estimators=3, **small).fit(X, Y3), ROWS)
    save("random_forest_balanced", RandomForestClassifier(n_estimators=5, class_weight="balanced_subsample", **small)
         .fit(X, Y), ROWS)
    for name, cls in (("random_forest", RandomForestRegressor), ("extra_trees", ExtraTreesRegressor)):
        save(name + "_regressor", cls(n_estimators=7, **small).fit(X, T), ROWS)
    if OLD >= (1, 3):
        save("decision_tree_missing", DecisionTreeClassifier(**small).fit(HOLES, Y), GAPS)
        save("decision_tree_missing_unseen", DecisionTreeClassifier(**small).fit(X, Y), GAPS)
    if OLD >= (1, 4):
        save("random_forest_missing", RandomForestClassifier(n_estimators=7, **small).fit(HOLES, Y), GAPS)
        save("random_forest_missing_unseen", RandomForestClassifier(n_estimators=7, **small).fit(X, Y), GAPS)
        save("random_forest_regressor_missing", RandomForestRegressor(n_estimators=7, **small).fit(HOLES, T), GAPS)
    if OLD >= (1, 6):
        save("extra_trees_missing", ExtraTreesClassifier(n_estimators=7, **small).fit(HOLES, Y), GAPS)
    boosting = {"random_state": 0, "n_estimators": 8, "max_depth": 3}
    save("gradient_boosting", GradientBoostingClassifier(**boosting).fit(X, Y), ROWS)
    save("gradient_boosting_classes", GradientBoostingClassifier(**{**boosting, "n_estimators": 3}).fit(X, Y3), ROWS,
         tolerance=1e-14)
    save("gradient_boosting_exponential", GradientBoostingClassifier(loss="exponential", subsample=0.7, **boosting)
         .fit(X, Y), ROWS)
    save("gradient_boosting_zero", GradientBoostingClassifier(init="zero", max_features=2, **boosting).fit(X, Y), ROWS)
    save("gradient_boosting_regressor", GradientBoostingRegressor(**boosting).fit(X, T), ROWS)
    save("gradient_boosting_huber", GradientBoostingRegressor(loss="huber", **boosting).fit(X, T), ROWS)
    save("bagging", BaggingClassifier(DecisionTreeClassifier(max_depth=3), n_estimators=5, max_features=3,
                                      random_state=0).fit(X, Y), ROWS, tolerance=1e-15, thresholds=False)
    save("bagging_regressor", BaggingRegressor(n_estimators=4, random_state=0, max_samples=0.5).fit(X, T), ROWS,
         tolerance=1e-15)
    save("ada_boost", AdaBoostClassifier(n_estimators=6, random_state=0).fit(X, Y), ROWS, tolerance=1e-15)
    save("ada_boost_classes", AdaBoostClassifier(n_estimators=6, random_state=0).fit(X, Y3), ROWS, tolerance=1e-15)
    if OLD < (1, 8):
        try:
            save("ada_boost_samme", AdaBoostClassifier(n_estimators=6, random_state=0, algorithm="SAMME").fit(X, Y), ROWS,
                 tolerance=1e-15)
        except (TypeError, ValueError):
            pass
    from sklearn.ensemble import AdaBoostRegressor
    from sklearn.linear_model import LinearRegression
    save("ada_boost_regressor", AdaBoostRegressor(n_estimators=7, random_state=0).fit(X, T), ROWS, explained=False)
    inner = {"estimator" if OLD >= (1, 2) else "base_estimator": LinearRegression()}
    save("ada_boost_regressor_linear", AdaBoostRegressor(n_estimators=4, random_state=0, loss="square", **inner)
         .fit(X, T), ROWS, tolerance=1e-12, thresholds=False, explained=False)
    if OLD < (1, 0):
        from sklearn.experimental import enable_hist_gradient_boosting  # noqa: F401
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
    hist = {"max_iter": 5, "max_leaf_nodes": 7, "min_samples_leaf": 5, "random_state": 0}
    save("hist_gradient_boosting", HistGradientBoostingClassifier(**hist).fit(HOLES, Y), GAPS, thresholds=False)
    save("hist_gradient_boosting_classes", HistGradientBoostingClassifier(**hist).fit(HOLES, Y3), GAPS, thresholds=False)
    save("hist_gradient_boosting_regressor", HistGradientBoostingRegressor(**hist).fit(HOLES, T), GAPS, thresholds=False)
    if OLD >= (1, 0):
        save("hist_gradient_boosting_categories", HistGradientBoostingClassifier(categorical_features=[3], **hist)
             .fit(HOLES, Y), GAPS[GAPS["count"].isin(range(5))].reset_index(drop=True), thresholds=False)


def linear():
    from sklearn.linear_model import (ElasticNet, Lasso, LinearRegression, LogisticRegression, LogisticRegressionCV,
                                      Perceptron, Ridge, RidgeClassifier, SGDClassifier, SGDRegressor)
    from sklearn.naive_bayes import GaussianNB
    from sklearn.svm import LinearSVC, LinearSVR
    scaled = (X - X.mean()) / X.std()
    rows = (ROWS - X.mean()) / X.std()
    close = {"tolerance": 1e-12, "thresholds": False}
    log_loss = "log_loss" if OLD >= (1, 1) else "log"
    save("logistic_regression", LogisticRegression(class_weight="balanced").fit(scaled, Y), rows, **close)
    save("logistic_regression_classes", LogisticRegression().fit(scaled, Y3), rows, **close)
    save("logistic_regression_liblinear", LogisticRegression(solver="liblinear", penalty="l1").fit(scaled, Y), rows, **close)
    if OLD < (1, 8):
        save("logistic_regression_multinomial", LogisticRegression(multi_class="multinomial").fit(scaled, Y), rows, **close)
        save("logistic_regression_ovr_classes", LogisticRegression(multi_class="ovr").fit(scaled, Y3), rows, **close)
    save("logistic_regression_cv", LogisticRegressionCV(Cs=3, cv=3).fit(scaled, Y), rows, **close)
    save("sgd_log", SGDClassifier(loss=log_loss, random_state=0).fit(scaled, Y), rows, **close)
    save("sgd_log_classes", SGDClassifier(loss=log_loss, random_state=0).fit(scaled, Y3), rows, **close)
    save("sgd_modified_huber", SGDClassifier(loss="modified_huber", random_state=0).fit(scaled, Y), rows, **close)
    save("sgd_hinge", SGDClassifier(random_state=0).fit(scaled, Y), rows, **close)
    save("perceptron", Perceptron().fit(scaled, Y), rows, **close)
    save("linear_svc", LinearSVC(random_state=0).fit(scaled, Y), rows, **close)
    save("linear_svc_classes", LinearSVC(random_state=0).fit(scaled, Y3), rows, **close)
    save("ridge_classifier", RidgeClassifier().fit(scaled, Y), rows, **close)
    for name, model in (("linear_regression", LinearRegression()), ("ridge", Ridge()), ("lasso", Lasso(alpha=0.01)),
                        ("elastic_net", ElasticNet(alpha=0.01)), ("sgd_regressor", SGDRegressor(random_state=0)),
                        ("linear_svr", LinearSVR(random_state=0))):
        save(name, model.fit(scaled, T), rows, **close)
    save("gaussian_nb", GaussianNB().fit(scaled, Y), rows, **close)
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
    from sklearn.linear_model import (Lars, LassoLarsCV, OrthogonalMatchingPursuit, PassiveAggressiveClassifier,
                                      PassiveAggressiveRegressor, TheilSenRegressor)
    save("discriminant_analysis", LinearDiscriminantAnalysis().fit(scaled, Y), rows, **close)
    save("discriminant_analysis_classes", LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto").fit(scaled, Y3), rows,
         **close)
    save("passive_aggressive", PassiveAggressiveClassifier(random_state=0).fit(scaled, Y), rows, **close)
    save("passive_aggressive_regressor", PassiveAggressiveRegressor(random_state=0).fit(scaled, T), rows, **close)
    save("lars", Lars(n_nonzero_coefs=2).fit(scaled, T), rows, **close)
    save("lasso_lars_cv", LassoLarsCV(cv=3).fit(scaled, T), rows, **close)
    save("orthogonal_matching_pursuit", OrthogonalMatchingPursuit(n_nonzero_coefs=2).fit(scaled, T), rows, **close)
    save("theil_sen", TheilSenRegressor(random_state=0, max_subpopulation=50).fit(scaled, T), rows, **close)
    save("gaussian_nb_classes", GaussianNB(var_smoothing=0.01).fit(scaled, Y3), rows, **close)


def combined():
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.ensemble import (BaggingClassifier, GradientBoostingClassifier, RandomForestClassifier,
                                  StackingClassifier, StackingRegressor, VotingClassifier, VotingRegressor)
    from sklearn.linear_model import LinearRegression, LogisticRegression
    from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
    from sklearn.naive_bayes import GaussianNB
    from sklearn.svm import LinearSVC
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
    close = {"tolerance": 1e-12, "thresholds": False}
    none = {"explained": False, **close}
    forest = RandomForestClassifier(n_estimators=3, max_depth=2, random_state=0)
    boosting = GradientBoostingClassifier(n_estimators=3, max_depth=2, random_state=0)
    for method in ("sigmoid", "isotonic"):
        save("calibrated_forest_" + method, CalibratedClassifierCV(forest, method=method, cv=2).fit(X, Y), ROWS, **none)
        save("calibrated_svc_" + method, CalibratedClassifierCV(LinearSVC(random_state=0), method=method, cv=2).fit(X, Y),
             ROWS, **none)
        save("calibrated_classes_" + method, CalibratedClassifierCV(GaussianNB(), method=method, cv=2).fit(X, Y3), ROWS,
             **none)
    save("calibrated_boosting_once", CalibratedClassifierCV(boosting, ensemble=False, cv=2).fit(X, Y), ROWS,
         log_odds_of_probability=True, **close)
    if OLD >= (1, 6):
        from sklearn.frozen import FrozenEstimator
        frozen = FrozenEstimator(boosting.fit(X, Y))
        save("calibrated_frozen", CalibratedClassifierCV(frozen, method="isotonic").fit(X, Y), ROWS, **none)
        save("frozen", frozen, ROWS, tolerance=0.0, thresholds=False)
    else:
        save("calibrated_prefit", CalibratedClassifierCV(boosting.fit(X, Y), cv="prefit", method="isotonic").fit(X, Y),
             ROWS, **none)
    two = [("tree", DecisionTreeClassifier(max_depth=3, random_state=0)), ("forest", forest)]
    save("voting", VotingClassifier(two, voting="soft").fit(X, Y), ROWS, **close)
    save("voting_weights", VotingClassifier(two + [("gone", "drop")], voting="soft", weights=[2, 1, 5]).fit(X, Y), ROWS,
         **close)
    mixed = two + [("linear", LogisticRegression(max_iter=1000))]
    save("voting_mixed", VotingClassifier(mixed, voting="soft").fit(X, Y3), ROWS, **none)
    save("voting_regressor", VotingRegressor([("a", LinearRegression()), ("b", DecisionTreeRegressor(max_depth=2))])
         .fit(X, T), ROWS, **close)
    save("stacking", StackingClassifier(mixed, cv=2).fit(X, Y), ROWS, **none)
    save("stacking_passthrough", StackingClassifier(mixed, cv=2, passthrough=True,
                                                    final_estimator=RandomForestClassifier(n_estimators=3, max_depth=3,
                                                                                           random_state=0)).fit(X, Y),
         ROWS, **none)
    save("stacking_classes", StackingClassifier([*two, ("svc", LinearSVC(random_state=0))], cv=2).fit(X, Y3), ROWS, **none)
    save("stacking_regressor", StackingRegressor([("a", LinearRegression()), ("b", DecisionTreeRegressor(max_depth=2))],
                                                 cv=2).fit(X, T), ROWS, **none)
    save("bagging_naive_bayes", BaggingClassifier(GaussianNB(), n_estimators=3, random_state=0, max_features=2).fit(X, Y),
         ROWS, **none)
    save("grid_search", GridSearchCV(boosting, {"max_depth": [1, 2]}, cv=2).fit(X, Y), ROWS, tolerance=0.0,
         thresholds=False)
    save("randomized_search", RandomizedSearchCV(forest, {"max_depth": [1, 2]}, n_iter=2, cv=2, random_state=0).fit(X, Y),
         ROWS, tolerance=0.0, thresholds=False)
    if OLD >= (1, 5):
        from sklearn.model_selection import FixedThresholdClassifier, TunedThresholdClassifierCV
        tuned = TunedThresholdClassifierCV(boosting, cv=2, thresholds=20).fit(X, Y)
        save("tuned_threshold", tuned, ROWS, tolerance=0.0, thresholds=False, threshold=tuned.best_threshold_)
        save("fixed_threshold", FixedThresholdClassifier(forest, threshold=0.3).fit(X, Y), ROWS, tolerance=0.0,
             thresholds=False, threshold=0.3)


def splines(pre, plain):
    train = X[["age", "rate"]]
    inside = train.iloc[:20].reset_index(drop=True)
    # The ends, the knots between them and beyond, as doubles with their neighbours.
    for name in train.columns:
        for place in (0.0, 0.25, 0.5, 1.0):
            knot = train[name].min() + place * (train[name].max() - train[name].min())
            for v in (knot, np.nextafter(knot, -INF), np.nextafter(knot, INF)):
                inside.loc[len(inside)] = {**train.iloc[0], name: v}
    rows = pd.concat([inside, ROWS[["age", "rate"]]], ignore_index=True)
    between = inside.clip(train.min(), train.max(), axis=1)
    for extrapolation in ("constant", "linear", "continue", "periodic", "error"):
        for degree in (1, 2, 3):
            save("spline_%s_%d" % (extrapolation, degree),
                 pre.SplineTransformer(n_knots=5, degree=degree, extrapolation=extrapolation).fit(train),
                 between if extrapolation == "error" else rows, transformed_tolerance=1e-12, thresholds=False)
    save("spline_quantile", pre.SplineTransformer(n_knots=4, knots="quantile", include_bias=False).fit(train), rows,
         transformed_tolerance=1e-12, thresholds=False)
    if OLD >= (1, 3):
        save("spline_sparse", pre.SplineTransformer(n_knots=4, sparse_output=True).fit(train), rows,
             transformed_tolerance=1e-12, thresholds=False)
    if OLD >= (1, 8):
        gaps = rows.copy()
        gaps.loc[gaps.index % 4 == 1, "rate"] = NAN
        for extrapolation in ("constant", "continue", "linear"):
            save("spline_missing_" + extrapolation,
                 pre.SplineTransformer(n_knots=5, handle_missing="zeros", extrapolation=extrapolation).fit(train), gaps,
                 transformed_tolerance=1e-12, thresholds=False)


def transformers():
    from sklearn import decomposition, feature_selection, impute, pipeline, preprocessing as pre
    from sklearn.compose import ColumnTransformer
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression

    holes = GAPS.copy()
    plain = {"transformed_tolerance": 0.0, "thresholds": False}
    close = {"thresholds": False}
    for name, model in (("standard_scaler", pre.StandardScaler()),
                        ("standard_scaler_mean", pre.StandardScaler(with_std=False)),
                        ("standard_scaler_std", pre.StandardScaler(with_mean=False)),
                        ("robust_scaler", pre.RobustScaler()),
                        ("robust_scaler_scale", pre.RobustScaler(with_centering=False, quantile_range=(10, 90))),
                        ("min_max_scaler", pre.MinMaxScaler((-1, 2))),
                        ("min_max_scaler_clip", pre.MinMaxScaler(clip=True)),
                        ("max_abs_scaler", pre.MaxAbsScaler())):
        save(name, model.fit(HOLES), holes, **plain)
    for norm in ("l1", "l2", "max"):
        save("normalizer_" + norm, pre.Normalizer(norm=norm).fit(X), ROWS, **close)
    save("binarizer", pre.Binarizer(threshold=0.5).fit(X), ROWS, **plain)
    save("power_transformer", pre.PowerTransformer().fit(HOLES), holes, **close)
    save("power_transformer_plain", pre.PowerTransformer(standardize=False).fit(X), ROWS, **close)
    positive = X[["age", "income"]]
    save("power_transformer_box_cox", pre.PowerTransformer(method="box-cox").fit(positive),
         ROWS[["age", "income"]].clip(lower=1e-3), **close)
    save("quantile_transformer", pre.QuantileTransformer(n_quantiles=20).fit(HOLES), holes, **close)
    save("quantile_transformer_normal", pre.QuantileTransformer(n_quantiles=20, output_distribution="normal").fit(HOLES),
         holes, transformed_tolerance=1e-11, thresholds=False)
    for encode in ("onehot", "onehot-dense", "ordinal"):
        for strategy in ("uniform", "quantile"):
            if encode != "ordinal" and strategy == "uniform":
                continue
            save("k_bins_%s_%s" % (encode.replace("-", "_"), strategy),
                 pre.KBinsDiscretizer(n_bins=4, encode=encode, strategy=strategy).fit(X[["age", "rate"]]),
                 ROWS[["age", "rate"]], **plain)
    save("polynomial_features", pre.PolynomialFeatures(degree=3).fit(X[["age", "rate"]]), ROWS[["age", "rate"]], **close)
    save("polynomial_interactions", pre.PolynomialFeatures(degree=3, interaction_only=True, include_bias=False)
         .fit(X), ROWS, **close)
    if OLD >= (1, 0):
        save("polynomial_range", pre.PolynomialFeatures(degree=(2, 3)).fit(X[["age", "rate"]]), ROWS[["age", "rate"]],
             **close)
    if OLD >= (1, 0):
        splines(pre, plain)
    labels = pre.LabelEncoder().fit(["nurse", "chef", "clerk", "chef"])
    out = {"file": "label_encoder.joblib", "tolerance": 0, "transformed_tolerance": 0,
           "columns": [{"name": "x0", "type": "text", "values": ["clerk", "nurse", "chef"]}],
           "transformed": [[number(v) for v in labels.transform(["clerk", "nurse", "chef"])]]}
    joblib.dump(labels, OUTPUT / "label_encoder.joblib", compress=("zlib", 9))
    (OUTPUT / "label_encoder.json").write_text(json.dumps(out, separators=(",", ":")) + "\n")
    frame = ROWS[["age", "income"]].abs()
    for name in ("log1p", "sqrt", "abs", "square"):
        if OLD < (1, 1):
            continue  # older versions do not keep the number of columns
        save("function_" + name, pre.FunctionTransformer(getattr(np, name)).fit(positive), frame, **close)
    save("function_validated", pre.FunctionTransformer(np.log1p, validate=True).fit(positive), frame, **close)

    for strategy in ("mean", "median", "most_frequent", "constant"):
        save("simple_imputer_" + strategy, impute.SimpleImputer(strategy=strategy).fit(HOLES), holes, **plain)
    save("simple_imputer_indicator", impute.SimpleImputer(add_indicator=True).fit(HOLES), holes, **plain)
    save("simple_imputer_number", impute.SimpleImputer(missing_values=0, strategy="median").fit(X), ROWS, **plain)
    empty = HOLES.assign(rate=NAN)
    save("simple_imputer_empty", impute.SimpleImputer().fit(empty), holes, **plain)
    if OLD >= (1, 2):
        save("simple_imputer_keep_empty", impute.SimpleImputer(keep_empty_features=True).fit(empty), holes, **plain)
    save("missing_indicator", impute.MissingIndicator(error_on_new=False).fit(HOLES), holes, **plain)
    save("missing_indicator_all", impute.MissingIndicator(features="all").fit(HOLES), holes, **plain)
    save("knn_imputer", impute.KNNImputer(n_neighbors=3).fit(HOLES.head(40)), holes, **close)
    # scikit-learn's distances of nearly equal rows are only good to some 1e-4 of their size: rows away from the donors.
    save("knn_imputer_distance", impute.KNNImputer(weights="distance", add_indicator=True).fit(HOLES.head(40)),
         holes + 0.37, transformed_tolerance=1e-7, thresholds=False)

    save("variance_threshold", feature_selection.VarianceThreshold(2.0).fit(X), ROWS, **plain)
    save("select_k_best", feature_selection.SelectKBest(k=2).fit(X, Y), ROWS, **plain)
    save("select_percentile", feature_selection.SelectPercentile(percentile=50).fit(X, Y), ROWS, **plain)
    for name in ("SelectFpr", "SelectFdr", "SelectFwe"):
        save("select_" + name[6:].lower(), getattr(feature_selection, name)(alpha=0.01).fit(X, Y), ROWS, **plain)
    logistic = LogisticRegression(max_iter=2000)
    forest = RandomForestClassifier(n_estimators=5, max_depth=3, random_state=0)
    lasso = LogisticRegression(penalty="l1", solver="liblinear", C=0.05)
    for name, model, options in (("logistic", logistic, {}), ("forest", forest, {}), ("lasso", lasso, {}),
                                 ("median", forest, {"threshold": "0.5*median"}),
                                 ("most", forest, {"threshold": -INF, "max_features": 2})):
        save("select_from_model_" + name, feature_selection.SelectFromModel(model, **options).fit(X, Y), ROWS, **plain)
    save("pca", decomposition.PCA(2).fit(X), ROWS, **close)
    save("pca_whiten", decomposition.PCA(3, whiten=True).fit(X), ROWS, **close)
    save("truncated_svd", decomposition.TruncatedSVD(2, random_state=0).fit(X), ROWS, **close)
    union = pipeline.FeatureUnion([("scaled", pre.StandardScaler()), ("best", feature_selection.SelectKBest(k=1)),
                                   ("none", "drop"), ("pca", decomposition.PCA(1))], transformer_weights={"pca": 0.5})
    save("feature_union", union.fit(X, Y), ROWS, **close)

    # Pipelines as credit teams write them.
    hot = {"sparse_output": False} if OLD >= (1, 2) else {"sparse": False}
    mixed = MIXED.copy()
    mixed.loc[mixed.index % 11 == 3, "job"] = NAN
    mixed.loc[mixed.index % 5 == 1, "income"] = NAN
    odd = pd.concat([GAPS, GAPS], ignore_index=True)
    odd["job"] = (["clerk", "chef", "nurse", "pilot", NAN] * len(odd))[:len(odd)]
    numbers = ["age", "income", "rate", "count"]
    prepare = ColumnTransformer([
        ("num", pipeline.Pipeline([("fill", impute.SimpleImputer(strategy="median")), ("scale", pre.StandardScaler())]),
         numbers),
        ("cat", pipeline.Pipeline([("fill", impute.SimpleImputer(strategy="most_frequent")),
                                   ("hot", pre.OneHotEncoder(handle_unknown="ignore", **hot))]), ["job"])])
    save("pipeline_logistic", pipeline.Pipeline([("prepare", prepare), ("model", LogisticRegression())]).fit(mixed, Y), odd,
         tolerance=1e-12, thresholds=False)
    save("pipeline_forest", pipeline.Pipeline([("prepare", prepare), ("model", forest)]).fit(mixed, Y), odd,
         thresholds=False)
    constant = ColumnTransformer([
        ("num", impute.SimpleImputer(add_indicator=True), numbers),
        ("cat", pipeline.Pipeline([("fill", impute.SimpleImputer(strategy="constant", fill_value="none")),
                                   ("code", pre.OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1))]),
         ["job"])])
    save("pipeline_constant", pipeline.Pipeline([("prepare", constant), ("model", forest)]).fit(mixed, Y), odd,
         thresholds=False)
    chosen = pipeline.Pipeline([("fill", impute.SimpleImputer()), ("choose", feature_selection.RFE(
        LogisticRegression(max_iter=2000), n_features_to_select=2)), ("model", forest)])
    save("pipeline_rfe", chosen.fit(HOLES, Y), GAPS, thresholds=False)


def main():
    shutil.rmtree(OUTPUT, ignore_errors=True)
    OUTPUT.mkdir(parents=True)
    trees()
    linear()
    combined()
    transformers()


if __name__ == "__main__":
    main()
