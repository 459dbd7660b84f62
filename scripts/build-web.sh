#!/usr/bin/env bash
# build-web.sh DIST: builds the screen into DIST. Installs its packages when they are not those of
# the lock file. Builds of several presets may run at once.
set -euo pipefail
dist=$(realpath -m "$1")
cd "$(dirname "$0")/../web"

exec 9>.build.lock
flock 9
if ! cmp -s package-lock.json node_modules/.installed-lock.json; then
  npm ci --no-audit --no-fund --loglevel=error
  cp package-lock.json node_modules/.installed-lock.json
fi
npx --no-install vite build --logLevel warn --emptyOutDir --outDir "$dist"
