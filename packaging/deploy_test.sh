#!/usr/bin/env bash
# deploy_test.sh: deploy.sh against a bare repository on this machine, and release.sh with a `gh` that
# writes down what it is asked.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "deploy_test.sh: $*" >&2; exit 1; }

# The Space: refuses, as the Hub does, a binary file or one of 1 MB in any commit pushed, and here any path that the
# build does not read.
git init --quiet --bare "$work/space.git"
cat > "$work/space.git/hooks/pre-receive" <<'HOOK'
#!/usr/bin/env bash
set -euo pipefail
while read -r _ new _; do
  for commit in $(git rev-list "$new" --not --all); do
    bad=$(git ls-tree -r -l "$commit" | awk -F'\t' '{ split($1, meta, " ") }
      meta[4] >= 1000000 || $2 !~ /^(\.dockerignore|CMakeLists\.txt|CMakePresets\.json|Dockerfile|LICENSE|Makefile|README\.md|(cmake|demo|dictionaries|packaging|recipes|scripts|src|web)\/.*)$/')
    bad+=$(git diff --numstat "$(git mktree </dev/null)" "$commit" | grep -P '^-\t-\t' || true)
    if [ -n "$bad" ]; then echo "refused: $bad" | head -5 >&2; exit 1; fi
  done
done
HOOK
chmod +x "$work/space.git/hooks/pre-receive"
if git push --quiet "$work/space.git" HEAD:refs/heads/main > "$work/log" 2>&1; then fail "the Space takes everything"; fi
grep -q refused "$work/log" || { cat "$work/log" >&2; fail "the hook did not refuse"; }
before=$(git status --porcelain; git for-each-ref)
HF_SPACE_REMOTE=$work/space.git packaging/deploy.sh > "$work/log" 2>&1 || { cat "$work/log" >&2; fail "the push failed"; }
space() { git --git-dir="$work/space.git" "$@"; }
[ "$(space rev-list --count main)" = 1 ] || fail "history arrived"
space log -1 --format=%B main | grep -q -F "$(git rev-parse HEAD)" || fail "the source is not named"
[ "$before" = "$(git status --porcelain; git for-each-ref)" ] || fail "the working tree or a branch changed"
# What arrived is what the source holds, and all that the Dockerfile copies is there.
[ "$(space rev-parse main:src)" = "$(git rev-parse HEAD:src)" ] || fail "another src arrived"
copied=0
while read -r path; do
  [ "$path" = . ] || space cat-file -e "main:${path%/}" || fail "the Dockerfile copies $path, which was not pushed"
  copied=$((copied + 1))
done < <(space show main:Dockerfile | awk '$1 == "COPY" && $2 !~ /^--from/ { for (i = 2; i < NF; i++) if ($i !~ /^--/) print $i }')
[ "$copied" -gt 0 ] || fail "the Dockerfile copies nothing"
# The Dockerfile's own line turns the text back into what was binary.
git --git-dir="$work/space.git" archive --prefix=space/ main demo | tar -x -C "$work"
back=$(space show main:Dockerfile | sed -n "s/^RUN \(find .*base64.*\)/\1/p")
[ -n "$back" ] || fail "the Dockerfile does not turn text back"
(cd "$work/space" && sh -c "$back")
git archive --prefix=source/ HEAD demo | tar -x -C "$work"
diff -r "$work/source/demo" "$work/space/demo" || fail "another demo arrived"
# It copies everything, so: what make and CMake name at the root of the source.
for path in Makefile CMakeLists.txt CMakePresets.json scripts/install-deps.sh scripts/build-web.sh cmake/Embed.cmake \
  packaging/image/root.sh web/package-lock.json recipes/home_credit.yaml dictionaries/home_credit.yaml \
  demo/gradient_boosting/model.pkl.base64 demo/home_credit_profile.json LICENSE .dockerignore; do
  space cat-file -e "main:$path" || fail "$path was not pushed"
done
# Again, over what is there: a forced push.
HF_SPACE_REMOTE=$work/space.git packaging/deploy.sh > "$work/log" 2>&1 || { cat "$work/log" >&2; fail "the second push failed"; }
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
