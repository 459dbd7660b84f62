"""Makes tests/fixtures/reference from a folder of reference material.

usage: trim_reference.py SOURCE_DIR [OUTPUT_DIR]       packages: requirements-reference.txt, Python 3.12

SOURCE_DIR holds, as the original's two repositories lay them out:
  hub/models/demo/credit-risk-dashboard-model/gradient_boosting/   the MLflow folder
  hub/datasets/demo/credit-risk-dashboard-data/                    application_test.csv, plots/, shap/
  hub/expected.json, hub/original_http.json                        what scikit-learn, shap and the original answered
  models/{infrequent,target,native}/{gradient_boosting/,expected.json}
It loads pickles, so run it on material you trust. What it writes is described in README.md beside it.
"""

import copy
import json
import pathlib
import pickle
import shutil
import sys

import joblib
import numpy as np
import shap

SHAP_ROWS = 25  # rows of shap_first that are kept
SMALL_ROWS = 60  # rows of hub60
BACKGROUND_ROWS = 40  # rows the interventional explanations are made against


def trim_expected(source, destination):
    expected = json.loads(source.read_text())
    if "shap_first" in expected:
        expected["shap_first"] = expected["shap_first"][:SHAP_ROWS]
    destination.write_text(json.dumps(expected, separators=(",", ":")) + "\n")


def copy_tree(source, destination):
    shutil.copytree(source, destination, ignore=shutil.ignore_patterns("__pycache__"), copy_function=shutil.copyfile)


def explanation(like, **changes):
    """A shap.Explanation with some of its arrays replaced."""
    parts = {name: getattr(like, name) for name in ("values", "base_values", "data", "feature_names")}
    parts.update(changes)
    made = shap.Explanation(**parts)
    made.compute_time = copy.copy(like.compute_time)
    return made


def write_small_hub(source, classifier, full, destination):
    """The first rows alone, with explanations that are right, of another kind, or wrong for them."""
    lines = (source / "application_test.csv").read_text().splitlines(keepends=True)
    (destination / "shap").mkdir(parents=True)
    (destination / "application_test.csv").write_text("".join(lines[: SMALL_ROWS + 1]))

    n = SMALL_ROWS
    values, base, data = full.values[:n].copy(), full.base_values[:n].copy(), full.data[:n].copy()
    small = explanation(full, values=values, base_values=base, data=data)
    joblib.dump(small, destination / "shap" / "shap_explanation.joblib")

    variants = destination / "variants"
    variants.mkdir()
    # Every row explained, but by the values of its neighbour.
    other = np.roll(np.arange(n), 1)
    write = lambda name, made: joblib.dump(made, variants / f"{name}.joblib", compress=("zlib", 9))
    write("other_rows", explanation(full, values=values[other], base_values=base[other], data=data[other]))
    write("fewer_rows", explanation(full, values=values[:-1], base_values=base[:-1], data=data[:-1]))
    write("fewer_features", explanation(full, values=values[:, :-1], base_values=base, data=data[:, :-1],
                                        feature_names=list(full.feature_names)[:-1]))

    background = shap.maskers.Independent(full.data[n : n + BACKGROUND_ROWS], max_samples=BACKGROUND_ROWS)
    for name, output in (("interventional", "raw"), ("probability", "probability")):
        explainer = shap.TreeExplainer(classifier, background, feature_perturbation="interventional", model_output=output)
        made = explainer.shap_values(data, check_additivity=False)
        reached = explainer.expected_value + made.sum(axis=1)
        wanted = classifier.decision_function(data) if output == "raw" else classifier.predict_proba(data)[:, 1]
        assert np.abs(reached - wanted).max() < 1e-4, (name, np.abs(reached - wanted).max())
        write(name, explanation(full, values=made, base_values=np.full(n, float(explainer.expected_value)), data=data))


def main(source, output):
    if output.exists():
        shutil.rmtree(output)
    output.mkdir(parents=True)

    hub = output / "hub"
    model = source / "hub/models/demo/credit-risk-dashboard-model/gradient_boosting"
    data = source / "hub/datasets/demo/credit-risk-dashboard-data"
    copy_tree(model, hub / "model")
    (hub / "data" / "shap").mkdir(parents=True)
    copy_tree(data / "plots", hub / "data" / "plots")
    shutil.copyfile(data / "application_test.csv", hub / "data" / "application_test.csv")
    shutil.copyfile(data / "shap" / "shap_beeswarm.png", hub / "data" / "shap" / "shap_beeswarm.png")
    trim_expected(source / "hub" / "expected.json", hub / "expected.json")
    shutil.copyfile(source / "hub" / "original_http.json", hub / "original_http.json")

    # joblib writes every array of an Explanation twice, uncompressed: 7.9 MB. The values stay as they are, to the
    # last bit; xz with its 8 MB window finds the second copies.
    full = joblib.load(data / "shap" / "shap_explanation.joblib")
    joblib.dump(full, hub / "data" / "shap" / "shap_explanation.joblib", compress=("xz", 6))

    for name in ("infrequent", "target", "native"):
        copy_tree(source / "models" / name / "gradient_boosting", output / name / "model")
        trim_expected(source / "models" / name / "expected.json", output / name / "expected.json")

    with open(model / "model.pkl", "rb") as file:
        pipeline = pickle.load(file)
    write_small_hub(data, pipeline[-1], full, output / "hub60")


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    here = pathlib.Path(__file__).resolve().parent
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2] if len(sys.argv) == 3 else here.parent / "tests/fixtures/reference"))
