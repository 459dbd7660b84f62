"""Prints what engine_bench and the peers measured, side by side. usage: table.py OURS.jsonl THEIRS.jsonl

µs a row: the median of the clock, and the least processor time (of all threads; it does not count what other programs
took). `times` is the peer's figure over ours, of each.
"""
import json
import statistics
import sys


def read(path):
    with open(path) as f:
        return [json.loads(line) for line in f if line.startswith("{")]


def figures(lines):
    micro = lambda key, pick: pick([s / line["rows"] * 1e6 for line in lines for s in line[key]])
    return micro("seconds", statistics.median), micro("processor_seconds", min)


def main():
    ours = {}
    for line in read(sys.argv[1]):
        ours.setdefault(line["task"], []).append(line)
    theirs = read(sys.argv[2])
    print("| task | who | threads | µs a row | processor µs a row | times, clock | times, processor |\n|---|---|---|---|---|---|---|")
    for task, lines in ours.items():
        wall, cpu = figures(lines)
        print(f"| {task} | clairscore | {1 if task.startswith('one row') else lines[0]['threads']} | {wall:.3f} | {cpu:.3f} | | |")
        for peer in (line for line in theirs if line["task"] == task):
            w, c = figures([peer])
            note = f" ({peer['note']})" if peer["note"] else ""
            rows = "" if peer["rows"] == lines[0]["rows"] else f", {peer['rows']} rows"
            print(f"| {task}{rows} | {peer['peer']}{note} | {peer['threads']} | {w:.2f} | {c:.2f} | {w / wall:.0f} | {c / cpu:.0f} |")


if __name__ == "__main__":
    main()
