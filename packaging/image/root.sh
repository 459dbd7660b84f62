#!/usr/bin/env bash
# root.sh BINARY DEST: the root files of the image: the binary, the libraries it links, certificates,
# two fonts, one user, the licences of all of it and a list of it (SPDX). The Dockerfile and
# `make image` both use it, so both make the same image. Needs Debian's package database.
#
# Two parts, each to be a layer: DEST/base (what Debian gives) and DEST/app (what is ours).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source_dir=$(cd "$here/../.." && pwd)
binary=$(readlink -f "$1")
dest=$2
base=$dest/base
app=$dest/app
rm -rf "$base" "$app"
mkdir -p "$base"/{etc/ssl/certs,etc/fonts,usr/lib,usr/share/fonts,usr/share/doc,tmp,home/clairscore} \
  "$app"/usr/{bin,share/doc/clairscore}
ln -s usr/lib "$base/lib"
ln -s usr/lib64 "$base/lib64"

packages=()
# The package that a file of this machine belongs to.
owner() {
  local path=$1
  # Debian's database may name a file by where it was before /usr was merged.
  { dpkg-query -S "$path" 2>/dev/null || dpkg-query -S "${path#/usr}"; } | head -1 | cut -d: -f1
}

# Each library under the name the loader asks for, and the loader itself.
while read -r name path; do
  file=$(readlink -f "$path")
  folder=$base$(dirname "$(readlink -f "$(dirname "$path")")/x")
  mkdir -p "$folder"
  cp --preserve=mode "$file" "$folder/$name"
  packages+=("$(owner "$file")")
done < <(ldd "$binary" | awk '$2 == "=>" { print $1, $3 } $1 ~ /^\// { n = split($1, p, "/"); print p[n], $1 }')
# The loader's own address is /lib64/…, whatever folder holds it.
loader=$(ldd "$binary" | awk '$1 ~ /^\/lib64\// { print $1 }')
mkdir -p "$base/usr/lib64"
[ -e "$base/usr/lib64/$(basename "$loader")" ] || cp "$(readlink -f "$loader")" "$base/usr/lib64/$(basename "$loader")"

cp /etc/ssl/certs/ca-certificates.crt "$base/etc/ssl/certs/"
packages+=(ca-certificates)
for font in DejaVuSans DejaVuSans-Bold; do
  cp "/usr/share/fonts/truetype/dejavu/$font.ttf" "$base/usr/share/fonts/"
done
packages+=(fonts-dejavu-core)
cat > "$base/etc/fonts/fonts.conf" <<'CONF'
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <dir>/usr/share/fonts</dir>
  <cachedir>/tmp/fontconfig</cachedir>
</fontconfig>
CONF
printf 'root:x:0:0::/:/sbin/nologin\nclairscore:x:1000:1000::/home/clairscore:/sbin/nologin\n' > "$base/etc/passwd"
printf 'root:x:0:\nclairscore:x:1000:\n' > "$base/etc/group"
printf 'hosts: files dns\n' > "$base/etc/nsswitch.conf"

cp "$binary" "$app/usr/bin/clairscore"
strip "$app/usr/bin/clairscore"
cp "$source_dir/LICENSE" "$app/usr/share/doc/clairscore/"

mapfile -t packages < <(printf '%s\n' "${packages[@]}" | sort -u)
# What is within the binary: archives and headers.
inside=(zlib1g-dev libbz2-dev liblzma-dev liblz4-dev libboost1.81-dev libcli11-dev libexpected-dev)
for package in "${packages[@]}" "${inside[@]}"; do
  mkdir -p "$base/usr/share/doc/$package"
  cp -L "/usr/share/doc/$package/copyright" "$base/usr/share/doc/$package/"
done
# What Vite put into the screen: the packages that are not only for building or testing.
for licence in "$source_dir"/web/node_modules/{svelte,d3-array,internmap}/LICENSE*; do
  name=$(basename "$(dirname "$licence")")
  mkdir -p "$app/usr/share/doc/clairscore/screen/$name"
  cp "$licence" "$app/usr/share/doc/clairscore/screen/$name/LICENSE"
done
"$here/sbom.sh" "$app/usr/bin/clairscore" "${packages[@]}" --inside "${inside[@]}" > "$app/usr/share/doc/clairscore/sbom.spdx.json"

# The same modes and times wherever it is made.
chmod -R u=rwX,go=rX "$base" "$app"
chmod 755 "$app/usr/bin/clairscore"
chmod 1777 "$base/tmp"
# The Dockerfile keeps owners as they are here; oci.sh sets them, whoever makes the image.
[ "$(id -u)" -ne 0 ] || chown 1000:1000 "$base/home/clairscore"
find "$base" "$app" -exec touch --no-dereference --date="@${SOURCE_DATE_EPOCH:-0}" {} +
