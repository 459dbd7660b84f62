#!/bin/bash
# run.sh [SECONDS] [TARGET ...]: runs every fuzz target (or those named) for so long, 60 by default,
# from the seeds of fuzz/TARGET.seeds and what earlier runs found. Fails when one crashes, hangs or
# takes too much memory; the input is then in build/fuzz/findings/TARGET/. build/fuzz/runs.txt gets
# a line a run: executions, and coverage in edges of the instrumented code.
#
# Build first: cmake --preset fuzz && cmake --build --preset fuzz
set -euo pipefail
shopt -s nullglob
cd "$(dirname "$0")/.."
seconds=${1:-60}
shift || true

targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then
  for binary in build/fuzz/fuzz/fuzz_*; do
    [ -f "$binary" ] && [ -x "$binary" ] && targets+=("$(basename "$binary")")
  done
fi
[ ${#targets[@]} -gt 0 ] || { echo "fuzz/run.sh: nothing is built in build/fuzz/fuzz" >&2; exit 2; }

failed=()
for target in "${targets[@]}"; do
  seeds=build/fuzz/seeds/$target
  corpus=build/fuzz/corpus/$target
  findings=build/fuzz/findings/$target
  rm -rf "$seeds"
  mkdir -p "$seeds" "$corpus" "$findings"
  number=0
  while read -r glob; do
    for file in $glob; do # unquoted: it is a glob
      number=$((number + 1))
      cp "$file" "$seeds/$number-$(basename "$file")"
    done
  done < <(grep -v '^dict ' "fuzz/$target.seeds")
  [ "$number" -gt 0 ] || { echo "fuzz/run.sh: no seeds for $target" >&2; exit 2; }

  # A line "dict FILE" among the seeds names a dictionary.
  dictionary=()
  while read -r name; do dictionary=("-dict=$name"); done \
    < <(sed -n 's/^dict //p' "fuzz/$target.seeds")

  echo "== $target: $seconds s, $number seeds, $(find "$corpus" -type f | wc -l) inputs found before"
  # A leak, a slow input (10 s) or one that takes a gigabyte is a finding as a crash is.
  log=build/fuzz/$target.log
  verdict=nothing
  if ! "build/fuzz/fuzz/$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 \
      -max_len=262144 -artifact_prefix="$findings/" -print_final_stats=1 \
      "${dictionary[@]}" \
      "$corpus" "$seeds" > "$log" 2>&1; then
    verdict=a_finding
    failed+=("$target")
    tail -40 "$log"
  fi
  # What libFuzzer last said: "#123 DONE cov: 456 ft: 789 ..."; a crash ends it before it counts.
  read -r executed coverage < <(awk '/^#[0-9]+/ { sub("#", "", $1); n = $1
    for (i = 2; i < NF; ++i) if ($i == "cov:") c = $(i + 1) } END { print n + 0, c + 0 }' "$log")
  line="$(date -u +%F) $target seconds=$seconds executed=$executed coverage=$coverage found=$verdict"
  echo "   $line"
  echo "$line" >> build/fuzz/runs.txt
done

if [ ${#failed[@]} -gt 0 ]; then
  echo "fuzz/run.sh: findings in ${failed[*]}; the inputs are in build/fuzz/findings/" >&2
  exit 1
fi
echo "fuzz/run.sh: no findings"
