#!/usr/bin/env bash
# release.sh: publishes build/release-files as the release of the tag that is checked out, with the
# changelog's section about it. Needs the gh command and GH_TOKEN.
set -euo pipefail
cd "$(dirname "$0")/.."
tag=$(git describe --exact-match --tags)
(cd build/release-files && sha256sum --check --quiet SHA256SUMS)
notes=$(mktemp)
trap 'rm -f "$notes"' EXIT
sed -n "/^## ${tag#v}\b/,/^## /{/^## /!p}" CHANGELOG.md > "$notes"
[ -s "$notes" ] || { echo "release.sh: CHANGELOG.md has no section ${tag#v}" >&2; exit 1; }
gh release create "$tag" --verify-tag --title "Clairscore ${tag#v}" --notes-file "$notes" build/release-files/*
