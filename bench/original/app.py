"""The API that Clairscore replaces, rebuilt from its description for benches: FastAPI over pandas, scikit-learn (through
MLflow) and a shipped shap.Explanation, one row of which is taken for each request. Only the routes that are measured.

Run by uvicorn (`uvicorn app:app`) with MODEL (an MLflow folder) and DATA (a folder with application_test.csv and
shap/shap_explanation.joblib) in the environment. Everything is loaded at the start, scores of all rows included, so
that no request pays for it.
"""

import os
from contextlib import asynccontextmanager
from datetime import datetime, timezone
from pathlib import Path

import joblib
import mlflow
import numpy as np
import pandas as pd
import shap
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

IMPORTED = """SK_ID_CURR NAME_CONTRACT_TYPE CODE_GENDER FLAG_OWN_CAR FLAG_OWN_REALTY AMT_INCOME_TOTAL AMT_CREDIT AMT_ANNUITY
NAME_TYPE_SUITE NAME_INCOME_TYPE NAME_EDUCATION_TYPE NAME_FAMILY_STATUS NAME_HOUSING_TYPE REGION_POPULATION_RELATIVE
DAYS_BIRTH DAYS_EMPLOYED DAYS_REGISTRATION DAYS_ID_PUBLISH OWN_CAR_AGE FLAG_MOBIL FLAG_EMP_PHONE FLAG_WORK_PHONE
FLAG_CONT_MOBILE FLAG_PHONE FLAG_EMAIL OCCUPATION_TYPE FLAG_DOCUMENT_3 FLAG_DOCUMENT_6 FLAG_DOCUMENT_8 CNT_FAM_MEMBERS
REGION_RATING_CLIENT_W_CITY WEEKDAY_APPR_PROCESS_START HOUR_APPR_PROCESS_START REG_REGION_NOT_LIVE_REGION
REG_REGION_NOT_WORK_REGION LIVE_REGION_NOT_WORK_REGION REG_CITY_NOT_LIVE_CITY REG_CITY_NOT_WORK_CITY
LIVE_CITY_NOT_WORK_CITY ORGANIZATION_TYPE EXT_SOURCE_1 EXT_SOURCE_2 EXT_SOURCE_3 OBS_30_CNT_SOCIAL_CIRCLE
DEF_30_CNT_SOCIAL_CIRCLE DAYS_LAST_PHONE_CHANGE AMT_REQ_CREDIT_BUREAU_HOUR AMT_REQ_CREDIT_BUREAU_DAY
AMT_REQ_CREDIT_BUREAU_WEEK AMT_REQ_CREDIT_BUREAU_MON AMT_REQ_CREDIT_BUREAU_QRT AMT_REQ_CREDIT_BUREAU_YEAR""".split()
ABSOLUTE = ["DAYS_BIRTH", "DAYS_EMPLOYED", "DAYS_REGISTRATION", "DAYS_ID_PUBLISH", "DAYS_LAST_PHONE_CHANGE"]
YES_NO = ["FLAG_MOBIL", "FLAG_EMP_PHONE", "FLAG_WORK_PHONE", "FLAG_CONT_MOBILE", "FLAG_PHONE", "FLAG_EMAIL",
          "FLAG_DOCUMENT_3", "FLAG_DOCUMENT_6", "FLAG_DOCUMENT_8"]
PLACES = [name for name in IMPORTED if "_NOT_" in name]
RATIOS = {
    "PAYMENT_RATE": ("AMT_ANNUITY", "AMT_CREDIT"),
    "ANNUITY_INCOME_PERC": ("AMT_ANNUITY", "AMT_INCOME_TOTAL"),
    "INCOME_CREDIT_PERC": ("AMT_INCOME_TOTAL", "AMT_CREDIT"),
    "DEBT_TO_INCOME": ("AMT_CREDIT", "AMT_INCOME_TOTAL"),
    "CREDIT_PER_PERSON": ("AMT_CREDIT", "CNT_FAM_MEMBERS"),
}
MAIN_FEATURES = ["EXT_SOURCE_3", "EXT_SOURCE_2", "DAYS_EMPLOYED", "OWN_CAR_AGE"]


def preprocess(raw: pd.DataFrame, inputs: list[str]) -> pd.DataFrame:
    data = raw[[name for name in IMPORTED if name != "SK_ID_CURR"]].copy()
    data["DAYS_EMPLOYED"] = data["DAYS_EMPLOYED"].replace(365243, np.nan)
    data["ORGANIZATION_TYPE"] = data["ORGANIZATION_TYPE"].replace("XNA", np.nan)
    for name in ("OCCUPATION_TYPE", "ORGANIZATION_TYPE"):
        data[name] = data[name].fillna("Unknown")
    data[ABSOLUTE] = data[ABSOLUTE].abs()
    data["REGION_RATING_CLIENT_W_CITY"] = data["REGION_RATING_CLIENT_W_CITY"].replace(-1, 2)
    maps = {"CODE_GENDER": {"M": "male", "F": "female", "XNA": "male"}, "FLAG_OWN_CAR": {"Y": "yes", "N": "no"},
            "FLAG_OWN_REALTY": {"Y": "yes", "N": "no"}, "REGION_RATING_CLIENT_W_CITY": {1: "A", 2: "B", 3: "C"},
            **{name: {1: "yes", 0: "no"} for name in YES_NO}, **{name: {1: "different", 0: "same"} for name in PLACES}}
    for name, values in maps.items():
        data[name] = data[name].map(values).fillna(data[name])
    for name, (above, below) in RATIOS.items():
        data[name] = data[above] / data[below].replace(0, np.nan)
    numbers = data.select_dtypes("number").columns
    data[numbers] = data[numbers].astype("float64")
    return data[inputs]


class InferenceService:
    def __init__(self, model: Path, data: Path):
        raw = pd.read_csv(data / "application_test.csv", usecols=IMPORTED, index_col="SK_ID_CURR")
        info = mlflow.models.Model.load(str(model))
        self.pipeline = mlflow.sklearn.load_model(str(model))
        self.threshold = float((info.metadata or {}).get("optimal_threshold", 0.5))
        self.data = preprocess(raw, info.signature.inputs.input_names())
        self.probabilities = pd.Series(self.pipeline.predict_proba(self.data)[:, 1], index=self.data.index)
        shipped = joblib.load(data / "shap" / "shap_explanation.joblib")
        # make_shap_file.py leaves out what cannot be told without shap; a new object has it all.
        self.explanation = shap.Explanation(values=shipped.values, base_values=shipped.base_values, data=shipped.data,
                                            feature_names=list(shipped.feature_names))

    def check(self, customer_id: int) -> None:
        if customer_id not in self.data.index:
            raise HTTPException(404, f"Customer ID {customer_id} not found.")

    def score(self, customer_id: int) -> dict:
        probability = float(self.probabilities.loc[customer_id])
        return {"probability_pos": probability, "threshold": self.threshold,
                "decision": "refused" if probability >= self.threshold else "accepted"}

    def features(self, customer_id: int) -> dict:
        row = self.data.loc[customer_id, MAIN_FEATURES]
        return {name: None if pd.isna(value) else float(value) for name, value in row.items()}

    def shap(self, customer_id: int) -> dict:
        position = self.data.index.get_loc(customer_id)
        row = self.explanation[position]
        return {"base_value": float(row.base_values), "values": row.values.tolist(), "feature_names": list(row.feature_names)}


class Score(BaseModel):
    probability_pos: float
    threshold: float
    decision: str


class Shap(BaseModel):
    base_value: float
    values: list[float]
    feature_names: list[str]


class Dashboard(BaseModel):
    score: Score
    features: dict[str, float | None]
    shap: Shap
    metadata: dict


@asynccontextmanager
async def lifespan(app: FastAPI):
    app.state.service = InferenceService(Path(os.environ["MODEL"]), Path(os.environ["DATA"]))
    yield


app = FastAPI(lifespan=lifespan)


@app.get("/customers")
def customers():
    return {"customer_ids": app.state.service.data.index.tolist()}


@app.get("/customer/{customer_id}/score")
def score(customer_id: int) -> Score:
    app.state.service.check(customer_id)
    return app.state.service.score(customer_id)


@app.get("/customer/{customer_id}/dashboard")
def dashboard(customer_id: int) -> Dashboard:
    service = app.state.service
    service.check(customer_id)
    return {"score": service.score(customer_id), "features": service.features(customer_id),
            "shap": service.shap(customer_id), "metadata": {"timestamp": datetime.now(timezone.utc).isoformat()}}
