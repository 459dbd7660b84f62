"""Makes tests/fixtures/versions/skops-VERSION: models as skops saves them, which is how newer versions of MLflow save
scikit-learn's, and what scikit-learn answers. See oracles/version_models.py.

usage: skops_models.py
"""
# requirements: requirements-boosters.txt python3.13

import json
import pathlib
import shutil
import zipfile

import pandas as pd
import skops
import skops.io
import version_models as models
import xgboost as xgb
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

OUTPUT = pathlib.Path("tests/fixtures/versions") / ("skops-" + skops.__version__)


def save(name, model, frame, tolerance=0.0, compression=zipfile.ZIP_DEFLATED):
    models.OUTPUT = OUTPUT
    models.save(name, model, frame, tolerance=tolerance, thresholds=False)
    (OUTPUT / (name + ".joblib")).unlink()
    skops.io.dump(model, OUTPUT / (name + ".skops"), compression=compression)
    answers = json.loads((OUTPUT / (name + ".json")).read_text())
    answers["file"] = name + ".skops"
    (OUTPUT / (name + ".json")).write_text(json.dumps(answers, separators=(",", ":")) + "\n")


def main():
    shutil.rmtree(OUTPUT, ignore_errors=True)
    OUTPUT.mkdir(parents=True)
    numbers = ["age", "income", "rate", "count"]
    mixed = models.MIXED.copy()
    odd = pd.concat([models.ROWS, models.ROWS], ignore_index=True)
    odd["job"] = (["clerk", "chef", "nurse", "pilot"] * len(odd))[:len(odd)]
    prepare = ColumnTransformer([
        ("num", Pipeline([("fill", SimpleImputer(strategy="median")), ("scale", StandardScaler())]), numbers),
        ("cat", OneHotEncoder(handle_unknown="ignore", sparse_output=False), ["job"])])
    codes = ColumnTransformer([
        ("num", "passthrough", slice(0, 4)),
        ("cat", OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1), ["job"])])
    small = {"random_state": 0, "max_depth": 3}
    forest = RandomForestClassifier(n_estimators=4, **small)
    hist = HistGradientBoostingClassifier(max_iter=4, min_samples_leaf=5, **small)
    save("logistic", Pipeline([("prepare", prepare), ("model", LogisticRegression())]).fit(mixed, models.Y), odd, 1e-12)
    save("forest", Pipeline([("prepare", codes), ("model", forest)]).fit(mixed, models.Y), odd)
    save("hist", Pipeline([("prepare", prepare), ("model", hist)]).fit(mixed, models.Y), odd)
    native = HistGradientBoostingClassifier(max_iter=4, categorical_features=["job"], **small).fit(mixed, models.Y)
    save("hist_categories", native, odd)
    save("boosting", GradientBoostingClassifier(n_estimators=4, **small).fit(models.X, models.Y), models.ROWS)
    save("stored", GradientBoostingClassifier(n_estimators=1, **small).fit(models.X, models.Y), models.ROWS,
         compression=zipfile.ZIP_STORED)
    save("calibrated", CalibratedClassifierCV(LogisticRegression(max_iter=2000), ensemble=False, cv=2)
         .fit(models.X, models.Y), models.ROWS.head(10), 1e-12)
    answers = OUTPUT / "calibrated.json"
    found = json.loads(answers.read_text())
    import math
    found["raw"] = [[math.log(p / q)] for q, p in found["probabilities"]]
    answers.write_text(json.dumps(found, separators=(",", ":")) + "\n")
    model = xgb.XGBClassifier(n_estimators=3, max_depth=3).fit(models.X, models.Y)
    save("xgboost", model, models.ROWS, 2e-6)
    found = json.loads((OUTPUT / "xgboost.json").read_text())
    margins = model.get_booster().predict(xgb.DMatrix(models.ROWS), output_margin=True)
    found["raw"] = [[float(v)] for v in margins]
    (OUTPUT / "xgboost.json").write_text(json.dumps(found, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
