"""Trains the model that `clairscore demo` serves, on synthetic applicants, and saves it as MLflow does.

usage: train.py APPLICANTS.csv OUTPUT_DIR        Python 3.12 with the packages of requirements.txt

APPLICANTS.csv comes from:  clairscore synth --rows 120000 --seed 2 --with-target --output APPLICANTS.csv
The preprocessing is the original system's, step by step; README.md says how the files beside this script were made.
"""

import pathlib
import shutil
import sys

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder

IMPORTED = """SK_ID_CURR NAME_CONTRACT_TYPE CODE_GENDER FLAG_OWN_CAR FLAG_OWN_REALTY AMT_INCOME_TOTAL AMT_CREDIT
AMT_ANNUITY NAME_TYPE_SUITE NAME_INCOME_TYPE NAME_EDUCATION_TYPE NAME_FAMILY_STATUS NAME_HOUSING_TYPE
REGION_POPULATION_RELATIVE DAYS_BIRTH DAYS_EMPLOYED DAYS_REGISTRATION DAYS_ID_PUBLISH OWN_CAR_AGE FLAG_MOBIL
FLAG_EMP_PHONE FLAG_WORK_PHONE FLAG_CONT_MOBILE FLAG_PHONE FLAG_EMAIL OCCUPATION_TYPE FLAG_DOCUMENT_3 FLAG_DOCUMENT_6
FLAG_DOCUMENT_8 CNT_FAM_MEMBERS REGION_RATING_CLIENT_W_CITY WEEKDAY_APPR_PROCESS_START HOUR_APPR_PROCESS_START
REG_REGION_NOT_LIVE_REGION REG_REGION_NOT_WORK_REGION LIVE_REGION_NOT_WORK_REGION REG_CITY_NOT_LIVE_CITY
REG_CITY_NOT_WORK_CITY LIVE_CITY_NOT_WORK_CITY ORGANIZATION_TYPE EXT_SOURCE_1 EXT_SOURCE_2 EXT_SOURCE_3
OBS_30_CNT_SOCIAL_CIRCLE DEF_30_CNT_SOCIAL_CIRCLE DAYS_LAST_PHONE_CHANGE AMT_REQ_CREDIT_BUREAU_HOUR
AMT_REQ_CREDIT_BUREAU_DAY AMT_REQ_CREDIT_BUREAU_WEEK AMT_REQ_CREDIT_BUREAU_MON AMT_REQ_CREDIT_BUREAU_QRT
AMT_REQ_CREDIT_BUREAU_YEAR""".split()
DAYS = ["DAYS_BIRTH", "DAYS_EMPLOYED", "DAYS_REGISTRATION", "DAYS_ID_PUBLISH", "DAYS_LAST_PHONE_CHANGE"]
FLAGS = ["FLAG_MOBIL", "FLAG_EMP_PHONE", "FLAG_WORK_PHONE", "FLAG_CONT_MOBILE", "FLAG_PHONE", "FLAG_EMAIL",
         "FLAG_DOCUMENT_3", "FLAG_DOCUMENT_6", "FLAG_DOCUMENT_8"]
PLACES = ["REG_REGION_NOT_LIVE_REGION", "REG_REGION_NOT_WORK_REGION", "LIVE_REGION_NOT_WORK_REGION",
          "REG_CITY_NOT_LIVE_CITY", "REG_CITY_NOT_WORK_CITY", "LIVE_CITY_NOT_WORK_CITY"]
RATIOS = {"PAYMENT_RATE": ("AMT_ANNUITY", "AMT_CREDIT"), "ANNUITY_INCOME_PERC": ("AMT_ANNUITY", "AMT_INCOME_TOTAL"),
          "INCOME_CREDIT_PERC": ("AMT_INCOME_TOTAL", "AMT_CREDIT"), "DEBT_TO_INCOME": ("AMT_CREDIT", "AMT_INCOME_TOTAL"),
          "CREDIT_PER_PERSON": ("AMT_CREDIT", "CNT_FAM_MEMBERS")}

# A bad loan granted costs ten good ones refused.
COST_OF_MISSED_DEFAULT = 10


def prepare(path):
    """The model's inputs and the target (None where the file has none), indexed by SK_ID_CURR."""
    rows = pd.read_csv(path, usecols=lambda column: column in IMPORTED or column == "TARGET", index_col="SK_ID_CURR")
    target = rows.pop("TARGET") if "TARGET" in rows else None
    rows = rows[IMPORTED[1:]]
    rows["DAYS_EMPLOYED"] = rows["DAYS_EMPLOYED"].replace(365243, np.nan)
    rows["ORGANIZATION_TYPE"] = rows["ORGANIZATION_TYPE"].replace("XNA", np.nan)
    for column in ("OCCUPATION_TYPE", "ORGANIZATION_TYPE"):
        rows[column] = rows[column].fillna("Unknown")
    for column in DAYS:
        rows[column] = rows[column].abs()
    rows["REGION_RATING_CLIENT_W_CITY"] = rows["REGION_RATING_CLIENT_W_CITY"].replace(-1, 2)
    maps = {"CODE_GENDER": {"M": "male", "F": "female", "XNA": "male"},
            "FLAG_OWN_CAR": {"Y": "yes", "N": "no"}, "FLAG_OWN_REALTY": {"Y": "yes", "N": "no"},
            "REGION_RATING_CLIENT_W_CITY": {1: "A", 2: "B", 3: "C"}}
    maps |= {column: {1: "yes", 0: "no"} for column in FLAGS}
    maps |= {column: {1: "different", 0: "same"} for column in PLACES}
    for column, values in maps.items():
        rows[column] = rows[column].map(values)
    for name, (over, under) in RATIOS.items():
        rows[name] = rows[over] / rows[under].replace(0, np.nan)
    numbers = rows.select_dtypes("number").columns
    return rows.astype({column: "float64" for column in numbers}), target


def build(inputs):
    categories = inputs.select_dtypes("object").columns.tolist()
    encoder = OneHotEncoder(drop="if_binary", handle_unknown="ignore", sparse_output=False)
    preprocessor = ColumnTransformer([("cat", encoder, categories)], remainder="passthrough",
                                     verbose_feature_names_out=False)
    classifier = HistGradientBoostingClassifier(class_weight="balanced", l2_regularization=0.97, learning_rate=0.1315,
                                                max_depth=7, min_samples_leaf=23, max_iter=100, early_stopping=False,
                                                random_state=42)
    return Pipeline([("preprocessor", preprocessor), ("classifier", classifier)])


def best_threshold(probability, target):
    """The probability from which refusing costs least, to four digits."""
    candidates = np.round(np.linspace(0.05, 0.95, 9001), 4)
    costs = [COST_OF_MISSED_DEFAULT * np.sum((probability < t) & (target == 1)) + np.sum((probability >= t) & (target == 0))
             for t in candidates]
    return float(candidates[int(np.argmin(costs))])


def main(applicants, output):
    # Here, so that prepare() can be used without MLflow.
    import mlflow.sklearn
    from mlflow.models import infer_signature

    inputs, target = prepare(applicants)
    training, validation, training_target, validation_target = train_test_split(
        inputs, target, test_size=1 / 3, stratify=target, random_state=42)
    model = build(training).fit(training, training_target)
    probability = model.predict_proba(validation)[:, 1]
    threshold = best_threshold(probability, validation_target.to_numpy())
    refused = np.mean(probability >= threshold)
    print(f"AUC {roc_auc_score(validation_target, probability):.4f}, threshold {threshold}, refused {refused:.3f}")

    if output.exists():
        shutil.rmtree(output)
    mlflow.sklearn.save_model(
        model, str(output), serialization_format="cloudpickle", pyfunc_predict_fn="predict_proba",
        signature=infer_signature(training, model.predict_proba(training.head(100))),
        metadata={"optimal_threshold": threshold},
        pip_requirements=["mlflow==2.22.5", "scikit-learn==1.6.1"])


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
