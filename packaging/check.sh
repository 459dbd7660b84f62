#!/usr/bin/env bash
# check.sh: every script by shellcheck, the workflow by actionlint, the Kubernetes manifests and the
# compose file against their schemas. The checkers' versions are pinned, they live in build/check, and
# once they are there nothing is downloaded.
#   PYTHON   default python3
set -euo pipefail
cd "$(dirname "$0")/.."
tools=$PWD/build/check
actionlint=1.7.7
mkdir -p "$tools"

mapfile -t scripts < <(git ls-files '*.sh')
shellcheck "${scripts[@]}"
echo "check.sh: ${#scripts[@]} scripts"

if [ "$("$tools/bin/actionlint" -version 2> /dev/null | head -1)" != "v$actionlint" ]; then
  GOBIN=$tools/bin go install "github.com/rhysd/actionlint/cmd/actionlint@v$actionlint"
fi
"$tools/bin/actionlint"
echo "check.sh: the workflow"

if ! cmp -s packaging/requirements-check.txt "$tools/venv/installed.txt"; then
  rm -rf "$tools/venv"
  "${PYTHON:-python3}" -m venv "$tools/venv"
  # Without what docker-compose would need to run: only its schema is used.
  grep -v docker-compose packaging/requirements-check.txt > "$tools/requirements.txt"
  "$tools/venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$tools/requirements.txt"
  "$tools/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps "$(grep docker-compose packaging/requirements-check.txt)"
  cp packaging/requirements-check.txt "$tools/venv/installed.txt"
fi
# The oldest version that is still in use somewhere, and the newest that the checker knows.
for version in 1.25 1.37; do
  "$tools/venv/bin/kubernetes-validate" --strict --kubernetes-version "$version" packaging/kubernetes/clairscore.yaml
done
"$tools/venv/bin/python" packaging/check_manifests.py packaging/kubernetes/clairscore.yaml packaging/compose.yaml
echo "check.sh: the Kubernetes manifests and the compose file"
