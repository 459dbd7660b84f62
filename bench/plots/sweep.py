"""Measures ours and the peers over rows, trees, depth and features, and draws what bench/README.md shows.

usage: sweep.py WORK [--axis rows] [--task shap] [--repeat 3] [--peers woodelf,lightgbm,…] [--draw-only]

WORK holds the peers' Pythons (bench/peers/run.sh makes them) and gets results.jsonl and the models; run it with the
Python of WORK/venv. Figures are written beside this file: AXIS_TASK.svg, relative to ours at the reference shape
(100 trees, depth 7, 60 features, 20,000 rows) in the same run, because machines differ and ratios do not.

A shape is trained by scikit-learn (31 leaves up to depth 7, 2^(depth - 2) up to 255 beyond) on numeric columns, a
tenth of whose cells are missing. A peer is given up along an axis once a task has taken it more than --patience
seconds, as the line that ends early in the figure says.
"""
import argparse
import json
import pathlib
import pickle
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent / "peers"))

from svg import chart  # noqa: E402

REFERENCE = {"rows": 20_000, "trees": 100, "depth": 7, "features": 60}
AXES = {
    "rows": [5_000, 20_000, 50_000, 200_000, 1_000_000, 5_000_000],
    "trees": [10, 30, 100, 300, 1_000],
    "depth": [3, 5, 7, 10, 13, 16],
    "features": [10, 30, 60, 120, 240, 480],
}
TASKS = {"shap": ("SHAP values, path-dependent", ["woodelf", "lightgbm", "xgboost", "shap"]),
         "score": ("Scores", ["lleaves", "xgboost", "lightgbm"]),
         "interactions": ("Interaction values", ["woodelf", "xgboost"])}
PYTHON_OF = {"lleaves": "venv-lleaves"}


def leaves_for(depth):
    return 31 if depth <= 7 else min(255, 2 ** (depth - 2))


def prepare(shape, directory):
    """Trains the model of a shape, once, and writes it and its rows in every form."""
    import numpy as np
    from sklearn.ensemble import HistGradientBoostingClassifier

    from prepare import write_forms
    if (directory / "xgboost.ubj").exists():
        return
    random = np.random.default_rng(1)
    rows = min(shape["rows"], 50_000)  # more are these again and again
    values = random.normal(size=(rows, shape["features"])).astype(np.float32).astype(np.float64)
    trained = values[:20_000].copy()
    weights = random.normal(size=min(shape["features"], 20))
    used = trained[:, :len(weights)]
    truth = used @ weights + used[:, 0] * used[:, -1] + random.normal(size=len(trained))
    missing = random.random((rows, shape["features"])) < 0.1
    values[missing] = np.nan
    trained[missing[:len(trained)]] = np.nan
    model = HistGradientBoostingClassifier(max_iter=shape["trees"], max_depth=shape["depth"], max_leaf_nodes=leaves_for(shape["depth"]), early_stopping=False, learning_rate=0.05)
    model.fit(trained, truth > np.median(truth))
    directory.mkdir(parents=True, exist_ok=True)
    with open(directory / "model.pkl", "wb") as f:
        pickle.dump(model, f)
    import pandas as pd
    pd.DataFrame(values, columns=[f"x{i}" for i in range(shape["features"])]).rename_axis("id").to_csv(directory / "rows.csv", float_format="%.9g")
    write_forms(model, values, directory)


def lines_of(command):
    run = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    return [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]


def ours(directory, task, rows, repeat):
    return lines_of([ROOT / "build/release/bench/engine_bench", directory / "model.pkl", directory / "rows.csv", "--repeat", str(repeat), "--threads", "2", "--only", task, "--rows", str(rows)])


def theirs(work, peer, directory, task, rows, repeat):
    python = work / PYTHON_OF.get(peer, "venv") / "bin/python"
    return lines_of([python, HERE.parent / "peers/peers.py", peer, directory, "--only", task, "--repeat", str(repeat), "--rows", str(rows)])


def measure(options):
    results = open(options.work / "results.jsonl", "a")
    seen = set()
    for axis in options.axis:
        given_up = set()
        for value in AXES[axis]:
            shape = {**REFERENCE, axis: value}
            directory = options.work / "shapes" / "_".join(str(v) for v in {**shape, "rows": min(shape["rows"], 50_000)}.values())
            prepare(shape, directory)
            for task, (_, peers) in TASKS.items():
                if task not in options.task:
                    continue
                for who in ["clairscore", *[p for p in peers if p in options.peers]]:
                    key = (*shape.values(), task, who)
                    if (task, who) in given_up or key in seen:
                        continue
                    if task == "interactions" and who == "clairscore" and shape["rows"] > 1_000_000:
                        continue
                    seen.add(key)
                    lines = ours(directory, task, shape["rows"], options.repeat) if who == "clairscore" else theirs(options.work, who, directory, task, shape["rows"], options.repeat)
                    for line in lines:
                        results.write(json.dumps({"shape": shape, "task": task, "who": who, "rows": line["rows"], "seconds": line["seconds"], "processor": line["processor_seconds"]}) + "\n")
                        results.flush()
                        if max(line["seconds"]) > options.patience:
                            given_up.add((task, who))
                    if not lines:
                        print(f"{who} failed at {task}, {shape}", file=sys.stderr)
                        given_up.add((task, who))


def draw(options):
    with open(options.work / "results.jsonl") as f:
        results = [json.loads(line) for line in f]  # a later run of a shape replaces an earlier one
    # µs a row of the last run of each; the least processor time, because the clock counts other programs too.
    figure = {(tuple(r["shape"].values()), r["task"], r["who"]): (min if options.processor else statistics.median)(r["processor" if options.processor else "seconds"]) / r["rows"] * 1e6 for r in results}
    reference = tuple(REFERENCE.values())
    for task, (title, peers) in TASKS.items():
        unit = figure.get((reference, task, "clairscore"))
        if unit is None:
            continue
        for axis in AXES:
            series = []
            for who in ["clairscore", *peers]:
                line = [(value, figure[key] / unit) for value in AXES[axis] if (key := (tuple({**REFERENCE, axis: value}.values()), task, who)) in figure]
                if len(line) > 1:
                    series.append((who, line))
            if series and series[0][0] == "clairscore":
                (HERE / f"{axis}_{task}.svg").write_text(chart(f"{title}, by {axis}", axis, "cost of a row, ours at the reference shape = 1", series))


def main():
    a = argparse.ArgumentParser()
    a.add_argument("work", type=pathlib.Path), a.add_argument("--axis", action="append", choices=AXES), a.add_argument("--task", action="append", choices=TASKS)
    a.add_argument("--repeat", type=int, default=3), a.add_argument("--patience", type=float, default=60)
    a.add_argument("--peers", type=lambda text: text.split(","), default=["woodelf", "lightgbm", "xgboost", "shap", "lleaves"])
    a.add_argument("--draw-only", action="store_true")
    a.add_argument("--processor", action="store_true", help="draw processor time, where the machine is busy")
    options = a.parse_args()
    options.axis, options.task = options.axis or list(AXES), options.task or list(TASKS)
    if not options.draw_only:
        measure(options)
    draw(options)


if __name__ == "__main__":
    main()
