#!/usr/bin/env bash
# The clients of others, unmodified, against build/release/clairscore: openapi-spec-validator and jsonschema
# (oracles/validate_openapi.py), tritonclient[http] and schemathesis (every check, 200 examples an operation, a fixed seed;
# once more, shorter, where tokens are asked for). Ends with 1 when one of them finds a fault. PYTHON names the interpreter (default python3).
set -euo pipefail
shopt -s inherit_errexit # an environment that cannot be made ends the script
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}
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
root=$PWD

serve() { # settings -> a server of its own at $api
  api=$(free_port)
  "$root/build/release/clairscore" serve --model "$root/$hub/model" --data "$root/$hub/data" --port "$(free_port)" \
    --api-port "$api" "$@" 2>"$work/serve.log" &
  server=$!
  for _ in $(seq 600); do
    if "$root/build/release/clairscore" health --port "$api" >/dev/null 2>&1; then return; fi
    sleep 0.1
  done
  cat "$work/serve.log" >&2
  exit 1
}
stop() {
  kill "$server"
  wait "$server"
  server=
}
check() { # examples an operation, options of schemathesis
  local examples=$1
  shift
  "$root/$schemathesis/bin/schemathesis" --config-file "$root/oracles/schemathesis.toml" run --checks all \
    --max-examples "$examples" --seed 20261123 --workers 2 "$@" "http://127.0.0.1:$api/openapi.json"
}

serve
"$triton/bin/python" oracles/triton_client.py --server "127.0.0.1:$api"
cd "$work" # where schemathesis leaves its own files
check "${EXAMPLES:-200}"
stop
# With tokens: also that nobody gets an answer without one, and that the document says so.
token=operator-of-the-test
serve --tokens "reader:reader-of-the-test,operator:$token"
check "${TOKEN_EXAMPLES:-20}" --header "Authorization: Bearer $token"
stop
