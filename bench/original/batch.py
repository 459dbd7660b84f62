"""What a team without Clairscore runs over a file: pandas, the original's preparation, scikit-learn, shap.

usage: batch.py scores|shap MODEL_FOLDER APPLICATIONS.csv OUTPUT.csv

Writes what `clairscore score` and `clairscore explain --by-input` write: raw score, probability, threshold and decision;
or the base value and SHAP values summed to the inputs. Imports only what each needs.
"""

import pickle
import sys

import numpy as np
import pandas as pd
import yaml

from applications import IMPORTED, preprocess


def scores(pipeline, inputs, threshold):
    raw = pipeline.decision_function(inputs)
    probability = pipeline.predict_proba(inputs)[:, 1]
    decision = np.where(probability >= threshold, "refused", "accepted")
    return pd.DataFrame({"raw_score": raw, "probability_pos": probability, "threshold": threshold, "decision": decision},
                        index=inputs.index)


def shap_by_input(pipeline, inputs):
    import shap

    prepared = pipeline[:-1].transform(inputs)
    explainer = shap.TreeExplainer(pipeline[-1])
    values = explainer.shap_values(prepared)
    # The feature INPUT or INPUT_category, after the name of a transformer or not, belongs to the input with the longest name.
    columns = sorted(inputs.columns, key=len, reverse=True)
    owners = [next(column for column in columns if name.split("__", 1)[-1].startswith(column))
              for name in pipeline[:-1].get_feature_names_out()]
    position = {column: i for i, column in enumerate(inputs.columns)}
    sums = np.zeros((len(inputs), inputs.shape[1]))
    for feature, owner in enumerate(owners):
        sums[:, position[owner]] += values[:, feature]
    table = pd.DataFrame(sums, columns=inputs.columns, index=inputs.index)
    table.insert(0, "base_value", float(np.ravel(explainer.expected_value)[0]))
    return table


def main():
    what, model, data, output = sys.argv[1:]
    with open(model + "/MLmodel") as f:
        described = yaml.safe_load(f)
    with open(model + "/model.pkl", "rb") as f:
        pipeline = pickle.load(f)
    names = [column["name"] for column in yaml.safe_load(described["signature"]["inputs"])]
    raw = pd.read_csv(data, usecols=IMPORTED, index_col="SK_ID_CURR")
    inputs = preprocess(raw, names)
    if what == "scores":
        table = scores(pipeline, inputs, float((described.get("metadata") or {}).get("optimal_threshold", 0.5)))
    else:
        table = shap_by_input(pipeline, inputs)
    table.to_csv(output)


if __name__ == "__main__":
    main()
