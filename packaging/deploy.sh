#!/usr/bin/env bash
# deploy.sh: pushes what the Dockerfile builds from to a Hugging Face Space, which builds and runs it.
# One commit without history replaces what the Space had: the Hub refuses binary files outside LFS, in
# any commit, and tests/ has some. What the build reads and is binary (the demonstration's model) goes
# as text: NAME.base64, which the Dockerfile turns back. Neither branches nor the working tree change.
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
# What the build reads, and what a Space wants at the root of its repository.
parts=(.dockerignore CMakeLists.txt CMakePresets.json Dockerfile LICENSE Makefile README.md
  cmake demo dictionaries packaging recipes scripts src web)
source=$(git rev-parse HEAD)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export GIT_INDEX_FILE=$folder/index
git read-tree --empty
git ls-tree -r -z --full-tree "$source" -- "${parts[@]}" | git update-index -z --index-info
# Beside the empty tree, git counts no lines of a file that is binary.
empty=$(git mktree </dev/null)
while IFS=$'\t' read -r _ _ path; do
  text=$(git cat-file blob "$source:$path" | base64 | git hash-object -w --stdin)
  git update-index --force-remove -- "$path"
  git update-index --add --cacheinfo "100644,$text,$path.base64"
done < <(git diff --cached --numstat "$empty" | grep -P '^-\t-\t')
tree=$(git write-tree)
unset GIT_INDEX_FILE
for part in "${parts[@]}"; do
  git cat-file -e "$tree:$part" || { echo "deploy.sh: $source has no $part" >&2; exit 1; }
done
large=$(git ls-tree -r -l --full-tree "$tree" | awk '$4 >= 1000000')
if [ -n "$large" ]; then
  printf 'deploy.sh: the Hub refuses files of 1 MB outside LFS:\n%s\n' "$large" >&2
  exit 1
fi
# The time is the source's, so that the same commit gives the same one again.
commit=$(GIT_AUTHOR_NAME=clairscore GIT_AUTHOR_EMAIL=maintainers@clairscore.example \
  GIT_COMMITTER_NAME=clairscore GIT_COMMITTER_EMAIL=maintainers@clairscore.example \
  GIT_AUTHOR_DATE=$(git log -1 --format=%cI "$source") GIT_COMMITTER_DATE=$(git log -1 --format=%cI "$source") \
  git commit-tree "$tree" -m "Clairscore at $source")
export HF_USERNAME HF_TOKEN
# The helper is run by git and reads the variables from its environment.
# shellcheck disable=SC2016
git -c credential.helper= -c credential.helper='!printf "username=%s\npassword=%s\n" "$HF_USERNAME" "$HF_TOKEN" #' \
  push --force "$remote" "$commit:refs/heads/main"
echo "deploy.sh: pushed what $(git rev-parse --short "$source") builds from to $remote"
