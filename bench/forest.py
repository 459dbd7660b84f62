#!/usr/bin/env python3
"""Loading a random forest of 300 MB, by clairscore and by Python's own joblib.load, in the same run.

usage: forest.py make FOREST.joblib ROWS.csv        trains it (100,000 rows of noise, trees that are not pruned)
       forest.py measure CLAIRSCORE FOREST.joblib ROWS.csv

Needs requirements-forest.txt. Each figure is of a process of its own: the wall clock, the processor time and the largest
resident memory; of Python the clock starts after the imports, and those are told beside. `score` and `explain` of ours
include loading, hashing and reading ROWS.csv (20 rows).
"""

import json
import os
import subprocess
import sys
import time

LOAD = """
import time; begin = time.perf_counter()
import joblib, numpy, sklearn.ensemble, resource
imported = time.perf_counter(); before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
model = joblib.load({path!r}{mmap})
loaded = time.perf_counter(); after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
import csv
rows = numpy.array(list(csv.reader(open({rows!r})))[1:], dtype=float)
p = model.predict_proba(rows)[:, 1]
scored = time.perf_counter()
import json; print(json.dumps([imported - begin, loaded - imported, scored - loaded, before, after, p.tolist()]))
"""


def make(forest_path, rows_path):
    import joblib
    import numpy as np
    from sklearn.ensemble import RandomForestClassifier

    random = np.random.default_rng(0)
    rows = random.normal(size=(100_000, 12))
    target = (rows[:, 0] + rows[:, 1] * rows[:, 2] + random.normal(size=len(rows)) * 2 > 0).astype(int)
    forest = RandomForestClassifier(n_estimators=90, max_features=1, random_state=0, n_jobs=2).fit(rows, target)
    joblib.dump(forest, forest_path)
    given = random.normal(size=(20, 12))
    with open(rows_path, "w") as out:
        out.write(",".join("x%d" % i for i in range(12)) + "\n")
        for row in given:
            out.write(",".join(repr(float(v)) for v in row) + "\n")
    nodes = sum(t.tree_.node_count for t in forest.estimators_)
    print("%d nodes, %.0f MB" % (nodes, os.path.getsize(forest_path) / 1e6))


def run(command):
    """Wall seconds, processor seconds, peak resident MB, standard output."""
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    out = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit("%s ended with %d" % (command[0], status))
    return time.perf_counter() - begin, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, out.decode()


def measure(clairscore, forest, rows):
    with open(forest, "rb") as file:  # in the page cache for both
        while file.read(1 << 24):
            pass
    print("%.0f MB" % (os.path.getsize(forest) / 1e6))
    answers = {}
    for name, mmap in (("joblib.load", ""), ("joblib.load(mmap_mode='r')", ", mmap_mode='r'")):
        _, _, peak, out = run([sys.executable, "-c", LOAD.format(path=forest, rows=rows, mmap=mmap)])
        imported, loaded, scored, before, _, p = json.loads(out)
        answers[name] = p
        print("%-28s imports %5.2f s, load %6.2f s, 20 rows %5.2f s; peak %4.0f MB, %4.0f of them before the load"
              % (name, imported, loaded, scored, peak, before / 1024))
    for command in ("inspect", "score", "explain"):
        words = [clairscore, command] + ([forest] if command == "inspect" else ["--model", forest, "--data", rows])
        wall, processor, peak, out = run(words)
        print("%-28s %6.2f s, %5.2f s of processor; peak %4.0f MB" % ("clairscore " + command, wall, processor, peak))
        answers[command] = out
    lines = [line.split(",") for line in answers["score"].splitlines()]
    ours = [float(line[lines[0].index("probability_pos")]) for line in lines[1:]]
    largest = max(abs(a - b) for a, b in zip(ours, answers["joblib.load"]))
    print("largest difference of a probability: %g" % largest)


if __name__ == "__main__":
    {"make": make, "measure": measure}[sys.argv[1]](*sys.argv[2:])
