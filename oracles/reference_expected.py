"""Fails unless the expected.json files of tests/fixtures/reference are what Python answers for the models beside them.

Scores are compared bit for bit with scikit-learn, contributions to 1e-12 with shap (where no split is categorical: shap
does not read those) and with the enumeration below, which is right for every split.
"""

# requirements: requirements-reference.txt

import json
import math
import pathlib
import pickle
import sys
import warnings

import numpy as np
import shap

root = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(root / "demo"))
import train  # noqa: E402

FOLDER = root / "tests/fixtures/reference"
TOLERANCE = 1e-12

# The classifier inside a pipeline is given a matrix without column names: meant so.
warnings.filterwarnings("ignore", message="X (has|does not have valid) feature names")


class Trees:
    """The leaves of a HistGradientBoostingClassifier for two classes, each with the node tests on its way."""

    def __init__(self, classifier):
        self.base = float(classifier._baseline_prediction.ravel()[0])
        self.known, self.known_index = classifier._bin_mapper.make_known_categories_bitsets()
        self.predictors = [iteration[0] for iteration in classifier._predictors]

    def goes_left(self, predictor, node, values):
        """For each value of the node's feature, whether its row goes left."""
        missing = np.isnan(values)
        if not node["is_categorical"]:
            left = values <= node["num_threshold"]
        else:
            missing |= values < 0
            codes = np.where(missing, 0, values).astype(np.uint8)
            has = lambda bits: ((bits[codes // 32] >> (codes % 32).astype(np.uint32)) & 1).astype(bool)
            left = has(predictor.raw_left_cat_bitsets[node["bitset_idx"]])
            missing |= ~left & ~has(self.known[self.known_index[node["feature_idx"]]])
        return np.where(missing, bool(node["missing_go_to_left"]), left)

    def leaves(self):
        """(value, features, passes, cover): whether a row passes the tests on each feature, and the share that does."""
        for predictor in self.predictors:
            todo = [(0, [])]
            while todo:
                index, tests = todo.pop()
                node = predictor.nodes[index]
                if not node["is_leaf"]:
                    for child, left in ((node["left"], True), (node["right"], False)):
                        share = float(predictor.nodes[child]["count"]) / float(node["count"])
                        todo.append((child, [*tests, (node, left, share)]))
                    continue
                features = sorted({int(test["feature_idx"]) for test, _, _ in tests})
                cover = np.ones(len(features))
                for test, _, share in tests:
                    cover[features.index(int(test["feature_idx"]))] *= share

                def passes(rows, tests=tests, features=features, predictor=predictor):
                    out = np.ones((len(rows), len(features)), dtype=bool)
                    for test, left, _ in tests:
                        feature = int(test["feature_idx"])
                        out[:, features.index(feature)] &= self.goes_left(predictor, test, rows[:, feature]) == left
                    return out

                yield float(node["value"]), features, passes, cover


def shapley(inside, outside):
    """Shapley values of the game prod(inside[f] if f in S else outside[f]); both (..., features)."""
    count = inside.shape[-1]
    subsets = np.array([[bool(mask >> f & 1) for f in range(count)] for mask in range(2**count)])
    worth = np.where(subsets, inside[..., None, :], outside[..., None, :]).prod(-1)
    values = np.zeros(inside.shape)
    for mask in range(2**count):
        size = mask.bit_count()
        for f in range(count):
            if mask >> f & 1:
                continue
            weight = math.factorial(size) * math.factorial(count - size - 1) / math.factorial(count)
            values[..., f] += weight * (worth[..., mask | 1 << f] - worth[..., mask])
    return values


def path_dependent(trees, rows):
    contributions, base = np.zeros(rows.shape), trees.base
    for value, features, passes, cover in trees.leaves():
        base += value * cover.prod()
        hot = passes(rows).astype(float)
        contributions[:, features] += value * shapley(hot, np.broadcast_to(cover, hot.shape))
    return contributions, base


def interventional(trees, rows, background):
    contributions, base = np.zeros(rows.shape), trees.base
    for value, features, passes, _ in trees.leaves():
        hot, cold = passes(rows).astype(float), passes(background).astype(float)
        base += value * cold.prod(-1).mean()
        shape = (len(rows), len(background), len(features))
        games = shapley(np.broadcast_to(hot[:, None], shape), np.broadcast_to(cold[None], shape))
        contributions[:, features] += value * games.mean(1)
    return contributions, base


def encoded(classifier, rows):
    """The matrix the trees see, and which column of `rows` each of its columns is: categories come first."""
    encoder = classifier._preprocessor
    if encoder is None:
        return np.asarray(rows, dtype=float), np.arange(rows.shape[1])
    categorical = np.asarray(classifier.is_categorical_)
    places = np.concatenate([np.flatnonzero(categorical), np.flatnonzero(~categorical)])
    return np.asarray(encoder.transform(rows), dtype=float), places


def agree(what, found, expected, tolerance=TOLERANCE):
    apart = np.abs(np.asarray(found) - np.asarray(expected)).max()
    print(f"  {what}: {apart:.1e}")
    if not apart <= tolerance:
        sys.exit(f"{what} differs by {apart}")


def main():
    inputs, _ = train.prepare(FOLDER / "hub/data/application_test.csv")
    for name in ("hub", "infrequent", "target", "native"):
        print(name)
        expected = json.loads((FOLDER / name / "expected.json").read_text())
        with open(FOLDER / name / "model/model.pkl", "rb") as file:
            model = pickle.load(file)
        assert expected["ids"] == inputs.index.tolist()
        agree("raw scores", model.decision_function(inputs), expected["raw"], 0)
        agree("probabilities", model.predict_proba(inputs)[:, 1], expected["probability_pos"], 3e-16)

        features = model[:-1].transform(inputs)
        assert expected["feature_names"] == list(model[:-1].get_feature_names_out())
        classifier, oracle = model[-1], expected["oracle"]
        if "shap_first" in expected:
            explainer = shap.TreeExplainer(classifier)
            first = np.asarray(features, dtype=float)[: len(expected["shap_first"])]
            agree("shap", explainer.shap_values(first, check_additivity=False), expected["shap_first"])
            agree("shap, base", float(np.ravel(explainer.expected_value)[0]), expected["base_value"])

        rows, places = encoded(classifier, features)
        back = np.empty_like(places)
        back[places] = np.arange(len(places))
        trees = Trees(classifier)
        found, base = path_dependent(trees, rows[: oracle["rows"]])
        agree("oracle, path-dependent", found[:, back], oracle["path_dependent"])
        agree("oracle, path-dependent, base", base, oracle["base_value"])
        wanted = oracle["interventional"]
        begin, end = wanted["background"]
        found, base = interventional(trees, rows[: wanted["rows"]], rows[begin:end])
        agree("oracle, interventional", found[:, back], wanted["values"])
        agree("oracle, interventional, base", base, wanted["base_value"])


if __name__ == "__main__":
    main()
