#!/usr/bin/env bash
# dockerfile_test.sh: the Dockerfile built as a Space builds it, from what git tracks, step by step
# in a chroot (buildah, without an engine), on a debian:bookworm-slim made here from Debian's packages. The
# image must hold the same files and the same settings as `make image` gives, and pass the same test.
# Root only; leaves build/dockerfile/clairscore.oci.tar.
#   CCACHE_FOLDER   a ccache folder to compile with, to be faster; a Space compiles everything
set -euo pipefail
cd "$(dirname "$0")/../.."
[ "$(id -u)" -eq 0 ] || { echo "dockerfile_test.sh: needs root, for chroot" >&2; exit 2; }
work=$PWD/build/dockerfile
fail() { echo "dockerfile_test.sh: $*" >&2; exit 1; }
buildah=(buildah --root "$work/storage" --runroot "$work/run" --storage-driver vfs)
container=
clean() {
  [ -z "$container" ] || "${buildah[@]}" umount "$container" > /dev/null
  # Whatever a step that was cut short still has mounted is not ours to remove.
  if grep -q -F " $work/" /proc/self/mounts; then
    echo "dockerfile_test.sh: left mounted below $work" >&2
    return
  fi
  rm -rf "$work/storage" "$work/run" "$work/context"
}
clean
mkdir -p "$work/context"
trap clean EXIT

# What Docker's image of this name is made of. Certificates that this machine trusts of its own (a
# proxy's) go with it, since the steps download.
base=$work/base.tar
if [ -z "$(find "$base" -mtime -7 2> /dev/null)" ]; then
  more=()
  if [ -n "$(find /usr/local/share/ca-certificates -name '*.crt' 2> /dev/null)" ]; then
    # The hooks are run by mmdebstrap, which gives them the folder.
    # shellcheck disable=SC2016
    more+=(--setup-hook='mkdir -p "$1/usr/local/share"'
      --setup-hook='cp -a /usr/local/share/ca-certificates "$1/usr/local/share/"')
  fi
  [ -z "${CCACHE_FOLDER:-}" ] || more+=(--include=ccache)
  mmdebstrap --quiet --variant=minbase "${more[@]}" bookworm "$work/part.tar"
  mv "$work/part.tar" "$base"
fi
scratch=$("${buildah[@]}" from scratch)
"${buildah[@]}" add --quiet "$scratch" "$base" / > /dev/null
"${buildah[@]}" commit --quiet "$scratch" docker.io/library/debian:bookworm-slim > /dev/null
"${buildah[@]}" rm "$scratch" > /dev/null

git ls-files -z | tar --create --null --files-from=- | tar --extract --directory="$work/context"
volumes=()
if [ -n "${CCACHE_FOLDER:-}" ]; then
  mkdir -p "$work/ccache"
  printf 'cache_dir = /ccache\nbase_dir = /src\nhash_dir = false\n' > "$work/ccache/ccache.conf"
  volumes=(--volume "$CCACHE_FOLDER:/ccache" --volume "$work/ccache/ccache.conf:/etc/ccache.conf:ro")
fi
# In Docker's own format: the other one has no health check.
begin=$(date +%s)
"${buildah[@]}" bud --isolation chroot --pull-never --layers=false --format docker "${volumes[@]}" \
  --tag clairscore "$work/context"
echo "the Dockerfile's steps took $(($(date +%s) - begin)) s"

# The same files, with the same modes and owners, whatever the time.
container=$("${buildah[@]}" from --pull-never clairscore)
root=$("${buildah[@]}" mount "$container")
listing() { (cd "$1" && find . -mindepth 1 -printf '%P %y %m %U:%G %l\n'); }
(cd "$root" && listing .) | LC_ALL=C sort > "$work/files"
{ listing build/image/base; listing build/image/app; } | LC_ALL=C sort -u > "$work/expected"
diff "$work/expected" "$work/files" || fail "other files than those of \`make image\` (<)"

# The same settings.
"${buildah[@]}" inspect --type image clairscore > "$work/image.json"
node - "$work/image.json" packaging/image/config.json <<'JS'
const fs = require('fs'), assert = require('assert');
const made = JSON.parse(fs.readFileSync(process.argv[2])).Docker.config;
const wanted = JSON.parse(fs.readFileSync(process.argv[3]));
for (const key of Object.keys(wanted)) {
  if (key === 'Labels') continue;
  const sorted = v => key === 'Env' ? [...v].sort() : v;
  assert.deepStrictEqual(sorted(made[key]), sorted(wanted[key]), key);
}
JS
"${buildah[@]}" push --quiet clairscore "oci-archive:$work/clairscore.oci.tar:latest" > /dev/null
packaging/image/test.sh "$work/clairscore.oci.tar"
echo "dockerfile_test.sh: passed"
