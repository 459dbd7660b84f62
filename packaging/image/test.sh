#!/usr/bin/env bash
# test.sh ARCHIVE: runs the image as a container engine would, without one: the layers unpacked,
# the root read-only but /tmp, user 1000, the image's own environment and command. It must become
# ready, give the same score as the program outside, say so to its health check, and end with 0 on
# SIGTERM. Root only.
set -euo pipefail
archive=$(readlink -f "$1")
source_dir=$(cd "$(dirname "$0")/../.." && pwd)
binary=$source_dir/build/release/clairscore
[ "$(id -u)" -eq 0 ] || { echo "test.sh: needs root, for mount and chroot" >&2; exit 2; }

# In mounts of its own, so that nothing is left behind however this ends.
if [ -z "${IN_NAMESPACE:-}" ]; then
  IN_NAMESPACE=1 exec unshare --mount --propagation private "$0" "$archive"
fi
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill -KILL "$server" 2>/dev/null; umount "$work/root/tmp" "$work/root" 2>/dev/null; rm -rf "$work"' EXIT
fail() { echo "test.sh: $*" >&2; [ ! -s "$work/log" ] || tail -20 "$work/log" >&2; exit 1; }

mkdir -p "$work/oci" "$work/root"
tar --extract --directory="$work/oci" --file="$archive"
blob() { echo "$work/oci/blobs/sha256/${1#sha256:}"; }
manifest=$(blob "$(grep -o 'sha256:[0-9a-f]*' "$work/oci/index.json" | head -1)")
mapfile -t digests < <(grep -o 'sha256:[0-9a-f]*' "$manifest")
for digest in "${digests[@]}"; do
  [ "sha256:$(sha256sum "$(blob "$digest")" | cut -d' ' -f1)" = "$digest" ] || fail "a blob is not what its name says: $digest"
done
for layer in "${digests[@]:1}"; do
  tar --extract --gzip --preserve-permissions --directory="$work/root" --file="$(blob "$layer")"
done
config=$(blob "${digests[0]}")
mapfile -t environment < <(node -p "JSON.parse(require('fs').readFileSync('$config')).config.Env.join('\n')")
mapfile -t command < <(node -p "const c = JSON.parse(require('fs').readFileSync('$config')).config; [...c.Entrypoint, ...c.Cmd].join('\n')")

mount --bind "$work/root" "$work/root"
mount -o remount,bind,ro "$work/root"
mount -t tmpfs -o mode=1777 tmpfs "$work/root/tmp"
free_port() { node -e "const s = require('net').createServer(); s.listen(0, '127.0.0.1', () => { console.log(s.address().port); s.close(); })"; }
chroot=$(command -v chroot)
screen=$(free_port) api=$(free_port)
within=(env -i "${environment[@]}" CLAIRSCORE_PORT="$screen" CLAIRSCORE_API_PORT="$api"
  "$chroot" --userspec=1000:1000 --groups= "$work/root")
inside() { "${within[@]}" "$@"; }
# Through the shell's own sockets: the test needs no client.
get() {
  exec 3<>"/dev/tcp/127.0.0.1/$api"
  printf 'GET %s HTTP/1.0\r\nHost: test\r\n\r\n' "$1" >&3
  sed '1,/^\r$/d' <&3
  exec 3<&-
}

begin=$(date +%s%N)
"${within[@]}" "${command[@]}" > "$work/log" 2>&1 &
server=$!
until inside clairscore health > /dev/null 2>&1; do
  kill -0 "$server" 2>/dev/null || fail "it ended before it was ready"
  [ $((($(date +%s%N) - begin) / 1000000)) -lt 60000 ] || fail "not ready after 60 s"
  sleep 0.02
done
echo "ready after $((($(date +%s%N) - begin) / 1000000)) ms, the health check included"
grep -q "serving the demonstration" "$work/log" || fail "it does not say that it serves the demonstration"
[ "$(stat -c %u "/proc/$server")" = 1000 ] || fail "it does not run as user 1000"
inside clairscore inspect /etc/passwd > /dev/null 2>&1 && fail "a file that is no model was inspected"
if inside clairscore synth --rows 1 --seed 1 --output /usr/rows.csv 2>/dev/null; then fail "the root is not read-only"; fi

# The same answer as the program outside gives for the same applicant.
"$binary" synth --rows 7 --seed 1 --output "$work/rows.csv"
"$binary" score --model "$source_dir/demo/gradient_boosting" --data "$work/rows.csv" --output "$work/scores.csv"
IFS=, read -r id _ probability threshold decision < <(tail -1 "$work/scores.csv")
expected="{\"probability_pos\":$probability,\"threshold\":$threshold,\"decision\":\"$decision\"}"
scored=$(get "/customer/$id/score")
[ "$scored" = "$expected" ] || fail "customer $id: $scored, and outside: $expected"
get /shap/global | head -c 8 | grep -q PNG || fail "no drawn picture: fonts or cairo are missing"

kill -TERM "$server"
status=0
wait "$server" || status=$?
server=
[ "$status" -eq 0 ] || fail "SIGTERM ended it with $status"
echo "image test passed: ready, answers, read-only, user 1000, SIGTERM"
