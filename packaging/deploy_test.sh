#!/usr/bin/env bash
# deploy_test.sh: deploy.sh against a bare repository on this machine, and release.sh with a `gh` that
# writes down what it is asked.
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

# A release: the tag's section of the changelog and the checked files, and nothing else.
version=$(sed -n 's/^## //p' CHANGELOG.md | head -1)
git clone --quiet . "$work/tagged"
mkdir -p "$work/bin" "$work/tagged/build/release-files"
cat > "$work/bin/gh" <<GH
#!/usr/bin/env bash
printf '%s\n' "\$@" > "$work/asked"
while [ "\$1" != --notes-file ]; do shift; done
cp "\$2" "$work/notes"
GH
chmod +x "$work/bin/gh"
release() { (cd "$work/tagged" && PATH="$work/bin:$PATH" packaging/release.sh > "$work/log" 2>&1); }
if release; then fail "released without a tag"; fi
git -C "$work/tagged" tag "v$version"
(cd "$work/tagged/build/release-files" && echo package > clairscore.deb && sha256sum -- * > SHA256SUMS)
release || { cat "$work/log" >&2; fail "the release failed"; }
for word in release create "v$version" build/release-files/clairscore.deb build/release-files/SHA256SUMS; do
  grep -q -x -F "$word" "$work/asked" || fail "the release was not asked for with $word"
done
grep -q . "$work/notes" || fail "the release has no notes"
if grep -q '^## ' "$work/notes"; then fail "the notes go on with another version"; fi
rm "$work/asked"
echo other > "$work/tagged/build/release-files/clairscore.deb"
if release || [ -e "$work/asked" ]; then fail "released files that are not what their checksums say"; fi
echo "deploy_test.sh: passed"
