"""What scikit-learn answers for the demonstration's model: tests/fixtures/demo/expected.json.

applicants.csv beside it holds the demonstration's first applicants: clairscore synth --rows 150 --seed 1 --with-target.
"""

# requirements: ../demo/requirements.txt

import json
import pathlib
import pickle
import sys

root = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(root / "demo"))
import train  # noqa: E402

folder = root / "tests/fixtures/demo"
inputs, _ = train.prepare(folder / "applicants.csv")
with open(root / "demo/gradient_boosting/model.pkl", "rb") as file:
    model = pickle.load(file)
expected = {
    "ids": inputs.index.tolist(),
    "raw": model.decision_function(inputs).tolist(),
    "probability_pos": model.predict_proba(inputs)[:, 1].tolist(),
    "feature_names": model[:-1].get_feature_names_out().tolist(),
}
(folder / "expected.json").write_text(json.dumps(expected, separators=(",", ":")) + "\n")
