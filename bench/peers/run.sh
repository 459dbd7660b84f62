#!/usr/bin/env bash
# run.sh [REPEAT=7]: clairscore and its peers on the same rows in one run, on two threads where they can; prints a table,
# and the names of the peers that failed (the exit code is then 1).
# Environment: PYTHON (a Python 3.12, default python3.12), PYTHON38 (for fasttreeshap, default python3.8), MODEL and DATA
# (default: the demo model and ROWS made-up applicants), ROWS (default 48744), WORK (default build/bench/peers; the
# peers' Pythons are made there), ONLY=task for one task, PEERS="woodelf lleaves" for some.
#   ROWS=500000 ONLY=shap PEERS=woodelf bench/peers/run.sh     the comparison where woodelf's fixed cost is spread
set -euo pipefail
cd "$(dirname "$0")/../.."
repeat=${1:-7}
rows=${ROWS:-48744}
work=${WORK:-$PWD/build/bench/peers}
here=$work/$rows
model=${MODEL:-demo/gradient_boosting}
data=${DATA:-$here/applicants.csv}
peers=${PEERS:-scikit-learn xgboost lightgbm woodelf shap shapiq treelite tl2cgen lleaves onnxruntime onedal fasttreeshap}
binary=build/release/clairscore
mkdir -p "$here"

# Which Python a peer runs in.
group_of() {
  case "$1" in lleaves | onnxruntime | onedal | fasttreeshap) echo "-$1" ;; esac
}

make_venv() {
  local group=$1 venv=$work/venv$1 python=${PYTHON:-python3.12}
  [ -e "$venv/complete" ] && return
  [ "$group" = -fasttreeshap ] && python=${PYTHON38:-python3.8}
  local pip=("$venv/bin/pip" install --quiet --disable-pip-version-check)
  "$python" -m venv "$venv" &&
    if [ "$group" = -fasttreeshap ]; then
      "${pip[@]}" -r bench/peers/requirements-fasttreeshap-build.txt &&
        "${pip[@]}" --no-build-isolation -r bench/peers/requirements-fasttreeshap.txt
    else
      "${pip[@]}" -r "bench/peers/requirements$group.txt"
    fi && touch "$venv/complete"
}

make_venv ""
[ -s "$data" ] || "$binary" synth --rows "$rows" --seed 1 --output "$data"
if [ ! -s "$here/xgboost.ubj" ]; then
  "$binary" transform --model "$model" --data "$data" --stage model --output "$here/features.csv"
  "$work/venv/bin/python" bench/peers/prepare.py "$model" "$here/features.csv" "$here"
  rm "$here/features.csv"
fi
export OMP_NUM_THREADS=2
only=(${ONLY:+--only "$ONLY"})
ours() { build/release/bench/engine_bench "$model" "$data" --repeat "$repeat" --threads 2 "${only[@]}"; }
# Ours before and after, so that a machine that changes its pace meanwhile shows.
ours > "$here/ours.jsonl"
: > "$here/theirs.jsonl"
failed=()
for peer in $peers; do
  group=$(group_of "$peer")
  if ! make_venv "$group"; then
    failed+=("$peer (not installed)")
  elif ! "$work/venv$group/bin/python" bench/peers/peers.py "$peer" "$here" --repeat "$repeat" "${only[@]}" >> "$here/theirs.jsonl"; then
    failed+=("$peer")
  fi
done
ours >> "$here/ours.jsonl"
python3 bench/peers/table.py "$here/ours.jsonl" "$here/theirs.jsonl"
[ ${#failed[@]} -eq 0 ] || { printf 'failed: %s\n' "${failed[@]}"; exit 1; }
