"""Measures the peers on what prepare.py wrote. usage: peers.py DIR [--repeat 7] [--only NAME]

Each starts from its own natural matrix in memory; importing and loading are left out, building tables is in. Rows are
fewer for a peer that would take hours (the line says how many). One JSON line each.
"""
import argparse
import pathlib
import pickle

import lightgbm
import numpy as np
import pandas as pd
import shap
import xgboost
from woodelf import WoodelfExplainer

from common import attempt, measure


def main():
    a = argparse.ArgumentParser()
    a.add_argument("dir", type=pathlib.Path), a.add_argument("--repeat", type=int, default=7), a.add_argument("--only", default="")
    a.add_argument("--background", type=int, default=5000)
    o = a.parse_args()
    matrix = np.load(o.dir / "matrix.npy")
    rows = len(matrix)
    c_order = np.ascontiguousarray(matrix)
    frame = pd.DataFrame(matrix, columns=[f"f{i}" for i in range(matrix.shape[1])])
    background = frame.iloc[:o.background]
    with open(o.dir / "classifier.pkl", "rb") as f:
        sklearn_model = pickle.load(f)
    light = lightgbm.Booster(model_file=str(o.dir / "trees.txt"))
    xgb = xgboost.Booster(model_file=str(o.dir / "xgboost.ubj"))
    xgb.set_param({"nthread": 2})
    np.testing.assert_allclose(light.predict(c_order[:2000], raw_score=True), np.load(o.dir / "scores.npy")[:2000], rtol=0, atol=1e-12)

    def task(peer, name, work, count=rows, repeat=None, threads=2, note=""):
        if not o.only or o.only in name:
            attempt(f"{peer}, {name}", lambda: measure(peer, name, count, repeat or o.repeat, work, threads, note))

    task("scikit-learn", "score", lambda: sklearn_model.decision_function(matrix))
    task("xgboost", "score", lambda: xgb.inplace_predict(c_order, predict_type="margin"), note="same shape, own trees")
    task("lightgbm", "score", lambda: light.predict(c_order, raw_score=True, num_threads=2))

    task("woodelf", "shap", lambda: WoodelfExplainer(light).shap_values(frame, verbose=False), threads=1)
    task("xgboost", "shap", lambda: xgb.predict(xgboost.DMatrix(c_order), pred_contribs=True), repeat=3, note="same shape, own trees")
    task("lightgbm", "shap", lambda: light.predict(c_order, pred_contrib=True, num_threads=2), repeat=3)
    task("shap", "shap", lambda: shap.TreeExplainer(light).shap_values(c_order[:5000], check_additivity=False), 5000, 3, 1)

    task("woodelf", "interventional", lambda: WoodelfExplainer(light, background).shap_values(frame, verbose=False), threads=1)
    masker = shap.maskers.Independent(background.to_numpy(), max_samples=len(background))
    task("shap", "interventional", lambda: shap.TreeExplainer(light, masker).shap_values(c_order[:20], check_additivity=False), 20, 1, 1)

    task("woodelf", "interactions", lambda: WoodelfExplainer(light).shap_interaction_values(frame, include_interaction_with_itself=False, as_df=True, exclude_zero_contribution_features=True, verbose=False), repeat=min(o.repeat, 3), threads=1, note="sparse")
    task("xgboost", "interactions", lambda: xgb.predict(xgboost.DMatrix(c_order[:5000]), pred_interactions=True), 5000, 1, note="same shape, own trees")
    task("shap", "interactions", lambda: shap.TreeExplainer(light).shap_interaction_values(c_order[:100]), 100, 1, 1)

    explainer = shap.TreeExplainer(light)
    singles = 200
    task("scikit-learn", "one row, score", lambda: [sklearn_model.decision_function(c_order[i:i + 1]) for i in range(singles)], singles, 3, 1, "matrix in, raw score out")
    task("shap", "one row, shap", lambda: [explainer.shap_values(c_order[i:i + 1], check_additivity=False) for i in range(singles)], singles, 3, 1, "matrix in")
    task("xgboost", "one row, shap", lambda: [xgb.predict(xgboost.DMatrix(c_order[i:i + 1]), pred_contribs=True) for i in range(singles)], singles, 3, 1, "matrix in; same shape, own trees")
    task("woodelf", "one row, shap", lambda: WoodelfExplainer(light).shap_values(frame.iloc[:1], verbose=False), 1, 3, 1)


if __name__ == "__main__":
    main()
