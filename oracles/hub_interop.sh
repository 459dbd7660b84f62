#!/bin/bash
# Runs hub_interop.py with the Python client 1.x and the newest 2.x against the built binary, each in
# an environment of its own under build/.
#
# usage: oracles/hub_interop.sh [--record]      --record: write tests/fixtures/hub/ again
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}
binary=${BINARY:-build/release/clairscore}
for client in hub1 hub2; do
  requirements=oracles/requirements-$client.txt
  venv=build/oracles-venv-$client
  if ! cmp -s "$requirements" "$venv/installed.txt"; then
    rm -rf "$venv"
    "$python" -m venv "$venv"
    "$venv/bin/pip" install --quiet --requirement "$requirements"
    cp "$requirements" "$venv/installed.txt"
  fi
  record=()
  if [ "${1:-}" = --record ]; then
    mkdir -p tests/fixtures/hub
    record=(--record "tests/fixtures/hub/cache_$client.json")
  fi
  "$venv/bin/python" oracles/hub_interop.py "$binary" "${record[@]}"
done
