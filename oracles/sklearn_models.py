"""Makes tests/fixtures/sklearn: many small scikit-learn models, and what scikit-learn answers with them.

usage: sklearn_models.py

scored/NAME.pkl (or .joblib) is a model, scored/NAME.json its inputs, column by column, and the answers: the names and
values of the transformed columns, decision_function (predict for a regressor) and predict_proba. Doubles are written so
that they read back to the same bits; NaN is null, the infinities are "inf" and "-inf". Rows sit on the thresholds of
the trees, next to them, and on what training did not show: missing cells, infinities, unknown categories.
refused/NAME.pkl are models that are not read, or whose prediction would need a function of someone's own.
mlflow/ is a folder as MLflow saves it.
"""
# requirements: requirements-sklearn.txt

import copy
import io
import json
import math
import pathlib
import pickle
import shutil
import warnings

import cloudpickle
import joblib
import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
)
from sklearn.cluster import FeatureAgglomeration
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    OneHotEncoder,
    OrdinalEncoder,
    TargetEncoder,
)

warnings.simplefilter("ignore")
OUTPUT = pathlib.Path("tests/fixtures/sklearn")
NAN = float("nan")
INF = float("inf")


# Rows.

def training(rows=400, seed=7):
    """Columns of every type, with a target that depends on most of them."""
    rng = np.random.default_rng(seed)
    f = pd.DataFrame({
        "age": rng.integers(18, 70, rows),
        "income": np.round(rng.lognormal(10, 0.5, rows), 2),
        "score": np.where(rng.random(rows) < 0.2, NAN, rng.random(rows)),
        "owner": rng.random(rows) < 0.4,
        "job": rng.choice(["clerk", "driver", "nurse", "chef", "pilot"], rows, p=[0.4, 0.3, 0.2, 0.07, 0.03]),
        "city": rng.choice(np.array(["Lyon", "Nice", "Brest", None], dtype=object), rows),
        "kind": rng.choice(["A", "B"], rows),
        "rating": rng.choice([1, 2, 3], rows),
        "half": rng.choice([0.5, 1.0, 1.5, NAN], rows),
    })
    f["city"] = f["city"].where(f["city"].notna(), NAN)  # what pandas reads for an empty cell
    effect = (
        (f["age"] - 40) / 15 + np.log(f["income"]) - 10 + f["score"].fillna(0.9) * 2 + f["owner"] * 0.7
        + f["job"].map({"clerk": 0, "driver": 1, "nurse": -1, "chef": 2, "pilot": -2})
        + f["city"].map({"Lyon": 0.5, "Nice": -0.5}).fillna(0.2) + (f["kind"] == "A") + f["rating"] * 0.3
        + f["half"].fillna(-1)
    )
    noise = rng.standard_normal(rows)
    return f, (effect + noise > effect.median()).astype(int), effect + noise


X, Y, TARGET = training()
Y3 = pd.cut(TARGET, [-INF, TARGET.quantile(0.3), TARGET.quantile(0.7), INF], labels=["high", "low", "mid"]).astype(str)
NUMBERS = ["age", "income", "score", "rating", "half"]
TEXTS = ["job", "city", "kind"]


def odd_rows(unknown=True, infinite=True):
    """The first rows of the training data, then rows as no training data has them."""
    f = X.head(24).copy()
    extra = X.iloc[24:36].copy()
    extra["score"] = [NAN, INF if infinite else 1e300, -INF if infinite else -1e300, -0.0, 0.0, 5e-324, 1e308,
                      -1e308, NAN, 0.5, 0.25, 1]
    extra["income"] = [0, 1e-9, 1e12, INF if infinite else 1e15, 30000, 25000, 22026.47, 1, 2, 3, 4, 5]
    extra["city"] = [NAN, "Lyon", "Nice", "Brest", NAN, "Lyon", NAN, "Nice", "Brest", NAN, "Lyon", "Nice"]
    extra["half"] = [NAN, 0.5, 1.0, 1.5, NAN, 0.5, 1.0, 1.5, NAN, 0.5, 1.0, 1.5]
    if unknown:
        extra.loc[extra.index[:4], "job"] = ["astronaut", "", "Clerk", "nurse "]
        extra["job"] = extra["job"].where(np.arange(len(extra)) != 5, NAN)
        extra.loc[extra.index[6:9], "city"] = ["Paris", "lyon", "nan"]
        extra.loc[extra.index[2:4], "kind"] = ["C", "a"]
        extra["rating"] = [4, 0, -1, 1, 2, 3, 255, 256, 1, 2, 3, 1]
        extra.loc[extra.index[9:12], "half"] = [0.75, -0.5, 2.0]
    return pd.concat([f, extra], ignore_index=True)


def thresholds(model, frame):
    """The columns of `frame` (what the trees see, in order) set to every threshold, and one step below and above."""
    estimator = model[-1] if isinstance(model, Pipeline) else model
    found = {}
    order = np.arange(frame.shape[1])
    if getattr(estimator, "_preprocessor", None) is not None:
        mask = np.asarray(estimator.is_categorical_)
        order = np.r_[np.flatnonzero(mask), np.flatnonzero(~mask)]
    for iteration in estimator._predictors:
        for predictor in iteration:
            for node in predictor.nodes:
                if not node["is_leaf"] and not node["is_categorical"] and np.isfinite(node["num_threshold"]):
                    found.setdefault(frame.columns[order[node["feature_idx"]]], set()).add(float(node["num_threshold"]))
    return {name: sorted(v)[:8] for name, v in found.items()}


def on_thresholds(model, frame):
    """Rows of `frame` repeated with each numeric column at the trees' thresholds and their neighbours."""
    rows = []
    for name, values in thresholds(model, frame).items():
        if frame[name].dtype != np.float64:
            continue
        for i, t in enumerate(values):
            for v in (t, np.nextafter(t, -INF), np.nextafter(t, INF)):
                row = frame.iloc[[i % len(frame)]].copy()
                row[name] = v
                rows.append(row)
    return pd.concat([frame, *rows], ignore_index=True)


# Files.

def number(x):
    x = float(x)
    return None if math.isnan(x) else ("inf" if x > 0 else "-inf") if math.isinf(x) else x


def column(name, series):
    values = series.astype(object) if isinstance(series.dtype, pd.CategoricalDtype) else series
    if values.dtype == object:
        return {"name": name, "type": "text", "values": [None if pd.isna(v) else str(v) for v in values]}
    if values.dtype == bool:
        return {"name": name, "type": "boolean", "values": [int(v) for v in values]}
    if values.dtype.kind in "iu":
        return {"name": name, "type": "integer", "values": [int(v) for v in values]}
    return {"name": name, "type": "double", "values": [number(v) for v in values]}


def has_names(model):
    if isinstance(model, Pipeline):
        return any(has_names(step) for _, step in model.steps)
    return hasattr(model, "feature_names_in_")


def answers(model, frame):
    """What scikit-learn makes of the rows."""
    out = {"columns": [column(name, frame[name]) for name in frame.columns]}
    given = frame
    steps, estimator = (model, None) if hasattr(model, "transform") else (None, model)
    if isinstance(model, Pipeline) and not hasattr(model, "transform"):
        steps, estimator = model[:-1], model
    if estimator is None and isinstance(model, Pipeline):
        steps = model
    if not has_names(model):
        given = frame.to_numpy()
    if steps is not None and (not isinstance(steps, Pipeline) or len(steps)):
        transformed = steps.transform(given)
        transformed = transformed.toarray() if hasattr(transformed, "toarray") else np.asarray(transformed)
        try:
            out["transformed"] = [[number(v) for v in c] for c in transformed.astype(np.float64).T]
        except (TypeError, ValueError):
            pass  # texts that the estimator encodes itself
        try:
            out["names"] = [str(n) for n in steps.get_feature_names_out()]
        except (AttributeError, TypeError, ValueError):
            pass
    if estimator is not None:
        if hasattr(estimator, "decision_function"):
            raw = estimator.decision_function(given)
            out["raw"] = [[number(v) for v in row] for row in raw.reshape(len(frame), -1)]
            out["probabilities"] = [[number(v) for v in row] for row in estimator.predict_proba(given)]
            out["classes"] = [str(c) for c in estimator.classes_]
        else:
            out["raw"] = [[number(v)] for v in estimator.predict(given)]
            out["classes"] = []
    return out


def unplaced(function):
    """The function without the path of this script, which cloudpickle would store with its code and globals."""
    function.__globals__["__file__"] = "own.py"
    function.__code__ = function.__code__.replace(co_filename="own.py")
    return function


def cloud(model):
    return cloudpickle.dumps(model)


def protocol(n):
    return lambda model: pickle.dumps(model, protocol=n)


def joblib_dump(**options):
    def dump(model):
        buffer = io.BytesIO()
        joblib.dump(model, buffer, **options)
        return buffer.getvalue()
    return dump


def save(name, model, frame, dump=cloud, answer_with=None):
    """answer_with: the model to ask where `model` was altered into an older form of the same."""
    suffix = ".joblib" if dump.__qualname__.startswith("joblib_dump") else ".pkl"
    (OUTPUT / "scored" / (name + suffix)).write_bytes(dump(model))
    text = json.dumps({"file": name + suffix, **answers(answer_with or model, frame)}, allow_nan=False)
    (OUTPUT / "scored" / (name + ".json")).write_text(text + "\n")


def refuse(name, model, dump=cloud):
    (OUTPUT / "refused" / (name + ".pkl")).write_bytes(dump(model))


def boosting(**options):
    settings = {"max_iter": 4, "max_leaf_nodes": 7, "min_samples_leaf": 5, "early_stopping": False, "random_state": 0}
    return HistGradientBoostingClassifier(**{**settings, **options})


def regression(**options):
    settings = {"max_iter": 4, "max_leaf_nodes": 7, "min_samples_leaf": 5, "early_stopping": False, "random_state": 0}
    return HistGradientBoostingRegressor(**{**settings, **options})


# Encoders.

def one_hot(**options):
    return OneHotEncoder(**{"sparse_output": False, **options})


def encoders():
    known = X.head(30)
    save("one_hot_error", one_hot().fit(X[["job", "owner", "rating", "half", "city"]]),
         known[["job", "owner", "rating", "half", "city"]])
    odd = odd_rows()
    columns = ["job", "city", "kind", "rating", "half", "owner"]
    for drop in (None, "first", "if_binary"):
        for unknown in ("ignore", "infrequent_if_exist", "warn"):
            label = f"one_hot_{drop or 'all'}_{unknown}"
            save(label, one_hot(drop=drop, handle_unknown=unknown).fit(X[columns]), odd[columns])
            save(label + "_frequency", one_hot(drop=drop, handle_unknown=unknown, min_frequency=60).fit(X[columns]),
                 odd[columns])
    save("one_hot_share", one_hot(handle_unknown="infrequent_if_exist", min_frequency=0.1).fit(X[columns]), odd[columns])
    for most in (1, 2, 3):
        save(f"one_hot_at_most_{most}",
             one_hot(handle_unknown="infrequent_if_exist", max_categories=most, drop="if_binary").fit(X[columns]),
             odd[columns])
    save("one_hot_drop_list", one_hot(drop=["nurse", NAN, "B", 3, 1.5, True], handle_unknown="ignore").fit(X[columns]),
         odd[columns])
    save("one_hot_drop_list_frequency",
         one_hot(drop=["driver", NAN, "B", 3, 1.5, True], handle_unknown="infrequent_if_exist", min_frequency=60)
         .fit(X[columns]), odd[columns])
    given = [["pilot", "clerk", "judge"], ["Nice", "Lyon", NAN], ["B", "A"]]
    save("one_hot_given", one_hot(categories=given, handle_unknown="ignore").fit(X[TEXTS]), odd[TEXTS])
    for dtype in (np.float32, np.int64, bool, int, "float32"):
        label = dtype if isinstance(dtype, str) else dtype.__name__
        save(f"one_hot_as_{label}_{type(dtype).__name__}", one_hot(dtype=dtype, handle_unknown="ignore").fit(X[TEXTS]),
             odd[TEXTS])
    save("one_hot_sparse", OneHotEncoder(handle_unknown="ignore").fit(X[TEXTS]), odd[TEXTS])
    single = pd.DataFrame({"x": ["a", "a"], "y": [1, 2]})
    save("one_hot_single", one_hot(drop="first").fit(single), single)

    both = pd.DataFrame({"x": np.array(["a", None, NAN, "b"], dtype=object)})
    save("one_hot_none_and_nan", one_hot(handle_unknown="ignore").fit(both),
         pd.DataFrame({"x": np.array(["a", NAN, "b", "c"], dtype=object)}))
    none = pd.DataFrame({"x": np.array(["a", None, "b", None], dtype=object)})
    # A file has no None: pandas reads its missing cells as NaN, which is another category.
    save("one_hot_none", one_hot(handle_unknown="ignore").fit(none), none.fillna(NAN))
    save("one_hot_booleans_and_nan",
         one_hot(handle_unknown="ignore").fit(pd.DataFrame({"x": np.array([True, False, NAN], dtype=object)})),
         pd.DataFrame({"x": np.array([True, NAN, False], dtype=object)}))
    floats = [0.1, 1e16, 1e-5, 123456789.0, 16777216.0, 3.0, 1.5e-4, 1e15, -2.25, 1e300]
    wide = pd.DataFrame({"x": floats * 2, "y": np.array([v if v < 1e30 else 1e30 for v in floats] * 2, dtype=np.float32)})
    save("one_hot_float_names", one_hot().fit(wide), wide.astype(float))
    rare = pd.concat([wide, wide.head(4)])
    save("one_hot_float_names_frequency", one_hot(min_frequency=3, handle_unknown="infrequent_if_exist").fit(rare),
         rare.astype(float))
    big = pd.DataFrame({"x": [2**53, 2**60, -7, 0]})
    save("one_hot_integers", one_hot(handle_unknown="ignore").fit(big), big)
    clash = pd.DataFrame({"a": ["b_c", "d"], "a_b": ["c", "d"]})
    save("one_hot_same_names", one_hot().fit(clash), clash)
    save("one_hot_without_names", one_hot(handle_unknown="ignore").fit(X[TEXTS].to_numpy()), odd[TEXTS].rename(
        columns={"job": "x0", "city": "x1", "kind": "x2"}))

    save("ordinal_error", OrdinalEncoder().fit(X[columns]), known[columns])
    use = {"handle_unknown": "use_encoded_value"}
    save("ordinal_nan", OrdinalEncoder(**use, unknown_value=NAN).fit(X[columns]), odd[columns])
    save("ordinal_values", OrdinalEncoder(**use, unknown_value=-1, encoded_missing_value=-2).fit(X[columns]), odd[columns])
    save("ordinal_missing_is_unknown", OrdinalEncoder(**use, unknown_value=-1, encoded_missing_value=-1).fit(X[columns]),
         odd[columns])
    save("ordinal_frequency", OrdinalEncoder(**use, unknown_value=-1, min_frequency=60).fit(X[columns]), odd[columns])
    save("ordinal_at_most_2", OrdinalEncoder(**use, unknown_value=NAN, encoded_missing_value=99, max_categories=2)
         .fit(X[columns]), odd[columns])
    save("ordinal_float32", OrdinalEncoder(**use, unknown_value=-1, encoded_missing_value=0.1 + 50, dtype=np.float32)
         .fit(X[columns]), odd[columns])
    for dtype in (np.int32, np.int64, np.int8, np.dtype("uint16")):
        save(f"ordinal_{np.dtype(dtype).name}_{type(dtype).__name__}",
             OrdinalEncoder(**use, unknown_value=100, encoded_missing_value=101, dtype=dtype).fit(X[columns]),
             odd[columns])
    only_nan = pd.DataFrame({"x": [NAN, NAN]})
    save("ordinal_only_nan", OrdinalEncoder(**use, unknown_value=-1, encoded_missing_value=-3).fit(only_nan),
         pd.DataFrame({"x": [NAN, 1.0]}))

    save("target_binary", TargetEncoder(random_state=0).fit(X[columns], Y), odd[columns])
    save("target_continuous", TargetEncoder(random_state=0, smooth=3.0).fit(X[columns], TARGET), odd[columns])
    save("target_classes", TargetEncoder(random_state=0).fit(X[columns], Y3), odd[columns])
    save("target_text_classes", TargetEncoder(random_state=0).fit(X[columns], np.where(Y == 1, "yes", "no")), odd[columns])


# Column transformers.

class Forgetful:
    """Takes out of a fitted ColumnTransformer what older versions do not keep."""

    def __new__(cls, model, *attributes):
        model = copy.deepcopy(model)
        for attribute in attributes:
            delattr(model, attribute)
        return model


def column_transformers():
    odd = odd_rows()
    encoder = lambda: one_hot(handle_unknown="ignore")  # noqa: E731
    forms = {
        "names": [("cat", encoder(), ["kind", "job"]), ("num", "passthrough", ["income", "age"])],
        "positions": [("cat", encoder(), [6, 4]), ("num", "passthrough", [1, -9]), ("one", "passthrough", [7])],
        "slices": [("cat", encoder(), slice("job", "kind")), ("num", "passthrough", slice(0, 3)),
                   ("end", "passthrough", slice(-2, None)), ("step", "drop", slice(None, None, 2))],
        "masks": [("cat", encoder(), [n in TEXTS for n in X.columns]),
                  ("num", "passthrough", np.array([n in NUMBERS for n in X.columns]))],
        "arrays": [("cat", encoder(), np.array(TEXTS)), ("num", "passthrough", np.array([0, 1])),
                   ("none", encoder(), [])],
        "selectors": [("cat", encoder(), make_column_selector(dtype_include=object)),
                      ("num", "passthrough", make_column_selector(dtype_include=np.number)),
                      ("bool", "passthrough", unplaced(lambda f: ["owner"]))],
        "index": [("cat", encoder(), X.columns[4:7]), ("num", "passthrough", X.columns[:2])],
    }
    for form, parts in forms.items():
        for remainder in ("drop", "passthrough"):
            if form in ("index", "arrays") and remainder == "passthrough":
                continue
            if remainder == "passthrough" and form not in ("selectors", "masks"):
                parts = [*parts, ("rest", "drop", TEXTS)] if form != "slices" else parts
            model = ColumnTransformer(parts, remainder=remainder).fit(X)
            save(f"columns_{form}_{remainder}", model, odd)
            if form != "index":
                save(f"columns_{form}_{remainder}_unresolved", Forgetful(model, "_transformer_to_input_indices"), odd,
                     answer_with=model)
    save("columns_rest_encoded", ColumnTransformer([("num", "passthrough", NUMBERS), ("no", "drop", ["owner"])],
                                                   remainder=encoder()).fit(X), odd)
    save("columns_rest_as_given", ColumnTransformer([("cat", encoder(), TEXTS)], remainder="passthrough",
                                                    force_int_remainder_cols=False).fit(X), odd)
    both = [("cat", encoder(), TEXTS), ("num", "passthrough", NUMBERS)]
    save("columns_bare_names", ColumnTransformer(both, verbose_feature_names_out=False).fit(X), odd)
    save("columns_format", ColumnTransformer(both, verbose_feature_names_out="<{transformer_name}|{feature_name}>").fit(X),
         odd)
    save("columns_format_bare", ColumnTransformer(both, verbose_feature_names_out="f:{feature_name}").fit(X), odd)
    save("columns_weights", ColumnTransformer(both, transformer_weights={"num": 0.1, "cat": 3}).fit(X), odd)
    save("columns_sparse", ColumnTransformer([("cat", OneHotEncoder(handle_unknown="ignore"), TEXTS),
                                              ("age", "passthrough", ["age"])], sparse_threshold=1.0).fit(X), odd)
    save("columns_extra_and_reordered", ColumnTransformer(both).fit(X), odd[list(reversed(odd.columns))].assign(more=1.5))
    inner = ColumnTransformer([("job", encoder(), ["job"]), ("rest", "passthrough", ["rating"])])
    save("columns_nested", ColumnTransformer([("in", inner, ["rating", "job"]), ("age", "passthrough", ["age"])]).fit(X),
         odd)
    piped = Pipeline([("same", "passthrough"), ("code", OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)),
                      ("keep", FunctionTransformer(feature_names_out="one-to-one")),
                      ("hot", one_hot(handle_unknown="ignore"))])
    save("columns_piped", ColumnTransformer([("p", piped, ["kind", "rating"]), ("age", "passthrough", ["age"])]).fit(X), odd)
    save("columns_pandas", ColumnTransformer(both).set_output(transform="pandas").fit(X), odd)
    arrays = ColumnTransformer([("cat", encoder(), [0, 1]), ("num", "passthrough", [2])])
    save("columns_without_names", arrays.fit(X[["job", "kind", "income"]].to_numpy()),
         odd[["job", "kind", "income"]].set_axis(["x0", "x1", "x2"], axis=1).astype({"x2": float}))
    two = Pipeline([("first", ColumnTransformer([("cat", OrdinalEncoder(handle_unknown="use_encoded_value",
                                                                        unknown_value=-1), TEXTS),
                                                 ("num", "passthrough", NUMBERS)])),
                    ("second", ColumnTransformer([("hot", one_hot(handle_unknown="ignore"), [2, 0]),
                                                  ("rest", "passthrough", slice(3, 6))]))])
    save("columns_twice", two.fit(X), odd)
    two_pandas = Pipeline([("first", ColumnTransformer([("cat", OrdinalEncoder(handle_unknown="use_encoded_value",
                                                                               unknown_value=-1), TEXTS),
                                                        ("num", "passthrough", NUMBERS)], verbose_feature_names_out=False)),
                           ("second", ColumnTransformer([("hot", one_hot(handle_unknown="ignore"), ["kind", "job"]),
                                                         ("rest", "passthrough", ["score"])]))])
    save("columns_twice_pandas", two_pandas.set_output(transform="pandas").fit(X), odd)


# Gradient boosting.

def older_nodes(model, changes, order="="):
    """The same trees in another layout of their records: {field: type}, and a byte order."""
    model = copy.deepcopy(model)
    estimator = model[-1] if isinstance(model, Pipeline) else model
    for iteration in estimator._predictors:
        for predictor in iteration:
            names = predictor.nodes.dtype.names
            fields = [(n, changes.get(n, predictor.nodes.dtype[n].str)) for n in names]
            dtype = np.dtype(fields).newbyteorder(order)
            # Cast by hand: the predictor itself would put the layout of this version back.
            predictor.__dict__["nodes"] = predictor.nodes.astype(dtype)
    return model


def gradient_boosting():
    odd = odd_rows()
    numeric = odd[NUMBERS].astype(float)
    model = boosting().fit(X[NUMBERS].astype(float), Y)
    rows = on_thresholds(model, numeric)
    save("boosting_numbers", model, rows)
    for n in (2, 3, 4, 5):
        save(f"boosting_protocol_{n}", model, numeric, protocol(n))
    save("boosting_joblib", model, numeric, joblib_dump())
    save("boosting_joblib_zlib", model, numeric, joblib_dump(compress=3))
    save("boosting_nodes_v52", older_nodes(model, {"feature_idx": "<u4"}), numeric, answer_with=model)
    save("boosting_nodes_big_endian", older_nodes(model, {}, ">"), numeric, answer_with=model)
    save("boosting_nodes_wide", older_nodes(model, {"left": "<i8", "right": "<i8", "count": "<f8", "is_leaf": "?",
                                                    "value": "<f8"}), numeric, answer_with=model)
    scalar = copy.deepcopy(model)
    scalar._baseline_prediction = np.float64(scalar._baseline_prediction[0, 0])
    save("boosting_baseline_scalar", scalar, numeric, answer_with=model)
    save("boosting_array", boosting().fit(X[NUMBERS].to_numpy(dtype=float), Y),
         numeric.set_axis([f"x{i}" for i in range(5)], axis=1))
    save("boosting_text_classes", boosting().fit(X[NUMBERS].astype(float), np.where(Y == 1, "bad", "good")), numeric)
    save("boosting_boolean_classes", boosting().fit(X[NUMBERS].astype(float), Y == 1), numeric)
    save("boosting_balanced", boosting(class_weight="balanced", l2_regularization=0.97, learning_rate=0.1315)
         .fit(X[NUMBERS].astype(float), Y), numeric)
    save("boosting_stopped_early",
         boosting(early_stopping=True, scoring=unplaced(lambda estimator, x, y: 0.5), n_iter_no_change=2)
         .fit(X[NUMBERS].astype(float), Y), numeric)
    save("boosting_scorer_by_name", boosting(early_stopping=True, scoring="roc_auc").fit(X[NUMBERS].astype(float), Y),
         numeric)
    save("boosting_constrained", boosting(monotonic_cst={"age": 1}, interaction_cst="pairwise", max_features=0.5)
         .fit(X[NUMBERS].astype(float), Y), numeric)

    classes = boosting(max_iter=3).fit(X[NUMBERS].astype(float), Y3)
    save("boosting_three_classes", classes, on_thresholds(classes, numeric))
    column_baseline = copy.deepcopy(classes)
    column_baseline._baseline_prediction = column_baseline._baseline_prediction.T.copy()
    save("boosting_three_classes_column_baseline", column_baseline, numeric, answer_with=classes)
    for loss in ("squared_error", "absolute_error", "quantile"):
        options = {"quantile": 0.3} if loss == "quantile" else {}
        model = regression(loss=loss, **options).fit(X[NUMBERS].astype(float), TARGET)
        save(f"boosting_{loss}", model, on_thresholds(model, numeric))

    # Categories: columns of texts and of numbers between others, so that the order must be undone.
    finite = odd_rows(infinite=True)
    named = ["age", "job", "income", "city", "score", "rating", "half"]
    model = boosting(categorical_features=["job", "city", "rating"]).fit(X[named], Y)
    save("boosting_categories", model, on_thresholds(model, finite[named]))
    model = boosting(categorical_features=[1, 3, 5]).fit(X[named], Y)
    save("boosting_categories_by_position", model, finite[named])
    typed = X[named].astype({"job": "category", "city": "category"})
    save("boosting_categories_by_type", boosting(categorical_features="from_dtype").fit(typed, Y),
         finite[named].astype({"job": pd.CategoricalDtype(typed["job"].cat.categories),
                               "city": pd.CategoricalDtype(typed["city"].cat.categories)}))
    model = boosting(categorical_features=[1, 3, 5], max_iter=3).fit(X[named], Y3)
    save("boosting_categories_three_classes", model, finite[named])
    model = regression(categorical_features=["job", "half"]).fit(X[["age", "half", "job"]], TARGET)
    save("boosting_categories_regressor", model, odd_rows(infinite=False)[["age", "half", "job"]])

    codes = pd.DataFrame({"code": np.r_[np.arange(40) % 7, np.full(10, NAN), np.arange(150) % 7].astype(float),
                          "x": np.random.default_rng(1).random(200)})
    y = ((codes["code"].fillna(9) % 3 == 1) ^ (codes["x"] > 0.8)).astype(int)
    model = boosting(categorical_features=[0]).fit(codes.to_numpy(), y)
    strange = pd.DataFrame({"x0": [0, 1, 2, 3, 4, 5, 6, 7, -1, 0.5, 255, 256, 263, 1e9, NAN, -0.0],
                            "x1": np.linspace(0, 1, 16)})
    save("boosting_codes", model, strange)
    # Before 1.4 there was no encoder inside: codes went to the trees as they were.
    old = copy.deepcopy(model)
    old._preprocessor = None
    save("boosting_codes_without_encoder", old, strange)
    older = copy.deepcopy(old)
    del older._preprocessor
    save("boosting_codes_v1_0", older_nodes(older, {"feature_idx": "<u4"}), strange, answer_with=old)

    # One known category and missing cells: the split is on missing alone, and its set of categories is number 0.
    lone = pd.DataFrame({"lone": np.where(np.arange(200) % 3 == 0, NAN, 4.0), "code": np.arange(200) % 5})
    y = (np.arange(200) % 3 == 0) ^ (np.arange(200) % 5 == 2)
    model = boosting(categorical_features=[0, 1], max_iter=8).fit(lone, y.astype(int))
    save("boosting_lone_category", model, pd.DataFrame({"lone": [4.0, NAN, 5.0, 4.0, NAN, 0.0], "code": [0, 1, 2, 3, 4, 9]}))
    many = pd.DataFrame({"c": np.arange(1000) % 250, "x": np.random.default_rng(2).random(1000)})
    y = ((many["c"] * 7919) % 13 < 6).astype(int)
    model = boosting(categorical_features=[0], max_iter=3).fit(many, y)
    save("boosting_many_categories", model, pd.DataFrame({"c": np.arange(0, 260, 3), "x": np.linspace(0, 1, 87)}))


# Pipelines.

def usual(classifier, **options):
    encoder = ColumnTransformer([("cat", one_hot(drop="if_binary", handle_unknown="ignore"), TEXTS)],
                                remainder="passthrough", verbose_feature_names_out=False)
    return Pipeline([("preprocessor", encoder), ("classifier", classifier)], **options)


def pipelines():
    odd = odd_rows()
    model = usual(boosting()).set_output(transform="pandas").fit(X, Y)
    save("pipeline", model, odd)
    save("pipeline_joblib", model, odd, joblib_dump(compress=("xz", 3)))
    save("pipeline_protocol_2", model, odd, protocol(2))
    save("pipeline_regressor", usual(regression()).fit(X, TARGET), odd)
    save("pipeline_three_classes", usual(boosting(max_iter=2)).fit(X, Y3), odd)
    outer = Pipeline([("nothing", "passthrough"), ("none", None), ("model", usual(boosting()))]).fit(X, Y)
    save("pipeline_nested", outer, odd)
    target = ColumnTransformer([("target", TargetEncoder(random_state=0), ["job", "city"]),
                                ("num", "passthrough", NUMBERS)])
    save("pipeline_target", Pipeline([("prepare", target), ("classifier", boosting())]).fit(X, Y), odd)
    ordinal = ColumnTransformer([("num", "passthrough", ["age", "score"]),
                                 ("cat", OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=NAN), TEXTS)])
    native = Pipeline([("prepare", ordinal), ("classifier", boosting(categorical_features=[2, 3, 4]))]).fit(X, Y)
    save("pipeline_native", native, odd)
    texts = ColumnTransformer([("keep", "passthrough", ["age", "job", "score", "city"])], verbose_feature_names_out=False)
    through = Pipeline([("keep", texts), ("classifier", boosting(categorical_features=["job", "city"]))])
    save("pipeline_texts_to_trees", through.set_output(transform="pandas").fit(X, Y), odd)
    save("pipeline_of_transformers", Pipeline([("code", OrdinalEncoder(handle_unknown="use_encoded_value",
                                                                       unknown_value=7)),
                                               ("hot", one_hot(handle_unknown="ignore"))]).fit(X[TEXTS]), odd[TEXTS])


# Models that are refused.

def own_function(values):
    return values * 2


def refusals():
    numbers = X[["age", "income"]]
    both = [("cat", one_hot(), TEXTS), ("num", "passthrough", ["age"])]
    refuse("neighbors", KNeighborsClassifier().fit(numbers.head(9), Y[:9]))
    refuse("pipeline_neighbors", usual(KNeighborsClassifier(2)).fit(X.dropna().head(9), Y[:9]))
    refuse("cluster", Pipeline([("group", FeatureAgglomeration(2)), ("classifier", boosting())]).fit(numbers, Y))
    refuse("cluster_in_columns", usual(boosting()).set_params(preprocessor=ColumnTransformer(
        [("num", Pipeline([("group", FeatureAgglomeration(2))]), ["age", "income"])])).fit(X, Y))
    refuse("function_by_reference", Pipeline([("fill", FunctionTransformer(np.nan_to_num)), ("c", boosting())])
           .fit(numbers, Y))
    refuse("function_by_value", Pipeline([("double", FunctionTransformer(unplaced(own_function))), ("c", boosting())])
           .fit(numbers, Y))
    refuse("function_validated", Pipeline([("same", FunctionTransformer(validate=True)), ("c", boosting())])
           .fit(numbers, Y))
    refuse("function_with_keywords", Pipeline([("root", FunctionTransformer(np.sqrt, kw_args={"where": True})),
                                               ("c", boosting())]).fit(numbers, Y))
    refuse("poisson", regression(loss="poisson").fit(numbers, np.abs(TARGET)))
    refuse("gamma", regression(loss="gamma").fit(numbers, np.abs(TARGET) + 1))
    refuse("not_fitted", Pipeline([("prepare", ColumnTransformer(both)), ("classifier", boosting())]))
    refuse("boosting_not_fitted", boosting())
    refuse("names_by_function", one_hot(feature_name_combiner=unplaced(lambda feature, category: f"{feature}={category}"))
           .fit(X[["kind"]]))
    refuse("verbose_names_by_function", ColumnTransformer(both, verbose_feature_names_out=unplaced(lambda a, b: a + b)).fit(X))
    refuse("a_dictionary", {"model": boosting().fit(numbers, Y)})
    refuse("an_array", np.arange(3))

    class Mine(FunctionTransformer):
        pass

    refuse("class_by_value", Pipeline([("mine", Mine()), ("c", boosting())]).fit(numbers, Y))


def altered(model, path, change):
    """A copy of the model in which change() was done to the object at that path of attributes and indices."""
    model = copy.deepcopy(model)
    target = model
    for step in path:
        target = getattr(target, step) if isinstance(step, str) else target[step]
    change(target)
    return model


def put(**attributes):
    return lambda target: target.__dict__.update(attributes)


def put_node(index, field, value):
    """Sets one field of one node of the first tree."""
    def change(predictors):
        nodes = predictors[0][0].nodes
        if np.dtype(type(value)).kind == "f":
            nodes = nodes.astype([(n, "<f8" if n == field else nodes.dtype[n].str) for n in nodes.dtype.names])
        nodes[field][index] = value
        predictors[0][0].__dict__["nodes"] = nodes
    return change


def chain_of(tests):
    """Makes the first tree one of as many tests below each other, each with a leaf to its left."""
    def change(predictors):
        old = predictors[0][0].nodes
        nodes = np.zeros(2 * tests + 1, old.dtype)
        nodes[::2] = old[np.flatnonzero((old["is_leaf"] == 0) & (old["is_categorical"] == 0))[0]]
        nodes[1::2] = old[np.flatnonzero(old["is_leaf"])[0]]
        nodes[-1] = nodes[1]
        nodes["left"][:-1:2] = np.arange(1, 2 * tests, 2)
        nodes["right"][:-1:2] = np.arange(2, 2 * tests + 1, 2)
        predictors[0][0].__dict__["nodes"] = nodes
    return change


def broken():
    """Models whose parts do not fit together: no library writes them, a hand or a fault can."""
    hot = one_hot(handle_unknown="infrequent_if_exist", min_frequency=60, drop="first").fit(X[TEXTS])
    refuse("broken_categories_twice", altered(hot, ["categories_"], lambda c: c.__setitem__(1, np.array(["a", "a"], object))))
    refuse("broken_category_type", altered(hot, ["categories_"], lambda c: c.__setitem__(1, np.array([b"a"], object))))
    refuse("broken_no_categories", altered(hot, [], lambda m: m.__dict__.pop("categories_")))
    refuse("broken_categories_kind", altered(hot, [], put(categories_="auto")))
    refuse("broken_drop", altered(hot, ["_drop_idx_after_grouping"], lambda d: d.__setitem__(0, 17)))
    refuse("broken_drop_count", altered(hot, [], put(_drop_idx_after_grouping=np.array([0], object))))
    refuse("broken_drop_text", altered(hot, ["_drop_idx_after_grouping"], lambda d: d.__setitem__(0, "a")))
    refuse("broken_grouping", altered(hot, ["_default_to_infrequent_mappings"], lambda m: m.__setitem__(0, np.arange(3))))
    refuse("broken_grouping_range", altered(hot, ["_default_to_infrequent_mappings", 0], lambda m: m.__setitem__(0, 99)))
    refuse("broken_grouping_count", altered(hot, ["_default_to_infrequent_mappings"], lambda m: m.pop()))
    refuse("broken_handle_unknown", altered(hot, [], put(handle_unknown="shrug")))
    ordinal = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1).fit(X[TEXTS])
    refuse("broken_missing_indices", altered(ordinal, ["_missing_indices"], lambda m: m.__setitem__(1, 0)))
    refuse("broken_unknown_value", altered(ordinal, [], put(unknown_value=None)))
    refuse("broken_ordinal_dtype", altered(ordinal, [], put(dtype=np.complex128)))
    small = OrdinalEncoder(dtype=np.int8).fit(pd.DataFrame({"x": np.arange(300)}))
    refuse("broken_ordinal_overflow", small)
    target = TargetEncoder(random_state=0).fit(X[TEXTS], Y)
    refuse("broken_encodings", altered(target, ["encodings_"], lambda e: e.__setitem__(0, np.zeros(2))))
    refuse("broken_encodings_count", altered(target, ["encodings_"], lambda e: e.pop()))
    refuse("broken_target_type", altered(target, [], put(target_type_="ranks")))
    columns = ColumnTransformer([("cat", one_hot(), TEXTS), ("num", "passthrough", ["age"])]).fit(X)
    refuse("broken_columns", altered(columns, ["_transformer_to_input_indices"], lambda t: t.__setitem__("cat", [4, 5])))
    refuse("broken_columns_range", altered(columns, ["_transformer_to_input_indices"], lambda t: t.__setitem__("num", [9])))
    refuse("broken_columns_twice", altered(columns, ["_transformer_to_input_indices"],
                                           lambda t: t.__setitem__("cat", [4, 5, 4])))
    unresolved = Forgetful(columns, "_transformer_to_input_indices")
    refuse("broken_columns_name", altered(unresolved, ["transformers_"],
                                          lambda t: t.__setitem__(1, ("num", "passthrough", ["weight"]))))
    refuse("broken_columns_mask", altered(unresolved, ["transformers_"],
                                          lambda t: t.__setitem__(1, ("num", "passthrough", [True]))))
    refuse("broken_columns_kind", altered(unresolved, ["transformers_"],
                                          lambda t: t.__setitem__(1, ("num", "passthrough", 1.5))))
    refuse("broken_columns_part", altered(columns, ["transformers_"], lambda t: t.__setitem__(1, ("num", "passthrough"))))
    refuse("broken_names", altered(columns, ["feature_names_in_"], lambda n: n.__setitem__(0, "job")))
    refuse("broken_names_kind", altered(columns, ["feature_names_in_"], lambda n: n.__setitem__(0, 3)))
    cyclic = altered(columns, [], lambda m: m.transformers_.__setitem__(0, ("self", m, TEXTS)))
    refuse("broken_cycle", cyclic)
    deep = one_hot().fit(X[["kind"]])
    for i in range(40):
        deep = Pipeline([(f"level{i}", deep)])
    refuse("broken_depth", deep)

    named = X[["age", "job", "score"]]
    model = boosting(categorical_features=["job"]).fit(named, Y)
    first = model._predictors[0][0].nodes
    inner = int(np.flatnonzero((first["is_leaf"] == 0) & (first["is_categorical"] == 0))[0])
    leaf = int(np.flatnonzero(first["is_leaf"])[0])
    split = next((i, j) for i, it in enumerate(model._predictors) for j in np.flatnonzero(it[0].nodes["is_categorical"]))
    trees = ["_predictors"]
    refuse("broken_deep_tree", altered(model, trees, chain_of(600)))
    refuse("broken_node_child", altered(model, trees, put_node(inner, "left", 999)))
    refuse("broken_node_cycle", altered(model, trees, put_node(inner, "left", 0)))
    refuse("broken_node_feature", altered(model, trees, put_node(inner, "feature_idx", 3)))
    refuse("broken_node_negative_feature", altered(model, trees, put_node(inner, "feature_idx", -1)))
    refuse("broken_node_fraction", altered(model, trees, put_node(inner, "right", 2.5)))
    refuse("broken_node_cover", altered(model, trees, put_node(leaf, "count", 0)))
    refuse("broken_node_value", altered(model, trees, put_node(leaf, "value", NAN)))
    refuse("broken_node_threshold", altered(model, trees, put_node(inner, "num_threshold", NAN)))
    refuse("broken_node_numeric_category", altered(model, trees, put_node(inner, "is_categorical", 1)))
    refuse("broken_node_set", altered(model, trees + [split[0], 0, "nodes"],
                                      lambda nodes: nodes["bitset_idx"].__setitem__(split[1], 77)))
    refuse("broken_node_fields", altered(model, trees + [0, 0],
                                         lambda p: p.__dict__.update(nodes=p.nodes[["value", "count"]].copy())))
    refuse("broken_nodes", altered(model, trees + [0, 0], lambda p: p.__dict__.update(nodes=np.zeros(3))))
    refuse("broken_sets", altered(model, trees + [0, 0],
                                  lambda p: p.__dict__.update(raw_left_cat_bitsets=np.zeros((1, 7), np.uint32))))
    refuse("broken_iteration", altered(model, trees, lambda t: t[0].append(t[1][0])))
    refuse("broken_baseline", altered(model, [], put(_baseline_prediction=np.array([[NAN]]))))
    refuse("broken_baseline_type", altered(model, [], put(_baseline_prediction=np.zeros((1, 1), np.float32))))
    refuse("broken_classes", altered(model, [], put(classes_=np.array([0, 1, 2]))))
    refuse("broken_one_class", altered(model, [], put(classes_=np.array([0]))))
    refuse("broken_bins", altered(model, ["_bin_mapper", "bin_thresholds_"], lambda b: b.pop()))
    refuse("broken_known_category", altered(model, ["_bin_mapper", "bin_thresholds_"],
                                            lambda b: b.__setitem__(0, np.array([300.0]))))
    parts = ["_preprocessor", "transformers_"]
    refuse("broken_inner_encoder", altered(model, parts, lambda t: t.__setitem__(
        0, ("encoder", one_hot().fit(named[["job"]]), np.array([False, True, False])))))
    refuse("broken_inner_columns", altered(model, parts, lambda t: t.__setitem__(
        1, ("numerical", "passthrough", np.array([True, True, False])))))
    refuse("broken_inner_missing", altered(model, parts, lambda t: t.pop()))
    refuse("broken_feature_count", altered(usual(boosting()).fit(X, Y), ["steps", 1, 1], put(n_features_in_=15)))


def mlflow_folder():
    import mlflow.models
    import mlflow.sklearn

    model = usual(boosting()).fit(X, Y)
    signature = mlflow.models.infer_signature(X.astype({"age": float, "rating": float}), model.predict_proba(X))
    shutil.rmtree(OUTPUT / "mlflow", ignore_errors=True)
    mlflow.sklearn.save_model(model, OUTPUT / "mlflow", signature=signature, metadata={"optimal_threshold": 0.25},
                              pyfunc_predict_fn="predict_proba", pip_requirements=["scikit-learn==1.6.1"])


def main():
    for part in ("scored", "refused"):
        shutil.rmtree(OUTPUT / part, ignore_errors=True)
        (OUTPUT / part).mkdir(parents=True)
    encoders()
    column_transformers()
    gradient_boosting()
    pipelines()
    refusals()
    broken()
    mlflow_folder()


if __name__ == "__main__":
    main()
