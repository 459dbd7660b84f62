"""A file of applications to a file of answers: clairscore and Python, whole runs from the shell, in turn.

usage: batch.py CLAIRSCORE MODEL_FOLDER APPLICATIONS.csv PYTHON [--repeat 7] [--python-repeat 3]

PYTHON: one with original/requirements-original.txt. Both read the same file, warm in the page cache, and write the same
tables to disk (original/batch.py); the tables are compared. Prints medians of the clock and of processor time.
"""

import argparse
import csv
import os
import resource
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent


def run(command):
    """Seconds by the clock and of the processors."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    subprocess.run(command, check=True)
    seconds = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def largest_difference(ours, theirs):
    """Of numbers, absolute; text must be the same."""
    largest, rows = 0.0, 0
    with open(ours) as a, open(theirs) as b:
        for mine, other in zip(csv.reader(a), csv.reader(b), strict=True):
            if len(mine) != len(other):
                raise ValueError(f"row {rows} has {len(mine)} cells here and {len(other)} there")
            for x, y in zip(mine, other):
                if x != y:
                    largest = max(largest, abs(float(x) - float(y)))
            rows += 1
    return largest, rows - 1


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("clairscore")
    parser.add_argument("model")
    parser.add_argument("data")
    parser.add_argument("python")
    parser.add_argument("--repeat", type=int, default=7)
    parser.add_argument("--python-repeat", type=int, default=3)
    options = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", str(len(os.sched_getaffinity(0))))
    with tempfile.TemporaryDirectory() as folder:
        for what, command in (("scores", ["score"]), ("shap", ["explain", "--by-input"])):
            ours_out, theirs_out = f"{folder}/ours.csv", f"{folder}/theirs.csv"
            ours = lambda: run([options.clairscore, *command, "--model", options.model, "--data", options.data, "--output", ours_out])
            theirs = lambda: run([options.python, str(HERE / "original" / "batch.py"), what, options.model, options.data, theirs_out])
            ours(), theirs()  # files and pages in memory
            # Ours before and after, so that a machine that changes its pace meanwhile shows.
            mine = [ours() for _ in range((options.repeat + 1) // 2)]
            python = [theirs() for _ in range(options.python_repeat)]
            mine += [ours() for _ in range(options.repeat // 2)]
            difference, rows = largest_difference(ours_out, theirs_out)
            middle = lambda runs, i: statistics.median(r[i] for r in runs)
            print(f"{what}, {rows} rows, largest difference {difference:.2g}: "
                  f"clairscore {middle(mine, 0):.3f} s ({middle(mine, 1):.3f} s of processor), "
                  f"Python {middle(python, 0):.2f} s ({middle(python, 1):.2f}): "
                  f"{middle(python, 0) / middle(mine, 0):.0f} times by the clock, "
                  f"{middle(python, 1) / middle(mine, 1):.0f} by the processor", flush=True)


if __name__ == "__main__":
    main()
