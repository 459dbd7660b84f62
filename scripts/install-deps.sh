#!/usr/bin/env bash
# install-deps.sh GROUP...: installs the Debian packages of the groups named that are not there yet.
# Groups: build (what the binary needs), test, bench, check (format and lint), check-deploy (scripts,
# workflow, manifests), dockerfile (the Dockerfile without an engine), fuzz, package.
set -euo pipefail

wanted=()
for group in "$@"; do
  case "$group" in
    build)
      wanted+=(g++ cmake ninja-build pkg-config libboost1.81-dev libfmt-dev libexpected-dev
        libsimdjson-dev libcurl4-openssl-dev libcli11-dev libspdlog-dev libyaml-cpp-dev libssl-dev
        zlib1g-dev libbz2-dev liblzma-dev liblz4-dev libcairo2-dev prometheus-cpp-dev fonts-dejavu-core)
      # Another Node's npm conflicts with Debian's: install it only where there is none.
      command -v npm >/dev/null || wanted+=(nodejs npm)
      ;;
    test) wanted+=(libgtest-dev libgmock-dev librapidcheck-dev chromium) ;;
    bench) wanted+=(libbenchmark-dev wrk curl) ;;
    package) wanted+=(dpkg-dev patchelf) ;;
    check) wanted+=(clang-format-19 clang-tidy-19) ;;
    check-deploy)
      wanted+=(shellcheck python3-venv)
      command -v go >/dev/null || wanted+=(golang-go)
      ;;
    dockerfile) wanted+=(buildah mmdebstrap) ;;
    fuzz) wanted+=(clang-19 libclang-rt-19-dev) ;;
    *)
      echo "install-deps.sh: unknown group '$group' (build, test, bench, check, check-deploy, dockerfile, fuzz, package)" >&2
      exit 2
      ;;
  esac
done

missing=()
for package in "${wanted[@]}"; do
  if [ "$(dpkg-query -W -f='${Status}' "$package" 2>/dev/null)" != "install ok installed" ]; then
    missing+=("$package")
  fi
done
[ ${#missing[@]} -eq 0 ] && exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || {
    echo "install-deps.sh: not root and no sudo; install by hand: ${missing[*]}" >&2
    exit 1
  }
  as_root=(sudo)
fi
echo "Installing: ${missing[*]}"
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
  "${missing[@]}"
