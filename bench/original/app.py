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
import pandas as pd
import shap
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

from applications import IMPORTED, preprocess

MAIN_FEATURES = ["EXT_SOURCE_3", "EXT_SOURCE_2", "DAYS_EMPLOYED", "OWN_CAR_AGE"]


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
