#!/usr/bin/env bash
# run.sh [REPEAT=7]: clairscore and its peers on the same rows in one run, on two threads where they can; prints a table.
# Environment: PYTHON (a Python 3.12, default python3.12), MODEL and DATA (default: the demo model and 48,744 made-up
# applicants), WORK (default build/bench/peers; the peers' Pythons are made there). ONLY=task for one task.
set -euo pipefail
cd "$(dirname "$0")/../.."
repeat=${1:-7}
python=${PYTHON:-python3.12}
work=${WORK:-$PWD/build/bench/peers}
model=${MODEL:-demo/gradient_boosting}
data=${DATA:-$work/applicants.csv}
binary=build/release/clairscore
mkdir -p "$work"
[ -s "$data" ] || "$binary" synth --rows 48744 --seed 1 --output "$data"
for group in "" -lleaves; do
  if [ ! -x "$work/venv$group/bin/python" ]; then
    "$python" -m venv "$work/venv$group"
    "$work/venv$group/bin/pip" install --quiet --disable-pip-version-check -r "bench/peers/requirements$group.txt"
  fi
done
if [ ! -s "$work/xgboost.ubj" ]; then
  "$binary" transform --model "$model" --data "$data" --stage model --output "$work/features.csv"
  "$work/venv/bin/python" bench/peers/prepare.py "$model" "$work/features.csv" "$work"
fi
export OMP_NUM_THREADS=2
read -ra only <<< "${ONLY:+--only $ONLY}"
# Ours before and after, so that a machine that changes its pace meanwhile shows.
build/release/bench/engine_bench "$model" "$data" --repeat "$repeat" --threads 2 "${only[@]}" > "$work/ours.jsonl"
"$work/venv/bin/python" bench/peers/peers.py "$work" --repeat "$repeat" "${only[@]}" > "$work/theirs.jsonl"
case "${ONLY:-score}" in *score*) "$work/venv-lleaves/bin/python" bench/peers/lleaves_scores.py "$work" --repeat "$repeat" >> "$work/theirs.jsonl" ;; esac
build/release/bench/engine_bench "$model" "$data" --repeat "$repeat" --threads 2 "${only[@]}" >> "$work/ours.jsonl"
python3 bench/peers/table.py "$work/ours.jsonl" "$work/theirs.jsonl"
