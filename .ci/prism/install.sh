#!/usr/bin/env bash
# install.sh DIR: puts Prism and Twilio's API description into DIR, exactly as package-lock.json names them.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
. "$here/../lib.sh"

mkdir -p "${1:?usage: install.sh DIR}"
cd "$1"
cp "$here"/{package.json,package-lock.json,.npmrc} .
# A folder that was installed from this very lock file is good as it is.
if ! cmp -s package-lock.json node_modules/.installed-from; then
  retry with_log npm.log npm ci --ignore-scripts --no-audit --no-fund
  cp package-lock.json node_modules/.installed-from
fi
