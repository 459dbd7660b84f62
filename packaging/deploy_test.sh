#!/usr/bin/env bash
# deploy_test.sh: deploy.sh against a bare repository on this machine.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "deploy_test.sh: $*" >&2; exit 1; }

git init --quiet --bare "$work/space.git"
HF_SPACE_REMOTE=$work/space.git packaging/deploy.sh > "$work/log" 2>&1 || { cat "$work/log" >&2; fail "the push failed"; }
[ "$(git --git-dir="$work/space.git" rev-parse main)" = "$(git rev-parse HEAD)" ] || fail "another commit arrived"
# A Space needs these at the root of what it is given.
git --git-dir="$work/space.git" show main:Dockerfile > /dev/null || fail "no Dockerfile"
git --git-dir="$work/space.git" show main:README.md | sed -n '1,/^---$/p;2,/^---$/p' | grep -q '^sdk: docker$' || fail "no front matter"

# Models in git are refused before anything is pushed.
git clone --quiet . "$work/clone"
mkdir "$work/clone/models"
echo x > "$work/clone/models/model.pkl"
git -C "$work/clone" add --force models
if (cd "$work/clone" && HF_SPACE_REMOTE=$work/space.git packaging/deploy.sh > "$work/log" 2>&1); then fail "models/ was pushed"; fi
grep -q models/model.pkl "$work/log" || fail "models/ is not named"

# Without who and what, nothing is tried; the token is never printed.
if env -u HF_USERNAME HF_TOKEN=hf_secret packaging/deploy.sh > "$work/log" 2>&1; then fail "pushed without a name"; fi
grep -q HF_USERNAME "$work/log" || fail "HF_USERNAME is not named"
if grep -q hf_secret "$work/log"; then fail "the token was printed"; fi
echo "deploy_test.sh: passed"
