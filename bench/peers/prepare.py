"""Writes the model and the rows in the forms the peers take: matrix.npy, trees.txt (LightGBM text), classifier.pkl, xgboost.ubj,
trees.json (plain arrays).

usage: prepare.py MODEL_DIR FEATURES_CSV OUT_DIR

FEATURES_CSV is what `clairscore transform --stage model` writes. The trees of the HistGradientBoostingClassifier are
written down as LightGBM's text without a change, so LightGBM, lleaves, woodelf and treelite load the same ensemble.
XGBoost compares float32 with `<`: it is given an ensemble of the same shape, trained on the same rows to tell the
higher scores from the lower.
"""
import json
import pathlib
import pickle
import sys

import numpy as np
import pandas as pd
import xgboost


def lightgbm_tree(nodes, index, first_value):
    """One tree as LightGBM's text numbers it: inner nodes from 0, leaves as ~0, ~1, …"""
    inner = {n: i for i, n in enumerate(n for n in range(len(nodes)) if not nodes[n]["is_leaf"])}
    leaf = {n: i for i, n in enumerate(n for n in range(len(nodes)) if nodes[n]["is_leaf"])}
    child = lambda n: inner[n] if n in inner else -1 - leaf[n]
    # 1e-35 for 0: lleaves does not accept a threshold of exactly 0. A split on missing values only has +inf.
    threshold = lambda n: repr(min(float(nodes[n]["num_threshold"]) or 1e-35, 1.7e308))
    join = lambda values: " ".join(map(str, values))
    # Bit 1: missing values go left; bits 2 and 3 (8): NaN is missing.
    decision = lambda n: 8 | (2 if nodes[n]["missing_go_to_left"] else 0)
    return "\n".join([
        f"Tree={index}", f"num_leaves={len(leaf)}", "num_cat=0",
        "split_feature=" + join(int(nodes[n]["feature_idx"]) for n in inner),
        "split_gain=" + join(1 for _ in inner),
        "threshold=" + join(threshold(n) for n in inner),
        "decision_type=" + join(decision(n) for n in inner),
        "left_child=" + join(child(nodes[n]["left"]) for n in inner),
        "right_child=" + join(child(nodes[n]["right"]) for n in inner),
        "leaf_value=" + join(repr(float(nodes[n]["value"]) + first_value) for n in leaf),
        "leaf_weight=" + join(int(nodes[n]["count"]) for n in leaf),
        "leaf_count=" + join(int(nodes[n]["count"]) for n in leaf),
        "internal_value=" + join(0 for _ in inner),
        "internal_weight=" + join(int(nodes[n]["count"]) for n in inner),
        "internal_count=" + join(int(nodes[n]["count"]) for n in inner),
        "is_linear=0", "shrinkage=1", "", ""])


def tree_arrays(nodes):
    """One tree as shap's family takes trees that no reader of theirs knows."""
    inner = [not node["is_leaf"] for node in nodes]
    pick = lambda name, otherwise, kind: [kind(node[name]) if i else otherwise for node, i in zip(nodes, inner)]
    default = [int(node["left"] if node["missing_go_to_left"] else node["right"]) if i else -1 for node, i in zip(nodes, inner)]
    return {"children_left": pick("left", -1, int), "children_right": pick("right", -1, int), "children_default": default,
            "features": pick("feature_idx", -2, int), "thresholds": [min(t, 1.7e308) for t in pick("num_threshold", -2.0, float)],
            "values": [0.0 if i else float(node["value"]) for node, i in zip(nodes, inner)],
            "node_sample_weight": [float(node["count"]) for node in nodes]}


def write_forms(classifier, matrix, out):
    """Everything the peers load, of one HistGradientBoostingClassifier without categorical splits."""
    out.mkdir(parents=True, exist_ok=True)
    np.save(out / "matrix.npy", np.asfortranarray(matrix))
    with open(out / "classifier.pkl", "wb") as f:
        pickle.dump(classifier, f)
    base = float(np.ravel(classifier._baseline_prediction)[0])
    width = matrix.shape[1]
    head = ["tree", "version=v4", "num_class=1", "num_tree_per_iteration=1", "label_index=0", f"max_feature_idx={width - 1}",
            "objective=binary sigmoid:1", "feature_names=" + " ".join(f"f{i}" for i in range(width)), "feature_infos=" + " ".join(["[-1e308:1e308]"] * width)]
    trees = [lightgbm_tree(iteration[0].nodes, i, base if i == 0 else 0.0) for i, iteration in enumerate(classifier._predictors)]
    head.append("tree_sizes=" + " ".join(str(len(t.encode()) + 1) for t in trees))
    (out / "trees.txt").write_text("\n".join(head) + "\n\n" + "\n".join(trees) + "\nend of trees\n\nfeature_importances:\n\nparameters:\nend of parameters\n\npandas_categorical:null\n")
    (out / "trees.json").write_text(json.dumps({"base": base, "trees": [tree_arrays(iteration[0].nodes) for iteration in classifier._predictors]}))
    scores = classifier.decision_function(matrix)
    np.save(out / "scores.npy", scores)
    booster = xgboost.train({"tree_method": "hist", "grow_policy": "lossguide", "max_leaves": classifier.max_leaf_nodes or 31, "max_depth": classifier.max_depth or 0, "eta": 0.1, "objective": "binary:logistic", "nthread": 2},
                            xgboost.DMatrix(matrix, (scores > np.median(scores)).astype(int)), len(classifier._predictors))
    booster.save_model(out / "xgboost.ubj")


def main():
    model_dir, features_csv, out = pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3])
    table = pd.read_csv(features_csv)
    matrix = table.iloc[:, 1:].to_numpy(np.float64)
    with open(model_dir / "model.pkl", "rb") as f:
        pipeline = pickle.load(f)
    classifier = pipeline[-1] if hasattr(pipeline, "steps") else pipeline
    write_forms(classifier, matrix, out)
    print(f"{matrix.shape[0]} rows of {matrix.shape[1]} features, {len(classifier._predictors)} trees", file=sys.stderr)


if __name__ == "__main__":
    main()
