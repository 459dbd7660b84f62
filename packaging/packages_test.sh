#!/usr/bin/env bash
# packages_test.sh: what build/release-files holds is whole and runs. The tarball's binary scores in a
# root that has none of the libraries beside it; the Debian package names what it needs and holds its
# unit and its settings file.
set -euo pipefail
cd "$(dirname "$0")/.."
files=$PWD/build/release-files
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "packages_test.sh: $*" >&2; exit 1; }

(cd "$files" && sha256sum --check --quiet SHA256SUMS) || fail "the checksums are of other files"

deb=$(echo "$files"/*.deb)
depends=$(dpkg-deb --field "$deb" Depends | tr ',' '\n' | awk '{ print $1 }')
for package in libc6 libstdc++6 libcurl4 libssl3 libcairo2 libfmt9 ca-certificates fonts-dejavu-core; do
  grep -q -x -F "$package" <<< "$depends" || fail "the Debian package does not depend on $package: $depends"
done
dpkg-deb --contents "$deb" > "$work/contents"
for file in usr/bin/clairscore usr/lib/systemd/system/clairscore.service usr/lib/systemd/system/clairscore.socket \
  usr/share/doc/clairscore/copyright usr/share/doc/clairscore/docs/operators-guide.md; do
  grep -q " \./$file$" "$work/contents" || fail "the Debian package has no $file"
done
grep -q "^-rw------- root/root .* \./etc/default/clairscore$" "$work/contents" || fail "everyone may read the settings, a token among them"
dpkg-deb --extract "$deb" "$work/deb"
if objdump -p "$work/deb/usr/bin/clairscore" | grep -q RUNPATH; then fail "the Debian package's binary looks for libraries of its own"; fi

tar --extract --directory="$work" --file="$(echo "$files"/*.tar.gz)"
tree=$(echo "$work"/clairscore-*)
"$tree/bin/clairscore" synth --rows 50 --seed 5 --output "$work/rows.csv"
build/release/clairscore score --model demo/gradient_boosting --data "$work/rows.csv" --output "$work/expected.csv"
if [ "$(id -u)" -eq 0 ]; then
  # The image's own libraries, without those that the tarball brings.
  cp -a build/image/base "$work/root"
  for library in "$tree"/lib/clairscore/*; do rm "$work/root/usr/lib/$(gcc -print-multiarch)/$(basename "$library")"; done
  mkdir "$work/root/opt" "$work/root/proc"
  cp -a "$tree" "$work/root/opt/clairscore"
  cp -a demo/gradient_boosting "$work/rows.csv" "$work/root/opt/"
  # With /proc, where the loader learns in which folder the program is; in mounts that go with the command.
  unshare --mount --pid --fork --mount-proc="$work/root/proc" chroot "$work/root" \
    /opt/clairscore/bin/clairscore score --model /opt/gradient_boosting --data /opt/rows.csv > "$work/scores.csv"
  cmp "$work/expected.csv" "$work/scores.csv" || fail "the tarball's binary gives other scores"
fi
echo "packages_test.sh: passed"
