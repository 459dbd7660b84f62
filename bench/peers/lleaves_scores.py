"""lleaves on the LightGBM text that prepare.py wrote. usage: lleaves_scores.py DIR [--repeat 7]"""
import argparse
import pathlib

import lleaves
import numpy as np

from common import measure


def main():
    a = argparse.ArgumentParser()
    a.add_argument("dir", type=pathlib.Path), a.add_argument("--repeat", type=int, default=7)
    o = a.parse_args()
    matrix = np.ascontiguousarray(np.load(o.dir / "matrix.npy"))
    model = lleaves.Model(model_file=str(o.dir / "trees.txt"))
    model.compile(raw_score=True)
    np.testing.assert_allclose(model.predict(matrix[:2000]), np.load(o.dir / "scores.npy")[:2000], rtol=0, atol=1e-12)
    measure("lleaves", "score", len(matrix), o.repeat, lambda: model.predict(matrix, n_jobs=2), note="compiled by LLVM beforehand")


if __name__ == "__main__":
    main()
