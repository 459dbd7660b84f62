#!/usr/bin/env bash
# The clients of others, unmodified, against build/release/clairscore: openapi-spec-validator and jsonschema
# (oracles/validate_openapi.py), tritonclient[http] and schemathesis (every check, 200 examples an operation, a fixed seed). Ends with 1 when one of them
# finds a fault. PYTHON names the interpreter (default python3.12).
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-python3.12}
hub=tests/fixtures/reference/hub
work=$(mktemp -d)
server=

finish() {
  if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; fi
  rm -rf "$work"
}
trap finish EXIT

environment() { # requirements file -> path of an environment that has them
  local venv=build/oracles-venv-$1
  if ! cmp -s "oracles/requirements-$1.txt" "$venv/installed.txt"; then
    rm -rf "$venv"
    "$python" -m venv "$venv"
    "$venv/bin/pip" install --quiet --requirement "oracles/requirements-$1.txt"
    cp "oracles/requirements-$1.txt" "$venv/installed.txt"
  fi
  echo "$venv"
}

free_port() {
  "$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

api_tools=$(environment api)
triton=$(environment triton)
schemathesis=$(environment schemathesis)
"$api_tools/bin/python" oracles/validate_openapi.py
api=$(free_port)
build/release/clairscore serve --model "$hub/model" --data "$hub/data" --port "$(free_port)" --api-port "$api" \
  2>"$work/serve.log" &
server=$!
for _ in $(seq 600); do
  if build/release/clairscore health --port "$api" >/dev/null 2>&1; then break; fi
  sleep 0.1
done

"$triton/bin/python" oracles/triton_client.py --server "127.0.0.1:$api"
root=$PWD
cd "$work" # where schemathesis leaves its own files
"$root/$schemathesis/bin/schemathesis" --config-file "$root/oracles/schemathesis.toml" run --checks all \
  --max-examples "${EXAMPLES:-200}" --seed 20261123 --workers 2 "http://127.0.0.1:$api/openapi.json"
