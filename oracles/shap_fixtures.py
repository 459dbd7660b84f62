"""Makes tests/fixtures/shap: SHAP files in the forms people ship, and what they hold.

usage: shap_fixtures.py

expected.json: for each file its values (rows of texts, the positive class), base_values (one per row, or null), and
feature_names (or null). "refused" lists files that must not be read, with what the refusal names.
"""
# requirements: requirements-pickle.txt

import json
import pathlib
import pickle

import joblib
import numpy as np
import pandas as pd
import shap

OUTPUT = pathlib.Path("tests/fixtures/shap")
ROWS, FEATURES = 7, 3
NAMES = ["EXT_SOURCE_2", "AMT_CREDIT", "CODE_GENDER_male"]


def main():
    OUTPUT.mkdir(parents=True, exist_ok=True)
    for old in OUTPUT.iterdir():
        old.unlink()
    random = np.random.default_rng(1)
    values = random.normal(size=(ROWS, FEATURES))
    both = np.stack([-values, values], axis=2)
    data = random.normal(size=(ROWS, FEATURES))
    per_row = np.full(ROWS, -0.25)
    files, refused = {}, {}

    def put(name, content, **joblib_options):
        if name.endswith(".pkl"):
            (OUTPUT / name).write_bytes(pickle.dumps(content))
        else:
            joblib.dump(content, OUTPUT / name, **joblib_options)

    def record(name, content, values=values, base=-0.25, names=None, **joblib_options):
        put(name, content, **joblib_options)
        files[name] = {
            "values": [[repr(float(x)) for x in row] for row in values],
            "base_values": None if base is None else [repr(float(x)) for x in np.broadcast_to(base, len(values))],
            "feature_names": names,
        }

    def refuse(name, content, what):
        put(name, content)
        refused[name] = what

    def explanation(values=values, base_values=per_row, **fields):
        return shap.Explanation(values=values, base_values=base_values, data=data, feature_names=NAMES, **fields)

    record("explanation.joblib", explanation(), names=NAMES)
    record("explanation.joblib.xz", explanation(), names=NAMES, compress=("xz", 3))
    record("explanation.pkl", explanation(), names=NAMES)
    record("explanation_sliced.joblib", explanation()[2:, :2], values[2:, :2], names=NAMES[:2])
    record("explanation_scalar_base.joblib", explanation(base_values=-0.25), names=NAMES)
    record("explanation_no_base.joblib", explanation(base_values=None), base=None, names=NAMES)
    record("explanation_column_base.joblib", explanation(base_values=per_row.reshape(-1, 1)), names=NAMES)
    record("explanation_unnamed.joblib", shap.Explanation(values, np.arange(7.0), data), base=np.arange(7.0))
    record("explanation_two_classes.joblib", explanation(both, np.stack([-per_row, per_row], axis=1)), names=NAMES)
    record("explanation_output.joblib", explanation(both, np.stack([-per_row, per_row], axis=1))[:, :, 1], names=NAMES)
    record("explanation_float32.joblib", explanation(values.astype(np.float32)), values.astype(np.float32), names=NAMES)
    record("explanation_fortran.joblib", explanation(np.asfortranarray(values)), names=NAMES)
    record("explanation_two_fortran.joblib", explanation(np.asfortranarray(both), [-1.0, 0.5]), base=0.5, names=NAMES)
    record("explanation_big.pkl", explanation(values.astype(">f8")), names=NAMES)
    record("array.joblib", values, base=None)
    record("array.pkl", values, base=None)
    record("array_float32_fortran.pkl", np.asfortranarray(values.astype(">f4")), values.astype(np.float32), base=None)
    record("array_two_classes.joblib", both, base=None)
    record("array_one_output.joblib", values[:, :, None], base=None)
    record("list.joblib", [-values, values], base=None)
    record("list_of_one.joblib", [values], base=None)
    record("tuple.pkl", (-values, values), base=None)
    record("tuple_with_base.joblib", (values, -0.25))
    record("tuple_with_bases.joblib", (values, np.arange(7.0)), base=np.arange(7.0))
    record("dict.joblib", {"values": values, "base_values": per_row, "feature_names": NAMES}, names=NAMES)
    record("dict_expected.joblib", {"shap_values": [-values, values], "expected_value": [0.25, -0.25]})
    record("dict_scalar.pkl", {"values": values, "base_values": np.float64(-0.25), "feature_names": np.array(NAMES)}, names=NAMES)

    # The same forms by the other writer.
    for name, content, options in (
            ("explanation_two_classes.pkl", explanation(both, np.stack([-per_row, per_row], axis=1)), {"names": NAMES}),
            ("list.pkl", [-values, values], {"base": None}),
            ("array_two_classes.pkl", both, {"base": None}),
            ("tuple.joblib", (-values, values), {"base": None}),
            ("dict.pkl", {"values": values, "base_values": per_row, "feature_names": NAMES}, {"names": NAMES}),
            ("dict_expected.pkl", {"shap_values": [-values, values], "expected_value": [0.25, -0.25]}, {}),
            ("dict_scalar.joblib", {"values": values, "base_values": -0.25, "feature_names": NAMES}, {"names": NAMES}),
            ("dict_two_classes.joblib", {"shap_values": both, "expected_value": np.array([0.25, -0.25])}, {}),
            ("array.joblib.gz", values, {"base": None, "compress": ("gzip", 3)})):
        record(name, content, **options)
    frame = pd.DataFrame(values, columns=NAMES)
    refuse("frame.pkl", frame, "DataFrame")
    refuse("list_of_lists.pkl", values.tolist(), "a list of 7")
    refuse("object_values.joblib", np.full((2, 2), "a", object), "kind 'O'")
    refuse("three_classes.joblib", np.zeros((2, 3, 3)), "(2, 3, 3)")
    refuse("one_row.joblib", np.zeros(3), "shape (3)")
    refuse("empty.joblib", np.zeros((0, 3)), "shape (0, 3)")
    refuse("list_of_three.joblib", [values] * 3, "a list of 3")
    refuse("unlike.joblib", [values, values[:2]], "two shapes, (7, 3) and (2, 3)")
    refuse("no_values.joblib", explanation(values=None), "without values")
    refuse("string.pkl", "values", "a string")
    refuse("other_object.pkl", np.random.default_rng(0), "numpy.random")
    refuse("wrong_base.joblib", {"values": values, "base_values": np.zeros(4)}, "base values of shape (4) for 7 rows")
    refuse("wrong_names.joblib", {"values": values, "feature_names": ["a"]}, "1 feature names")
    refuse("text.joblib", np.array([["a", "b"]]), "kind 'U'")

    expected = {"files": files, "refused": refused}
    (OUTPUT / "expected.json").write_text(json.dumps(expected, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
