#!/usr/bin/env bash
# deploy.sh: pushes this commit to a Hugging Face Space, which builds the Dockerfile and runs it.
#   HF_USERNAME, HF_TOKEN   who pushes; the token is given to git by a helper, never in an address
#   HF_SPACE_NAME           default credit_scoring_dashboard_refactored
#   HF_SPACE_REMOTE         another address, for tests
set -euo pipefail
cd "$(dirname "$0")/.."
if [ -z "${HF_SPACE_REMOTE:-}" ]; then
  : "${HF_USERNAME:?deploy.sh: HF_USERNAME is not set}" "${HF_TOKEN:?deploy.sh: HF_TOKEN is not set}"
fi
remote=${HF_SPACE_REMOTE:-https://huggingface.co/spaces/${HF_USERNAME:-}/${HF_SPACE_NAME:-credit_scoring_dashboard_refactored}}
packaging/check-tree.sh
if [ "$(git rev-parse --is-shallow-repository)" = true ]; then
  echo "deploy.sh: a shallow clone cannot be pushed; check out with the whole history (fetch-depth: 0)" >&2
  exit 1
fi
export HF_USERNAME HF_TOKEN
# The helper is run by git and reads the variables from its environment.
# shellcheck disable=SC2016
git -c credential.helper= -c credential.helper='!printf "username=%s\npassword=%s\n" "$HF_USERNAME" "$HF_TOKEN" #' \
  push --force "$remote" HEAD:refs/heads/main
echo "deploy.sh: pushed $(git rev-parse --short HEAD) to $remote"
