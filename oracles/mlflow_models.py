"""Makes tests/fixtures/versions/mlflow-VERSION: folders as mlflow.sklearn, mlflow.lightgbm, mlflow.xgboost and
mlflow.pyfunc save them, and what the models answer. See oracles/version_models.py.

usage: mlflow_models.py

NAME/ is a folder, NAME.json its rows and answers ("file" is the folder). refused/NAME/ are folders that are not read.
"""
# requirements: requirements-mlflow-models-1.txt python3.9
# requirements: requirements-mlflow-models-2.txt python3.12
# requirements: requirements-mlflow-models-3.txt python3.13

import json
import pathlib
import shutil
import tempfile
import warnings

import lightgbm as lgb
import mlflow
import mlflow.lightgbm
import mlflow.pyfunc
import mlflow.sklearn
import mlflow.xgboost
import numpy as np
import pandas as pd
import xgboost as xgb
from mlflow.models.signature import infer_signature
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import version_models as models

warnings.simplefilter("ignore")
VERSION = mlflow.__version__
OLD = int(VERSION.split(".")[0])
OUTPUT = pathlib.Path("tests/fixtures/versions") / ("mlflow-" + VERSION)
X, Y = models.X, models.Y
MIXED = models.MIXED
ROWS = pd.concat([models.GAPS, models.GAPS], ignore_index=True)
MIXED_ROWS = ROWS.assign(job=(["clerk", "chef", "nurse", "pilot"] * len(ROWS))[:len(ROWS)])


class Custom(mlflow.pyfunc.PythonModel):
    """A model of someone's own: code."""

    def predict(self, context, model_input, params=None):
        return np.zeros(len(model_input))


def plain(folder):
    """Without what differs in every run or is of no use: identifiers, times, the example, this machine's packages."""
    for name in ("conda.yaml", "python_env.yaml", "requirements.txt", "registered_model_meta"):
        (folder / name).unlink(missing_ok=True)
    text = (folder / "MLmodel").read_text()
    lines = []
    for line in text.splitlines():
        for key, value in (("model_uuid:", "0123456789abcdef0123456789abcdef"), ("model_id:", "null"),
                           ("utc_time_created:", "'2026-01-01 00:00:00.000000'")):
            if line.startswith(key):
                line = key + " " + value
        lines.append(line)
    (folder / "MLmodel").write_text("\n".join(lines) + "\n")


def save(name, module, model, frame, rows, raw, p, classes=("0", "1"), tolerance=0.0, **options):
    folder = OUTPUT / name
    if options.get("serialization_format") == "skops":
        import skops.io
        options["skops_trusted_types"] = skops.io.get_untrusted_types(data=skops.io.dumps(model))
    signature = infer_signature(frame, np.asarray(Y, dtype=np.int64))
    module.save_model(model, str(folder), signature=signature, pip_requirements=[], **options)
    plain(folder)
    # Its own reader answers, not the model in memory.
    loaded = module.load_model(str(folder))
    assert type(loaded).__name__ == type(model).__name__
    out = {"file": name, "tolerance": tolerance, "columns": models.columns_of(rows, model), "raw": models.table(raw(loaded)),
           "classes": list(classes)}
    for column, title in zip(out["columns"], rows.columns):
        column["name"] = title
    if p is not None:
        answers = np.asarray(p(loaded), dtype=float)
        out["probabilities"] = models.table(np.column_stack([1 - answers, answers]) if answers.ndim == 1 else answers)
    if "metadata" in options:
        out["threshold"] = options["metadata"]["optimal_threshold"]
    (OUTPUT / (name + ".json")).write_text(json.dumps(out, allow_nan=False, separators=(",", ":")) + "\n")


def main():
    shutil.rmtree(OUTPUT, ignore_errors=True)
    OUTPUT.mkdir(parents=True)
    hot = {"sparse_output": False} if models.OLD >= (1, 2) else {"sparse": False}
    prepare = ColumnTransformer([
        ("num", Pipeline([("fill", SimpleImputer()), ("scale", StandardScaler())]), list(X.columns)),
        ("job", OneHotEncoder(handle_unknown="ignore", **hot), ["job"])])
    logistic = Pipeline([("prepare", prepare), ("model", LogisticRegression())]).fit(MIXED, Y)
    small = {"random_state": 0, "max_depth": 3}
    forest = RandomForestClassifier(n_estimators=4, **small).fit(X, Y)
    hist = HistGradientBoostingClassifier(max_iter=4, min_samples_leaf=5, **small).fit(models.HOLES, Y)
    given = ROWS.dropna().reset_index(drop=True)

    def margin(rows):
        return lambda model: model.decision_function(rows)

    def chances(rows):
        return lambda model: model.predict_proba(rows)

    def positive(rows):
        return lambda model: model.predict_proba(rows)[:, 1]

    metadata = {"metadata": {"optimal_threshold": 0.4, "note": "é: ü"}} if OLD >= 2 else {}
    answer = {"pyfunc_predict_fn": "predict_proba"} if OLD >= 2 else {}
    code = pathlib.Path(tempfile.mkdtemp()) / "p7_utils.py"
    code.write_text("raise SystemExit('never run')\n")
    ways = ["pickle", "cloudpickle"] + (["skops"] if OLD >= 3 else [])
    for way in ways:
        save("sklearn_" + way, mlflow.sklearn, logistic, MIXED, MIXED_ROWS, margin(MIXED_ROWS), chances(MIXED_ROWS),
             tolerance=1e-12, serialization_format=way, **metadata, **answer)
        save("hist_" + way, mlflow.sklearn, hist, models.HOLES, ROWS, margin(ROWS), chances(ROWS),
             serialization_format=way)
    save("forest_with_code", mlflow.sklearn, forest, X, given, positive(given), chances(given),
         serialization_format="pickle", code_paths=[str(code)])

    lights = {"num_leaves": 7, "min_child_samples": 5, "verbose": -1, "n_jobs": 1}
    classifier = lgb.LGBMClassifier(n_estimators=4, **lights).fit(X, Y)
    booster = lgb.train({"objective": "binary", **lights}, lgb.Dataset(X, Y), 4)

    def of_lightgbm(raw_score):
        def ask(model):
            inner = model if isinstance(model, lgb.Booster) else model.booster_
            return inner.predict(given, raw_score=raw_score)
        return ask

    save("lightgbm_classifier", mlflow.lightgbm, classifier, X, given, of_lightgbm(True), of_lightgbm(False))
    save("lightgbm_booster", mlflow.lightgbm, booster, X, given, of_lightgbm(True), of_lightgbm(False))

    within = given.clip(-1e30, 1e30)

    def of_xgboost(raw_score):
        def ask(model):
            inner = model if isinstance(model, xgb.Booster) else model.get_booster()
            return inner.predict(xgb.DMatrix(within), output_margin=raw_score)
        return ask

    trained = xgb.XGBClassifier(n_estimators=4, max_depth=3).fit(X, Y)
    plain_booster = xgb.train({"objective": "binary:logistic", "max_depth": 3}, xgb.DMatrix(X, Y), 4)
    asked = (X, within, of_xgboost(True), of_xgboost(False))
    save("xgboost_as_sklearn", mlflow.sklearn, trained, *asked, tolerance=2e-6, serialization_format="pickle")
    if OLD >= 2:
        save("xgboost_classifier", mlflow.xgboost, trained, *asked, tolerance=2e-6, model_format="ubj")
        save("xgboost_booster", mlflow.xgboost, plain_booster, *asked, tolerance=2e-6, model_format="ubj")

    refused = OUTPUT / "refused"
    mlflow.pyfunc.save_model(str(refused / "python_model"), python_model=Custom(), pip_requirements=[])
    mlflow.sklearn.save_model(logistic, str(refused / "no_signature"), serialization_format="pickle",
                              pip_requirements=[])
    if OLD == 1:
        # What MLflow 1 and XGBoost before 2.1 write: XGBoost's old binary form.
        mlflow.xgboost.save_model(trained, str(refused / "xgboost_old_binary"), signature=infer_signature(X, Y),
                                  pip_requirements=[])
    for folder in refused.iterdir():
        plain(folder)


if __name__ == "__main__":
    main()
