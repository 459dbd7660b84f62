"""Makes tests/fixtures/versions/{lightgbm,xgboost}-VERSION: models of these libraries in every form they are saved in,
and what the library answers.

usage: booster_models.py

The answers are as oracles/version_models.py describes them; raw is the sum of the leaves (raw_score, output_margin) and
`contributions` are pred_contrib of the first rows, the base value last. LightGBM's scores must be the same bits; XGBoost
adds up in float32, so its answers are compared to that precision. Rows sit on thresholds, and as doubles between two
float32, in missing values, in categories that training did not show.
"""
# requirements: requirements-boosters.txt python3.13
# requirements: requirements-boosters-old.txt python3.9

import json
import math
import pathlib
import pickle
import shutil
import warnings

import joblib
import lightgbm as lgb
import numpy as np
import pandas as pd
import xgboost as xgb

warnings.simplefilter("ignore")
NAN, INF = float("nan"), float("inf")
OUTPUT = pathlib.Path("tests/fixtures/versions")
NEW_XGBOOST = int(xgb.__version__.split(".")[0]) >= 2


def training(rows=300, seed=5):
    rng = np.random.RandomState(seed)
    f = pd.DataFrame({
        "age": np.round(rng.uniform(18, 70, rows), 1),
        "income": np.round(np.exp(rng.normal(8, 0.6, rows)), 2),
        "rate": np.where(rng.rand(rows) < 0.15, NAN, rng.normal(0, 1, rows)),
        "count": rng.randint(0, 5, rows).astype(float),
    })
    job = rng.choice(["clerk", "chef", "nurse", "pilot"], rows, p=[0.4, 0.3, 0.2, 0.1])
    code = rng.choice([0, 1, 2, 3, 40, 300], rows)
    effect = ((f["age"] - 40) / 12 + np.log(f["income"]) - 8 + f["rate"].fillna(0.7) + f["count"] / 3
              + (job == "chef") * 3 - (job == "pilot") * 2 + (code == 40) * 3 - (code == 300) * 3)
    target = (effect + rng.normal(0, 0.6, rows)).to_numpy()
    return f, job, code, (target > np.median(target)).astype(int), target


X, JOB, CODE, Y, T = training()
Y3 = np.digitize(T, np.quantile(T, [0.3, 0.7]))


def number(x):
    x = float(x)
    return None if math.isnan(x) else ("inf" if x > 0 else "-inf") if math.isinf(x) else x


def table(values):
    values = np.asarray(values, dtype=np.float64)
    return [[number(v) for v in row] for row in values.reshape(len(values), -1)]


def columns_of(frame, names=None):
    out = []
    for i, name in enumerate(frame.columns):
        kind = frame[name].dtype
        kind = kind.categories.dtype if isinstance(kind, pd.CategoricalDtype) else kind
        if kind is frame[name].dtype and kind.kind in "ib":
            values = [int(v) for v in frame[name]]
            out.append({"name": str(name), "type": "integer" if kind.kind == "i" else "boolean", "values": values})
            continue
        text = kind.kind == "O" or str(kind) in ("str", "string")
        values = [None if pd.isna(v) else str(v) for v in frame[name]] if text else [number(v) for v in frame[name]]
        out.append({"name": names[i] if names else str(name), "type": "text" if text else "double", "values": values})
    return out


def odd_rows():
    f = X.head(12).copy()
    extra = X.iloc[12:22].copy()
    extra["rate"] = [NAN, 0.0, -0.0, 1e300, -1e300, 1e-40, NAN, 30, -30, 0.5]
    extra["income"] = [0, -1, NAN, 1e12, 3000, 2980.957987, NAN, 1, 1e-9, 5e5]
    extra["count"] = [0, 1, 2, 3, 4, 5, -1, 2.5, NAN, 1e6]
    return pd.concat([f, extra], ignore_index=True)


ROWS = odd_rows()


def around(frame, thresholds, most=3):
    """Rows at thresholds: the double itself and its neighbours, its float32 and the halves between two of those."""
    rows = [frame]
    for name, values in thresholds.items():
        for i, t in enumerate(sorted(set(values))[:most]):
            low = np.float32(t)
            below = np.nextafter(low, np.float32(-INF))
            half = float(below) / 2 + float(low) / 2
            for v in (t, np.nextafter(t, -INF), np.nextafter(t, INF), float(low), half, np.nextafter(half, INF),
                      np.nextafter(half, -INF)):
                row = frame.iloc[[i % len(frame)]].copy()
                row[name] = v
                rows.append(row)
    return pd.concat(rows, ignore_index=True)


class Folder:
    def __init__(self, library, version, tolerance):
        self.path = OUTPUT / (library + "-" + version)
        self.tolerance = tolerance
        shutil.rmtree(self.path, ignore_errors=True)
        self.path.mkdir(parents=True)

    def save(self, name, suffix, data, frame, raw, probabilities=None, classes=(), contributions=None, names=None,
             **more):
        (self.path / (name + suffix)).write_bytes(data)
        out = {"file": name + suffix, "tolerance": self.tolerance, "columns": columns_of(frame, names), "raw": table(raw),
               "classes": [str(c) for c in classes]}
        out.update(more)
        if probabilities is not None:
            p = np.asarray(probabilities, dtype=np.float64)
            out["probabilities"] = table(np.column_stack([1 - p, p]) if p.ndim == 1 else p)
        if contributions is not None:
            out["contributions"] = table(contributions[:8])
            out["contributions_tolerance"] = max(self.tolerance * 10, 1e-12)
        (self.path / (name + ".json")).write_text(json.dumps(out, allow_nan=False, separators=(",", ":")) + "\n")


def lightgbm_models():
    out = Folder("lightgbm", lgb.__version__, 0.0)
    small = {"num_leaves": 7, "min_child_samples": 5, "verbose": -1, "n_jobs": 1, "random_state": 0,
             "deterministic": True, "force_row_wise": True}

    def thresholds(booster, frame):
        t = booster.trees_to_dataframe()
        t = t[t["decision_type"] == "<="]
        found = {}
        for f, v in zip(t["split_feature"], t["threshold"]):
            i = booster.feature_name().index(f)
            found.setdefault(frame.columns[i], []).append(float(v))
        return found

    def save(name, model, frame, form="pickle", names=None):
        booster = model if isinstance(model, lgb.Booster) else model.booster_
        categories = [n for n in frame.columns if isinstance(frame[n].dtype, pd.CategoricalDtype)]
        rows = around(frame, thresholds(booster, frame)) if not categories else frame
        classes = list(model.classes_) if hasattr(model, "classes_") else []
        kind = booster.params.get("objective", "") if isinstance(model, lgb.Booster) else model.objective_
        raw = booster.predict(rows, raw_score=True)
        p = None
        if str(kind).startswith(("binary", "multiclass", "cross")):
            p = booster.predict(rows)
            classes = classes or list(range(p.shape[1] if p.ndim == 2 else 2))
        contributions = booster.predict(rows, pred_contrib=True)
        if booster.params.get("boosting", getattr(model, "boosting_type", "")) == "rf":
            raw = raw / booster.current_iteration()  # the link is applied to the average
            if not np.allclose(contributions.sum(axis=1), raw):
                contributions = contributions / booster.current_iteration()
        if form == "text":
            data, suffix = booster.model_to_string(num_iteration=-1).encode(), ".txt"
        else:
            data, suffix = pickle.dumps(model), ".pkl"
        out.save(name, suffix, data, rows, raw, p, classes, contributions, names)

    for form in ("pickle", "text"):
        save("binary_" + form, lgb.LGBMClassifier(n_estimators=6, **small).fit(X, Y), ROWS, form)
        save("multiclass_" + form, lgb.LGBMClassifier(n_estimators=3, **small).fit(X, Y3), ROWS, form)
        save("regression_" + form, lgb.LGBMRegressor(n_estimators=6, **small).fit(X, T), ROWS, form)
    save("labels", lgb.LGBMClassifier(n_estimators=3, **small).fit(X, np.where(Y == 1, "bad", "good")), ROWS)
    save("sigmoid", lgb.LGBMClassifier(n_estimators=4, sigmoid=0.7, is_unbalance=True, **small).fit(X, Y), ROWS)
    save("one_vs_all", lgb.LGBMClassifier(n_estimators=3, objective="multiclassova", **small).fit(X, Y3), ROWS)
    save("dart", lgb.LGBMClassifier(n_estimators=6, boosting_type="dart", drop_rate=0.5, **small).fit(X, Y), ROWS)
    save("goss", lgb.LGBMClassifier(n_estimators=6, boosting_type="goss", **small).fit(X, Y), ROWS)
    forest = lgb.LGBMClassifier(n_estimators=6, boosting_type="rf", subsample=0.7, subsample_freq=1, **small).fit(X, Y)
    save("random_forest", forest, ROWS)
    save("random_forest_text", forest, ROWS, "text")
    save("extra_trees", lgb.LGBMClassifier(n_estimators=4, extra_trees=True, **small).fit(X, Y), ROWS)
    save("l1", lgb.LGBMRegressor(n_estimators=4, objective="regression_l1", **small).fit(X, T), ROWS)
    save("no_missing", lgb.LGBMClassifier(n_estimators=4, use_missing=False, **small).fit(X.fillna(0), Y), ROWS)
    # Zeros and missing values go together, and not always where other small numbers go.
    zeros = X.assign(count=X["count"].where(X["count"] > 1, 0), rate=X["rate"].where(X["rate"].abs() > 0.4, 0))
    given = ROWS.copy()
    given.loc[given.index[:12], "count"] = [0, -0.0, 1e-36, -1e-36, 1.0000000180025095e-35, -1.0000000180025095e-35, 1.1e-35,
                                           -1.1e-35, NAN, 5e-324, -1, 2]
    given.loc[given.index[:12], "rate"] = [0.0, 1e-40, NAN, 0.5, -0.5, 1e-35, -1e-35, 2e-35, -2e-35, -0.0, 3, -3]
    as_missing = lgb.LGBMClassifier(n_estimators=8, zero_as_missing=True, **small).fit(zeros, 1 - Y * (zeros["count"] != 0))
    for form in ("pickle", "text"):
        save("zero_as_missing_" + form, as_missing, given, form)
    save("cross_entropy", lgb.train({"objective": "cross_entropy", **small}, lgb.Dataset(X, Y), 4), ROWS)
    save("booster", lgb.train({"objective": "binary", **small}, lgb.Dataset(X, Y), 4), ROWS)
    save("one_leaf", lgb.LGBMClassifier(n_estimators=2, **{**small, "min_child_samples": 1000}).fit(X, Y), ROWS, "text")
    early = lgb.LGBMClassifier(n_estimators=30, learning_rate=0.9, **small)
    early.fit(X[:200], Y[:200], eval_set=[(X[200:], Y[200:])], callbacks=[lgb.early_stopping(3, verbose=False)])
    assert 0 < early.best_iteration_ < 30
    save("stopped_early", early, ROWS)

    jobs = X.assign(job=pd.Categorical(JOB), code=pd.Categorical(CODE))
    rows = ROWS.assign(job=pd.Categorical((["clerk", "chef", "nurse", "pilot", "judge", None] * 9)[:len(ROWS)]),
                       code=pd.Categorical(([0, 1, 2, 3, 40, 300, 7] * 9)[:len(ROWS)]))
    few = {**small, "min_data_per_group": 2, "cat_smooth": 1}
    model = lgb.LGBMClassifier(n_estimators=5, **few).fit(jobs.drop(columns="code"), Y)
    save("pandas_categories", model, rows.drop(columns="code"))
    save("pandas_categories_text", model, rows.drop(columns="code"), "text")
    model = lgb.LGBMClassifier(n_estimators=5, **few).fit(jobs[["age", "job", "code"]], Y)
    save("pandas_numbers_as_categories", model, rows[["age", "job", "code"]])
    codes = X.assign(code=CODE.astype(float))
    given = ROWS.assign(code=([0, 1, 2, 3, 40, 300, 7, -1, NAN, 0.9, 301, 1e6] * 9)[:len(ROWS)])
    save("codes", lgb.LGBMClassifier(n_estimators=5, **few).fit(codes, Y, categorical_feature=["code"]), given)
    plain = lgb.LGBMClassifier(n_estimators=3, **small).fit(X.to_numpy(), Y)
    rows = around(ROWS, {})
    out.save("without_names", ".pkl", pickle.dumps(plain), rows, plain.booster_.predict(rows.to_numpy(), raw_score=True),
             plain.booster_.predict(rows.to_numpy()), [0, 1], None, ["x%d" % i for i in range(4)])
    out.tolerance = 1e-15  # of a sigmoid
    calibrated_models(out, small)


def calibrated_models(out, small):
    """From LightGBM 4.7 on a classifier has a decision_function, and that is what is calibrated."""
    from sklearn.calibration import CalibratedClassifierCV
    for method in ("sigmoid", "isotonic"):
        model = CalibratedClassifierCV(lgb.LGBMClassifier(n_estimators=4, **small), method=method, cv=2).fit(X, Y)
        p = model.predict_proba(ROWS)
        out.save("calibrated_" + method, ".pkl", pickle.dumps(model), ROWS, p[:, 1], p, [0, 1], not_explained=True)


def xgboost_models():
    ROWS = odd_rows().clip(-1e30, 1e30)  # XGBoost refuses what float32 cannot hold
    out = Folder("xgboost", xgb.__version__, 2e-6)
    small = {"max_depth": 3, "n_jobs": 1, "random_state": 0}

    def thresholds(booster, frame):
        t = booster.trees_to_dataframe()
        found = {}
        for f, v in zip(t["Feature"], t["Split"]):
            if f in frame.columns and not math.isnan(v):
                found.setdefault(f, []).append(float(v))
        return found

    def save(name, model, frame, forms=("pickle",), names=None, at_thresholds=True):
        booster = model if isinstance(model, xgb.Booster) else model.get_booster()
        rows = around(frame, thresholds(booster, frame)) if at_thresholds else frame
        data = xgb.DMatrix(rows, enable_categorical=True, missing=getattr(model, "missing", NAN) if not isinstance(
            model, xgb.Booster) else NAN)
        best = getattr(model, "best_iteration", None) if "stopped" in name else None
        span = {"iteration_range": (0, best + 1)} if best is not None else {}
        raw = booster.predict(data, output_margin=True, **span)
        objective = json.loads(booster.save_config())["learner"]["objective"]["name"]
        p, classes = None, []
        if objective.startswith(("binary", "multi")):
            p = booster.predict(data, **span)
            if objective == "multi:softmax":
                p = model.predict_proba(rows)
            classes = list(range(p.shape[1] if p.ndim == 2 else 2))
        contributions = None
        if booster.num_boosted_rounds() and "linear" not in name:
            contributions = booster.predict(data, pred_contribs=True, **span)
        for form in forms:
            label = name if len(forms) == 1 else name + "_" + form
            if form == "pickle":
                out.save(label, ".pkl", pickle.dumps(model), rows, raw, p, classes, contributions, names)
            elif form == "joblib":
                path = out.path / (label + ".joblib")
                joblib.dump(model, path, compress=3)
                out.save(label, ".joblib", path.read_bytes(), rows, raw, p, classes, contributions, names)
            else:
                suffix = ".model.json" if form == "json" else ".ubj"
                path = out.path / (label + (".json" if form == "json" else ".ubj"))
                model.save_model(path)
                out.save(label, suffix, path.read_bytes(), rows, raw, p, classes, contributions, names)

    forms = ("pickle", "json", "ubj", "joblib")
    save("binary", xgb.XGBClassifier(n_estimators=5, **small).fit(X, Y), ROWS, forms)
    save("multiclass", xgb.XGBClassifier(n_estimators=3, **small).fit(X, Y3), ROWS, ("pickle", "json", "ubj"))
    save("regression", xgb.XGBRegressor(n_estimators=5, **small).fit(X, T), ROWS, ("pickle", "ubj"))
    save("booster", xgb.train({"objective": "binary:logistic", "max_depth": 3}, xgb.DMatrix(X, Y), 4), ROWS,
         ("pickle", "json"))
    save("base_score", xgb.XGBClassifier(n_estimators=2, base_score=0.1, **small).fit(X, Y), ROWS)
    save("dart", xgb.XGBClassifier(n_estimators=8, booster="dart", rate_drop=0.5, **small).fit(X, Y), ROWS,
         ("pickle", "json"))
    linear = xgb.XGBClassifier(n_estimators=5, booster="gblinear", random_state=0).fit(X.fillna(0), Y)
    save("linear", linear, ROWS.fillna(0).clip(-1e6, 1e6), ("pickle", "json"), at_thresholds=False)
    save("parallel_trees", xgb.XGBClassifier(n_estimators=2, num_parallel_tree=3, subsample=0.7, **small).fit(X, Y3), ROWS)
    save("random_forest", xgb.XGBRFClassifier(n_estimators=5, **small).fit(X, Y), ROWS)
    save("pruned", xgb.XGBClassifier(n_estimators=4, gamma=3, max_depth=5, tree_method="exact").fit(X, Y), ROWS)
    save("missing_is_a_number", xgb.XGBClassifier(n_estimators=4, missing=-999.0, **small).fit(X.fillna(-999), Y),
         ROWS.fillna(-999.0), at_thresholds=False)
    save("squared_log", xgb.XGBRegressor(n_estimators=3, objective="reg:absoluteerror", **small).fit(X, T), ROWS)
    stopped = xgb.XGBClassifier(n_estimators=40, learning_rate=1.0, early_stopping_rounds=3, eval_metric="logloss", **small)
    stopped.fit(X[:200], Y[:200], eval_set=[(X[200:], Y[200:])], verbose=False)
    assert stopped.best_iteration < 36
    save("stopped_early", stopped, ROWS, ("pickle", "json"))
    sparse_pipelines(out, small)
    codes = X.assign(code=pd.Categorical(CODE % 7, categories=range(7)))
    given = ROWS.assign(code=pd.Categorical(([0, 1, 2, 3, 6, 4, None] * 9)[:len(ROWS)], categories=range(7)))
    model = xgb.XGBClassifier(n_estimators=4, enable_categorical=True, tree_method="hist", max_cat_to_onehot=1, **small)
    model.fit(codes, Y)
    rows = given.copy()
    data = xgb.DMatrix(rows, enable_categorical=True)
    booster = model.get_booster()
    out.save("codes", ".pkl", pickle.dumps(model), rows.assign(code=rows["code"].astype(float)),
             booster.predict(data, output_margin=True), booster.predict(data), [0, 1],
             booster.predict(data, pred_contribs=True))
    if NEW_XGBOOST and tuple(int(p) for p in xgb.__version__.split(".")[:2]) >= (3, 1):
        jobs = X.assign(job=pd.Categorical(JOB))
        given = ROWS.assign(job=pd.Categorical((["clerk", "chef", "nurse", "pilot", None] * 9)[:len(ROWS)]))
        model = xgb.XGBClassifier(n_estimators=4, enable_categorical=True, max_cat_to_onehot=1, **small).fit(jobs, Y)
        save("categories", model, given, ("pickle", "json", "ubj"), at_thresholds=False)


def sparse_pipelines(out, small):
    """XGBoost takes the zeros of a sparse matrix for missing values, those of a dense one for zeros."""
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import OneHotEncoder
    train = X.drop(columns="rate").assign(job=JOB, city=["c%d" % (i % 19) for i in range(len(X))])
    train["count"] = train["count"].where(train["count"] > 1, 0)
    rows = train.iloc[:30].reset_index(drop=True)
    rows["count"] = ([0, -0.0, 1, 2, 0.5, -1] * 5)[:len(rows)]
    rows.loc[:4, "job"] = ["astronaut", "chef", "", "clerk", "pilot"]
    numbers = ["age", "income", "count"]
    for name, threshold in (("sparse", 0.3), ("dense", 0.0)):
        prepare = ColumnTransformer([("hot", OneHotEncoder(handle_unknown="ignore"), ["job", "city"]),
                                     ("num", "passthrough", numbers)], sparse_threshold=threshold)
        model = Pipeline([("prepare", prepare), ("same", SimpleImputer(strategy="constant", fill_value=7.0)),
                          ("model", xgb.XGBClassifier(n_estimators=6, **small))])
        model.fit(train, Y)
        assert prepare.sparse_output_ == (name == "sparse")
        given = model[:-1].transform(rows)
        # A frame loses the sparse matrix; DMatrix keeps what the classifier would see.
        data = xgb.DMatrix(given)
        booster = model[-1].get_booster()
        raw, p = booster.predict(data, output_margin=True), booster.predict(data)
        assert np.allclose(p, model.predict_proba(rows)[:, 1], atol=1e-6)
        out.save("after_a_%s_matrix" % name, ".pkl", pickle.dumps(model), rows, raw, p, [0, 1])


def catboost_models():
    try:
        import catboost
    except ImportError:
        return  # the older environment has none
    out = Folder("catboost", catboost.__version__, 1e-14)
    small = {"iterations": 6, "depth": 3, "verbose": 0, "allow_writing_files": False, "random_seed": 0, "thread_count": 1}

    def save(name, model, frame, form="cbm"):
        borders = {}
        model.save_model("build/borders.json", format="json")
        features = json.loads(pathlib.Path("build/borders.json").read_text())["features_info"].get("float_features", [])
        for f in features:
            if f["borders"]:
                borders[frame.columns[f["flat_feature_index"]]] = f["borders"]
        rows = around(frame, borders)
        raw = model.predict(rows, prediction_type="RawFormulaVal")
        classes = list(model.classes_) if isinstance(model, catboost.CatBoostClassifier) else []
        p = model.predict_proba(rows) if len(classes) else None
        pool = catboost.Pool(rows, cat_features=model.get_cat_feature_indices())
        contributions = model.get_feature_importance(pool, type="ShapValues")
        contributions = contributions.reshape(len(rows), -1)
        if form == "cbm":
            model.save_model("build/model.cbm")
            data, suffix = pathlib.Path("build/model.cbm").read_bytes(), ".cbm"
        else:
            data, suffix = pickle.dumps(model), ".pkl"
        out.save(name, suffix, data, rows, raw, p, classes, contributions)

    rows = odd_rows()
    rows[["age", "income", "count"]] = rows[["age", "income", "count"]].fillna(1)  # refused where training had none
    rows = rows.clip(-1e30, 1e30)
    for form in ("cbm", "pickle"):
        save("binary_" + form, catboost.CatBoostClassifier(**small).fit(X, Y), rows, form)
    save("labels", catboost.CatBoostClassifier(**small).fit(X, np.where(Y == 1, "yes", "no")), rows)
    save("multiclass", catboost.CatBoostClassifier(**{**small, "iterations": 3}).fit(X, Y3), rows)
    save("one_vs_all", catboost.CatBoostClassifier(loss_function="MultiClassOneVsAll", **{**small, "iterations": 3})
         .fit(X, Y3), rows)
    save("regression", catboost.CatBoostRegressor(**small).fit(X, T), rows)
    save("missing_is_largest", catboost.CatBoostClassifier(nan_mode="Max", **small).fit(X, Y), rows)

    # One-hot features: texts, whole numbers, truth values; "nan" is a text, as people write missing categories.
    named = X.assign(job=JOB, code=CODE, owner=CODE == 40, town=["t%d" % (i % 40) for i in range(len(X))], same="x")
    named.loc[named.index[::9], "job"] = "nan"
    named.loc[named.index[::11], "job"] = "h\xf4te d\u2019accueil"
    kinds = ["job", "code", "owner", "same"]
    hot = {**small, "iterations": 12, "one_hot_max_size": 60}
    n = len(rows)
    given = rows.assign(
        job=(["chef", "clerk", "nan", "pilot", "nurse", "h\xf4te d\u2019accueil", "judge", "", "Chef", "chef "] * n)[:n],
        code=([40, 300, 0, 1, 2, 3, -40, 41, 400, 10 ** 12] * n)[:n], owner=([True, False, True] * n)[:n],
        town=["t%d" % (i % 43) for i in range(n)], same=(["x", "y"] * n)[:n])
    few, given_few = named.drop(columns="town"), given.drop(columns="town")
    one_hot = catboost.CatBoostClassifier(cat_features=kinds, **hot).fit(few, Y)
    for form in ("cbm", "pickle"):
        save("one_hot_" + form, one_hot, given_few, form)
    save("one_hot_multiclass", catboost.CatBoostClassifier(cat_features=kinds, **{**hot, "iterations": 5}).fit(few, Y3),
         given_few)
    # The numbers of a column are categories by their texts, whichever the column holds.
    save("one_hot_codes_as_texts", one_hot, given_few.assign(code=given_few["code"].astype(str)))
    only = ["town", "code"]
    by_town = T + np.where(np.arange(len(X)) % 40 < 9, 5.0 * (np.arange(len(X)) % 3), 0)
    save("one_hot_many", catboost.CatBoostRegressor(cat_features=only, **{**hot, "iterations": 40}).fit(named[only], by_town),
         given[only])
    refused = out.path / "refused"
    refused.mkdir()
    tiny = {**small, "iterations": 2}
    catboost.CatBoostClassifier(cat_features=kinds, one_hot_max_size=2, **tiny).fit(few, Y).save_model(refused / "ctr.cbm")
    catboost.CatBoostClassifier(grow_policy="Depthwise", **tiny).fit(X, Y).save_model(refused / "not_oblivious.cbm")
    catboost.CatBoostClassifier(embedding_features=["pair"], **tiny).fit(
        X.assign(pair=[[float(a), float(b)] for a, b in zip(X["age"], X["count"])]), Y).save_model(refused / "embedding.cbm")
    category_hashes(out.path)


def category_hashes(folder):
    """What CatBoost makes of texts of every length, as its own export tells: the hash, a tab, the text."""
    import catboost
    random = np.random.RandomState(7)
    letters = [chr(c) for c in list(range(32, 127)) + [0xe9, 0xfc, 0x153, 0x20ac, 0x4e2d, 0x1f600]]
    texts = ["".join(random.choice(letters, size)) for size in list(range(1, 140)) + [191, 192, 193, 256, 257, 600]]
    texts += [str(number) for number in (0, 1, -1, 7, 300, -40, 10 ** 12, 2 ** 53 - 1)]
    frame = pd.DataFrame({"text": texts * 2})
    target = np.arange(len(frame)) % 3 % 2
    pool = catboost.Pool(frame, target, cat_features=["text"])
    model = catboost.CatBoostClassifier(iterations=1, one_hot_max_size=250, verbose=0, allow_writing_files=False).fit(pool)
    model.save_model("build/hashes.json", format="json", pool=pool)
    hashes = json.loads(pathlib.Path("build/hashes.json").read_text())["features_info"]["cat_features_hash"]
    assert sorted(h["value"] for h in hashes) == sorted(texts)
    lines = sorted((h["value"], h["hash"]) for h in hashes)
    (folder / "category_hashes.tsv").write_text("".join("%d\t%s\n" % (value, text) for text, value in lines))


def main():
    lightgbm_models()
    xgboost_models()
    catboost_models()


if __name__ == "__main__":
    main()
