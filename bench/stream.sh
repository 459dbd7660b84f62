#!/usr/bin/env bash
# stream.sh BINARY MODEL WORK: made-up applicants piped into `clairscore score`, which reads them as a
# stream: rows a second, by the clock and by processor, and peak resident memory for three numbers
# of rows. Linear means that the first two stay, constant that the last one does. `synth` takes its
# part of the processors meanwhile; the same rows from a file on disk are measured beside it.
set -euo pipefail
binary=$1
model=$2
work=$3
measure() {  # measure LABEL ROWS DATA
  TIMEFORMAT='%R %U %S'
  local took times
  took=$({ time "$binary" score --model "$model" --data "$3" --output /dev/null --stats "$work/stream.json" >&2; } 2>&1)
  read -ra times <<< "$took"
  python3 - "$1" "$2" "$work/stream.json" "${times[@]}" <<'PY'
import json, sys
label, rows, path, wall, user, system = sys.argv[1:]
stats = json.load(open(path))
assert stats["rows"] == int(rows), stats
print(f"{label}, {stats['rows']:,} rows: {float(wall):.2f} s, {stats['rows'] / stats['total_s']:,.0f} rows/s, "
      f"{(float(user) + float(system)) / stats['rows'] * 1e6:.2f} µs of processor a row, "
      f"peak {stats['peak_rss_bytes'] / 2**20:.0f} MiB")
PY
}
for rows in 50000 500000 5000000; do
  measure "piped from synth" "$rows" - < <("$binary" synth --rows "$rows" --seed 1 --output -)
done
"$binary" synth --rows 1000000 --seed 1 --output "$work/million.csv"
measure "from a file" 1000000 "$work/million.csv"
rm "$work/million.csv"
