#!/usr/bin/env bash
# faults.sh BINARY SECONDS: bench/faults.py over the demonstration model and 48,744 made-up applicants.
# Leaves its data in build/bench. Needs wrk.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$PWD/build/bench
mkdir -p "$work/plain"
if [ ! -s "$work/plain/application_test.csv" ]; then
  build/release/clairscore synth --rows 48744 --seed 1 --output "$work/plain/application_test.csv"
fi
python3 bench/faults.py "$1" demo/gradient_boosting "$work/plain" --memory-seconds "$2"
