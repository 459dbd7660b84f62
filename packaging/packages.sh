#!/usr/bin/env bash
# packages.sh: what a release holds, in build/release-files: the Debian package, a tarball with the
# binary, the libraries that other systems have not, its unit and its licences, the image, and their
# checksums. Fails when the binary or a library beside it needs more than docs/operators-guide.md says.
set -euo pipefail
cd "$(dirname "$0")/.."
out=$PWD/build/release-files
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
fail() { echo "packages.sh: $*" >&2; exit 1; }
rm -rf "$out"
mkdir -p "$out"
version=$(build/release/clairscore --version | cut -d' ' -f2)
architecture=$(dpkg --print-architecture)

cpack --config build/release/CPackConfig.cmake -G DEB -B build/packages > build/packages.log || { cat build/packages.log >&2; exit 1; }
cp build/packages/*.deb "$out/"

folder=clairscore-$version-linux-$architecture
tree=build/packages/$folder
rm -rf "$tree"
mkdir -p "$tree"/{bin,lib/clairscore,share/doc}
strip -o "$tree/bin/clairscore" build/release/clairscore
cp LICENSE README.md README.fr.md CHANGELOG.md packaging/systemd/clairscore.{service,socket} "$tree/share/doc/"
mkdir "$tree/share/doc/docs"
cp docs/*.md "$tree/share/doc/docs/"
# Those whose names hold a version that only Debian 12 has. The binary looks for them here first.
declare -A beside=([libfmt.so.9]=libfmt9 [libprometheus-cpp-core.so.1.0]=libprometheus-cpp-core1.0
  [libsimdjson.so.14]=libsimdjson14 [libspdlog.so.1.10]=libspdlog1.10 [libyaml-cpp.so.0.7]=libyaml-cpp0.7)
for library in "${!beside[@]}"; do
  file=$(readlink -f "$(ldd build/release/clairscore | awk -v name="$library" '$1 == name { print $3 }')")
  strip -o "$tree/lib/clairscore/$library" "$file"
  cp "build/image/base/usr/share/doc/${beside[$library]}/copyright" "$tree/share/doc/copyright.${beside[$library]}"
done
# shellcheck disable=SC2016  # the loader's word, not the shell's
patchelf --set-rpath '$ORIGIN/../lib/clairscore' "$tree/bin/clairscore"
for package in zlib1g-dev libbz2-dev liblzma-dev liblz4-dev libboost1.81-dev libcli11-dev libexpected-dev; do
  cp "build/image/base/usr/share/doc/$package/copyright" "$tree/share/doc/copyright.$package"
done
cp -r build/image/app/usr/share/doc/clairscore/screen "$tree/share/doc/"

# What the tarball needs of a system: the highest version of the symbols it asks for, and the
# libraries that are not beside it. The operator's guide says the same, word for word.
highest() { objdump -T "$tree/bin/clairscore" "$tree"/lib/clairscore/* | grep -o "\b$1_[0-9.]*" | sort -Vu | tail -1 | cut -d_ -f2; }
mapfile -t needed < <(objdump -p "$tree/bin/clairscore" "$tree"/lib/clairscore/* | awk '$1 == "NEEDED" { print $2 }' | sort -u |
  grep -v -x -F -f <(printf '%s\n' "${!beside[@]}"))
says="glibc $(highest GLIBC), libstdc++ $(highest GLIBCXX) and $(printf '%s\n' "${needed[@]}" | grep -v -E '^(libc|libm|libstdc[+][+]|libgcc_s|ld-linux-x86-64)[.]' | paste -sd' ')"
echo "the tarball needs $says" | tee "$tree/REQUIREMENTS"
tr -s '\n ' ' ' < docs/operators-guide.md | grep -q -F "$says" || fail "docs/operators-guide.md says otherwise"
tar --create --gzip --directory=build/packages --sort=name --mtime="@$SOURCE_DATE_EPOCH" --numeric-owner --owner=0 --group=0 \
  --file="$out/$folder.tar.gz" "$folder"

cp build/image/clairscore.oci.tar "$out/clairscore-$version-$architecture.oci.tar"
(cd "$out" && sha256sum -- * > SHA256SUMS)
ls -l "$out"
packaging/packages_test.sh
