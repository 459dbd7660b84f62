#!/usr/bin/env bash
# packages.sh: what a release holds, in build/release-files: the Debian package, a tarball with the
# binary, its unit and its licences, the image, and their checksums. Says the oldest glibc and
# libstdc++ the binary runs on, from the versions of the symbols it asks for.
set -euo pipefail
cd "$(dirname "$0")/.."
out=$PWD/build/release-files
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
rm -rf "$out"
mkdir -p "$out"
version=$(build/release/clairscore --version | cut -d' ' -f2)
architecture=$(dpkg --print-architecture)

cpack --config build/release/CPackConfig.cmake -G DEB -B build/packages > build/packages.log || { cat build/packages.log >&2; exit 1; }
cp build/packages/*.deb "$out/"

folder=clairscore-$version-linux-$architecture
rm -rf "build/packages/$folder"
mkdir -p "build/packages/$folder"
cp LICENSE README.md README.fr.md CHANGELOG.md packaging/systemd/clairscore.{service,socket} "build/packages/$folder/"
strip -o "build/packages/$folder/clairscore" build/release/clairscore
floor() { objdump -T build/release/clairscore | grep -o "$1_[0-9.]*" | sort -Vu | tail -1; }
{
  echo "needs at least $(floor GLIBC), $(floor GLIBCXX), and these libraries:"
  objdump -p build/release/clairscore | awk '$1 == "NEEDED" { print "  " $2 }'
} > "build/packages/$folder/REQUIREMENTS"
cat "build/packages/$folder/REQUIREMENTS"
tar --create --gzip --directory=build/packages --sort=name --mtime="@$SOURCE_DATE_EPOCH" --numeric-owner --owner=0 --group=0 \
  --file="$out/$folder.tar.gz" "$folder"

cp build/image/clairscore.oci.tar "$out/clairscore-$version-$architecture.oci.tar"
(cd "$out" && sha256sum -- * > SHA256SUMS)
ls -l "$out"
