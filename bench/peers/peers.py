"""Measures one peer on what prepare.py wrote. usage: peers.py PEER DIR [--repeat 7] [--only TASK] [--rows N]

PEER: one of the names below. Each starts from its own natural matrix in memory; importing, loading and compiling are
left out, building tables is in. --rows: so many, those
of the matrix again and again. Rows are fewer for a peer that would take hours (the line says how many). One JSON line
a task; a task that fails is named on standard error, the others go on, and the exit code is 1. run.sh gives each peer
a process of its own, and those whose dependencies exclude the others' a Python of their own; runs on Python 3.8.
"""
import argparse
import json
import os
import pathlib
import pickle
import sys

import numpy as np

from common import measure


class Bench:
    def __init__(self, peer, options):
        self.peer, self.dir, self.options, self.failed = peer, options.dir, options, False
        matrix = np.load(options.dir / "matrix.npy", mmap_mode="r")
        rows = options.rows or len(matrix)
        self.matrix = np.ascontiguousarray(np.resize(matrix, (rows, matrix.shape[1])) if rows > len(matrix) else matrix[:rows])
        self.rows = len(self.matrix)
        self.singles = min(200, self.rows)

    def path(self, name):
        return str(self.dir / name)

    def frame(self, rows=None):
        import pandas as pd
        return pd.DataFrame(np.asfortranarray(self.matrix[:rows]), columns=["f%d" % i for i in range(self.matrix.shape[1])])

    def light(self):
        import lightgbm
        return lightgbm.Booster(model_file=self.path("trees.txt"))

    def same_scores(self, scores, tolerance=1e-12):
        """The peer holds the same trees. Where it rounds to float32, some rows go another way (oneDAL: 6 % of them)."""
        wanted = np.load(self.dir / "scores.npy")[:2000]
        share = np.mean(np.abs(np.ravel(scores)[:len(wanted)] - wanted[:len(np.ravel(scores))]) > tolerance)
        if share > (0 if tolerance <= 1e-9 else 0.1):
            raise ValueError("scores of %.1f %% of the rows are not those of the model" % (100 * share))

    def task(self, name, work, rows=None, repeat=None, threads=2, note=""):
        """work: a function, or one for a number of rows, fewer than all."""
        if self.options.only and self.options.only != name:
            return
        try:
            measure(self.peer, name, rows or self.rows, min(self.options.repeat, repeat or 99), work, threads, note)
        except Exception as error:  # noqa: BLE001 - whatever a library throws
            print("%s, %s: %s: %s" % (self.peer, name, type(error).__name__, error), file=sys.stderr, flush=True)
            self.failed = True

    def each(self, work):
        """work of single rows, one after the other."""
        def run():
            for i in range(self.singles):
                work(self.matrix[i:i + 1])
        return run


def scikit_learn(b):
    with open(b.path("classifier.pkl"), "rb") as f:
        model = pickle.load(f)
    fortran = np.asfortranarray(b.matrix)
    b.task("score", lambda: model.decision_function(fortran))
    b.task("one row, score", b.each(model.decision_function), b.singles, 3, 1, "matrix in, raw score out")


def xgboost(b):
    import xgboost as library
    model = library.Booster(model_file=b.path("xgboost.ubj"))
    model.set_param({"nthread": 2})
    note = "same shape, own trees"
    b.task("score", lambda: model.inplace_predict(b.matrix, predict_type="margin"), note=note)
    b.task("shap", lambda: model.predict(library.DMatrix(b.matrix), pred_contribs=True), note=note)
    some = min(5000, b.rows)
    b.task("interactions", lambda: model.predict(library.DMatrix(b.matrix[:some]), pred_interactions=True), some, 3, note=note)
    b.task("one row, shap", b.each(lambda row: model.predict(library.DMatrix(row), pred_contribs=True)), b.singles, 3, 1, note)


def lightgbm(b):
    model = b.light()
    b.same_scores(model.predict(b.matrix[:2000], raw_score=True))
    b.task("score", lambda: model.predict(b.matrix, raw_score=True, num_threads=2))
    b.task("shap", lambda: model.predict(b.matrix, pred_contrib=True, num_threads=2))


def woodelf(b):
    from woodelf import WoodelfExplainer
    model, frame = b.light(), b.frame()
    background = frame.iloc[:b.options.background]
    b.task("shap", lambda: WoodelfExplainer(model).shap_values(frame, verbose=False), threads=1, note="float32")
    b.task("interventional", lambda: WoodelfExplainer(model, background).shap_values(frame, verbose=False), threads=1, note="float32")
    b.task("interactions", lambda: WoodelfExplainer(model).shap_interaction_values(frame, include_interaction_with_itself=False, as_df=True, exclude_zero_contribution_features=True, verbose=False), threads=1, note="sparse, float32")
    b.task("one row, shap", lambda: WoodelfExplainer(model).shap_values(frame.iloc[:1], verbose=False), 1, 3, 1)


def shap(b):
    import shap as library
    model = b.light()
    explainer = library.TreeExplainer(model)
    some = min(b.rows, 5000)
    b.task("shap", lambda: explainer.shap_values(b.matrix[:some], check_additivity=False), some, 3, 1)
    background = b.matrix[:b.options.background]
    # A plain array would be thinned to 100 rows without a word.
    masker = library.maskers.Independent(background, max_samples=len(background))
    b.task("interventional", lambda: library.TreeExplainer(model, masker).shap_values(b.matrix[:20], check_additivity=False), 20, 1, 1)
    b.task("interactions", lambda: explainer.shap_interaction_values(b.matrix[:100]), 100, 1, 1)
    b.task("one row, shap", b.each(lambda row: explainer.shap_values(row, check_additivity=False)), b.singles, 3, 1, "matrix in")


def shapiq(b):
    import shapiq as library
    model = b.light()
    # "auto" would be woodelf for many rows.
    explainer = library.TreeExplainer(model, max_order=1, index="SV", backend="shapiq")
    some = min(b.rows, 2000)
    b.task("shap", lambda: explainer.explain_X(b.matrix[:some]), some, 3, 1)
    pairs = library.TreeExplainer(model, max_order=2, min_order=2, index="SII", backend="shapiq")
    b.task("interactions", lambda: pairs.explain_X(b.matrix[:500]), 500, 3, 1)
    b.task("one row, shap", b.each(lambda row: explainer.explain_function(row[0])), b.singles, 3, 1, "matrix in")


def treelite(b):
    import treelite as library
    from treelite import gtil
    model = library.frontend.load_lightgbm_model(b.path("trees.txt"))
    b.same_scores(gtil.predict(model, b.matrix[:2000], pred_margin=True), 1e-9)
    b.task("score", lambda: gtil.predict(model, b.matrix, nthread=2, pred_margin=True), note="its interpreter")


def tl2cgen(b):
    import tl2cgen as library
    import treelite as trees
    built = b.path("tl2cgen.so")
    if not os.path.exists(built):
        model = trees.frontend.load_lightgbm_model(b.path("trees.txt"))
        library.export_lib(model, toolchain="gcc", libpath=built, params={"parallel_comp": 2})
    predictor = library.Predictor(built, nthread=2)
    b.same_scores(predictor.predict(library.DMatrix(b.matrix[:2000]), pred_margin=True), 1e-9)
    b.task("score", lambda: predictor.predict(library.DMatrix(b.matrix), pred_margin=True), note="compiled by gcc beforehand")


def lleaves(b):
    import lleaves as library
    model = library.Model(model_file=b.path("trees.txt"))
    model.compile(raw_score=True)
    b.same_scores(model.predict(b.matrix[:2000]))
    b.task("score", lambda: model.predict(b.matrix, n_jobs=2), note="compiled by LLVM beforehand")


def onnxruntime(b):
    import onnxruntime as library
    from skl2onnx import to_onnx
    with open(b.path("classifier.pkl"), "rb") as f:
        model = pickle.load(f)
    single = b.matrix.astype(np.float32)
    onnx = to_onnx(model, single[:1], options={id(model): {"zipmap": False, "raw_scores": True}}, target_opset=17)
    settings = library.SessionOptions()
    settings.intra_op_num_threads = 2
    session = library.InferenceSession(onnx.SerializeToString(), settings, providers=["CPUExecutionProvider"])
    name, output = session.get_inputs()[0].name, session.get_outputs()[-1].name
    scores = session.run([output], {name: single[:2000]})[0]
    b.same_scores(scores[:, -1], 1e-4)
    b.task("score", lambda: session.run([output], {name: single}), note="float32")
    b.task("one row, score", b.each(lambda row: session.run([output], {name: row.astype(np.float32)})), b.singles, 3, 1, "matrix in, float32")


def onedal(b):
    import daal4py.mb
    import lightgbm as library
    with open(b.path("trees.txt")) as f:
        text = f.read().replace("objective=binary sigmoid:1", "objective=regression")
    model = daal4py.mb.convert_model(library.Booster(model_str=text))
    b.same_scores(model.predict(b.matrix[:2000]), 1e-4)
    b.task("score", lambda: model.predict(b.matrix), note="float32")
    b.task("shap", lambda: model.predict(b.matrix, pred_contribs=True), note="float32")


def fasttreeshap(b):
    import fasttreeshap as library
    with open(b.path("trees.json")) as f:
        described = json.load(f)
    as_array = {"children_left": np.int32, "children_right": np.int32, "children_default": np.int32, "features": np.int32}
    trees = [{key: np.array(values, as_array.get(key, np.float64)) for key, values in tree.items()} for tree in described["trees"]]
    for tree in trees:
        tree["values"] = tree["values"].reshape(-1, 1)
    model = {"trees": trees, "base_offset": described["base"], "tree_output": "raw_value", "objective": "binary_crossentropy", "input_dtype": np.float64, "internal_dtype": np.float64}
    some = min(b.rows, 10000)
    for algorithm in ("v1", "v2"):
        explainer = library.TreeExplainer(model, algorithm=algorithm, n_jobs=2)
        if algorithm == "v1":
            b.same_scores(np.sum(explainer.shap_values(b.matrix[:200], check_additivity=False), axis=1) + explainer.expected_value, 1e-9)
        note = "v1" if algorithm == "v1" else "v2, wrong where a value is missing"
        b.task("shap", lambda: explainer.shap_values(b.matrix[:some], check_additivity=False), some, note=note)


PEERS = {"scikit-learn": scikit_learn, "xgboost": xgboost, "lightgbm": lightgbm, "woodelf": woodelf, "shap": shap, "shapiq": shapiq, "treelite": treelite, "tl2cgen": tl2cgen, "lleaves": lleaves, "onnxruntime": onnxruntime, "onedal": onedal, "fasttreeshap": fasttreeshap}


def main():
    a = argparse.ArgumentParser()
    a.add_argument("peer", choices=PEERS), a.add_argument("dir", type=pathlib.Path)
    a.add_argument("--repeat", type=int, default=7), a.add_argument("--only", default="")
    a.add_argument("--background", type=int, default=5000), a.add_argument("--rows", type=int, default=None)
    options = a.parse_args()
    bench = Bench(options.peer, options)
    PEERS[options.peer](bench)
    sys.exit(1 if bench.failed else 0)


if __name__ == "__main__":
    main()
