#!/usr/bin/env bash
# check-tree.sh: refuses models and data of others in git, as the original's pipeline does: they
# belong to the Hub. Also files over 2 MB, which nobody meant to commit.
set -euo pipefail
cd "$(dirname "$0")/.."
bad=$(git ls-files | grep -E '^(data|models|shap|plots)/' || true)
if [ -n "$bad" ]; then
  echo "check-tree.sh: these belong to the Hub and not to git:" >&2
  echo "$bad" >&2
  exit 1
fi
large=$(git ls-files -z | xargs -0 -I{} find {} -maxdepth 0 -type f -size +2M)
if [ -n "$large" ]; then
  echo "check-tree.sh: over 2 MB:" >&2
  echo "$large" >&2
  exit 1
fi
echo "check-tree.sh: no models or data in git"
