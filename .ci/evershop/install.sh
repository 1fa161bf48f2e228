#!/usr/bin/env bash
# install.sh DIR: puts the shop and what it needs into DIR, exactly as package-lock.json names it, and builds its pages.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
. "$here/../lib.sh"

mkdir -p "${1:?usage: install.sh DIR}"
cd "$1"
cp "$here"/{package.json,package-lock.json,.npmrc,shop.mjs} .
# A folder that was installed from this very lock file is good as it is.
if ! cmp -s package-lock.json node_modules/.installed-from; then
  retry with_log npm.log npm ci --ignore-scripts --no-audit --no-fund
  # It looks for settings in its database, does without, and says so at length.
  mkdir -p config media public
  echo '{}' > config/default.json
  DB_HOST=127.0.0.1 DB_PORT=1 SUPPRESS_NO_CONFIG_WARNING=1 with_log build.log node node_modules/.bin/evershop build
  cp package-lock.json node_modules/.installed-from
fi
