#!/usr/bin/env bash
# oci.sh ROOT ARCHIVE: the folders ROOT/base and ROOT/app as the two layers of an OCI image, in one
# tar archive that `podman load`, `skopeo copy oci-archive:…` and registries take. No engine is
# needed, and the same files give the same digest.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$1
archive=$2
epoch=${SOURCE_DATE_EPOCH:-0}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
blobs=$work/oci/blobs/sha256
mkdir -p "$blobs"

# Everything belongs to root, but the user's own folder: a volume mounted there takes its owner.
layer() { # folder -> its layer's tar
  local options=(--directory="$1" --sort=name --mtime="@$epoch" --numeric-owner --format=gnu --file="$2")
  tar --create "${options[@]}" --owner=0 --group=0 --exclude=./home/clairscore .
  [ ! -d "$1/home/clairscore" ] || tar --append "${options[@]}" --owner=1000 --group=1000 ./home/clairscore
}
keep() { # file -> a blob; prints its hash
  local hash
  hash=$(sha256sum "$1" | cut -d' ' -f1)
  mv "$1" "$blobs/$hash"
  echo "$hash"
}
size() { stat -c %s "$blobs/$1"; }

diffs=() layers=()
for part in base app; do
  layer "$root/$part" "$work/$part.tar"
  diffs+=("\"sha256:$(sha256sum "$work/$part.tar" | cut -d' ' -f1)\"")
  gzip --no-name -9 "$work/$part.tar"
  layers+=("$(keep "$work/$part.tar.gz")")
done

created=$(date --utc --date="@$epoch" +%Y-%m-%dT%H:%M:%SZ)
version=$("$root/app/usr/bin/clairscore" --version | cut -d' ' -f2)
architecture=$(dpkg --print-architecture)
cat > "$work/config.json" <<JSON
{"created": "$created", "architecture": "$architecture", "os": "linux",
 "config": $(sed "s/@VERSION@/$version/" "$here/config.json"),
 "rootfs": {"type": "layers", "diff_ids": [${diffs[0]}, ${diffs[1]}]},
 "history": [{"created": "$created", "created_by": "packaging/image/root.sh: Debian's libraries"},
             {"created": "$created", "created_by": "packaging/image/root.sh: clairscore"}]}
JSON
config=$(keep "$work/config.json")
descriptor() { printf '{"mediaType": "application/vnd.oci.image.%s", "digest": "sha256:%s", "size": %s}' "$1" "$2" "$(size "$2")"; }
cat > "$work/manifest.json" <<JSON
{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
 "config": $(descriptor config.v1+json "$config"),
 "layers": [$(descriptor layer.v1.tar+gzip "${layers[0]}"), $(descriptor layer.v1.tar+gzip "${layers[1]}")]}
JSON
manifest=$(keep "$work/manifest.json")
cat > "$work/oci/index.json" <<JSON
{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json",
 "manifests": [{"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": "sha256:$manifest",
  "size": $(size "$manifest"), "annotations": {"org.opencontainers.image.ref.name": "$version"},
  "platform": {"architecture": "$architecture", "os": "linux"}}]}
JSON
printf '{"imageLayoutVersion": "1.0.0"}' > "$work/oci/oci-layout"

mkdir -p "$(dirname "$archive")"
tar --create --directory="$work/oci" --sort=name --mtime="@$epoch" --numeric-owner --owner=0 --group=0 \
  --format=gnu --file="$archive" .
compressed=0
for blob in "${layers[@]}"; do compressed=$((compressed + $(size "$blob"))); done
echo "image     $archive"
echo "digest    sha256:$manifest"
echo "layers    $((compressed / 1024)) KiB compressed, $(du -sk --apparent-size "$root/base" "$root/app" | awk '{ s += $1 } END { print s }') KiB unpacked"
