#!/bin/bash
# Makes the fixtures that come from Python again: what `make oracles` runs. README.md lists them.
#
# usage: oracles/regenerate.sh [--reference SOURCE_DIR] [SCRIPT.py ...]     default: every script
#
# A script takes part by naming its packages in a comment line of its own:
#   # requirements: requirements-NAME.txt [python3.N]          (a path from oracles/)
# It is run without arguments, from the root of the checkout, in an environment of its own under
# build/ with exactly those packages, once for each such line. PYTHON names the interpreter where
# the line does not (default python3.12).
set -euo pipefail
shopt -s inherit_errexit # an environment that cannot be made ends the script
cd "$(dirname "$0")/.."
python=${PYTHON:-python3.12}

reference=
if [ "${1:-}" = --reference ]; then reference=$2; shift 2; fi

environment() { # requirements file [interpreter] -> path of an environment that has them
  local file=oracles/$1 name venv interpreter=${2:-$python}
  name=${1//..\//}
  name=${name//\//-}
  name=${name#requirements-}
  venv=build/oracles-venv-${name%.txt}
  if ! cmp -s "$file" "$venv/installed.txt"; then
    rm -rf "$venv"
    "$interpreter" -m venv "$venv"
    "$venv/bin/pip" install --quiet --requirement "$file"
    cp "$file" "$venv/installed.txt"
  fi
  echo "$venv"
}

if [ -n "$reference" ]; then
  venv=$(environment requirements-reference.txt)
  "$venv/bin/python" oracles/trim_reference.py "$reference"
fi

[ $# -gt 0 ] || set -- oracles/*.py
for script in "$@"; do
  sed -n 's/^# requirements: //p' "$script" | while read -r requirements interpreter; do
    echo "$script ($requirements)"
    venv=$(environment "$requirements" "$interpreter")
    PYTHONPATH=oracles "$venv/bin/python" "$script" </dev/null
  done
done
