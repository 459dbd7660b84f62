#!/usr/bin/env bash
# run.sh: measures what README.md and bench/README.md claim, on loopback, from build/release/clairscore.
# Leaves its data in build/bench. Quiet machine, please: nothing here is asserted.
set -euo pipefail
cd "$(dirname "$0")/.."
binary=$PWD/build/release/clairscore
work=$PWD/build/bench
mkdir -p "$work/plain" "$work/shap/shap"

if [ ! -s "$work/plain/application_test.csv" ]; then
  "$binary" synth --rows 48744 --seed 1 --output "$work/plain/application_test.csv"
fi
ln -sf "$work/plain/application_test.csv" "$work/shap/application_test.csv"
if [ ! -s "$work/shap/shap/shap_explanation.joblib" ]; then
  python3 -m venv "$work/venv"
  "$work/venv/bin/pip" install --quiet --disable-pip-version-check -r bench/requirements.txt
  "$binary" explain --model demo/gradient_boosting --data "$work/plain/application_test.csv" --output "$work/explanations.csv"
  "$work/venv/bin/python" bench/make_shap_file.py "$work/explanations.csv" "$work/shap/shap/shap_explanation.joblib"
fi

echo "== start-up, 48,744 rows, no SHAP file"
python3 bench/startup.py "$binary" demo/gradient_boosting "$work/plain"
echo "== start-up, 48,744 rows, with a SHAP file of $(du -m "$work/shap/shap/shap_explanation.joblib" | cut -f1) MiB"
python3 bench/startup.py "$binary" demo/gradient_boosting "$work/shap"
if [ "$(id -u)" -eq 0 ] && [ -f build/image/clairscore.oci.tar ]; then
  echo "== the image of \`make image\`"
  python3 bench/image_start.py build/image/clairscore.oci.tar "$binary"
fi
echo "== dashboard, one connection"
python3 bench/latency.py "$binary" demo/gradient_boosting "$work/plain"
echo "== search, filters, one customer"
python3 bench/product.py "$binary"
echo "== the dashboard and /invocations beside the original (FastAPI), mlflow models serve and MLServer"
for peer in original mlserver; do
  if ! cmp -s "bench/original/requirements-$peer.txt" "$work/$peer/installed.txt"; then
    rm -rf "${work:?}/$peer"
    python3 -m venv "$work/$peer"
    "$work/$peer/bin/pip" install --quiet --disable-pip-version-check -r "bench/original/requirements-$peer.txt"
    cp "bench/original/requirements-$peer.txt" "$work/$peer/installed.txt"
  fi
done
python3 bench/compare.py "$binary" demo/gradient_boosting "$work/shap" "$work/original/bin/python" \
  --mlserver-python "$work/mlserver/bin/python"
echo "== a file to scores, and to SHAP values by input, beside pandas, scikit-learn and shap"
python3 bench/batch.py "$binary" demo/gradient_boosting "$work/plain/application_test.csv" "$work/original/bin/python"
echo "== against faults"
python3 bench/faults.py "$binary" demo/gradient_boosting "$work/plain"
echo "== the screen"
(cd web && { [ -d node_modules/playwright-core ] || npm ci --no-audit --no-fund --loglevel=error; })
node bench/page.mjs "$binary"
echo "== 1,000,000 made-up applicants"
/usr/bin/time -f '%e s' "$binary" synth --rows 1000000 --seed 1 --output /dev/null
echo "== files: 48,744 rows"
for command in score explain; do
  "$binary" $command --model demo/gradient_boosting --data "$work/plain/application_test.csv" --output /dev/null --stats "$work/$command.json"
  echo "$command: $(cat "$work/$command.json")"
done
echo "== files larger than memory"
bench/stream.sh "$binary" demo/gradient_boosting "$work"
echo "== the Hub"
python3 bench/hub.py "$binary" demo/gradient_boosting "$work/plain"
echo "== a random forest of 300 MB, beside joblib.load"
forest=$work/forest
if ! cmp -s bench/requirements-forest.txt "$forest/installed.txt"; then
  rm -rf "$forest"
  python3 -m venv "$forest"
  "$forest/bin/pip" install --quiet --disable-pip-version-check -r bench/requirements-forest.txt
  "$forest/bin/python" bench/forest.py make "$forest/forest.joblib" "$forest/rows.csv"
  cp bench/requirements-forest.txt "$forest/installed.txt"
fi
"$forest/bin/python" bench/forest.py measure "$binary" "$forest/forest.joblib" "$forest/rows.csv"
echo "== binary"
strip -o "$work/stripped" "$binary"
echo "stripped: $(stat -c %s "$work/stripped") bytes"
echo "== the engine, from typed columns (bench/peers/run.sh measures the peers beside it)"
build/release/bench/engine_bench demo/gradient_boosting "$work/plain/application_test.csv"
for bench in build/release/bench/{csv,pickle}_bench; do
  [ -x "$bench" ] && { echo "== $(basename "$bench")"; "$bench"; }
done
