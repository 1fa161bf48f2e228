#!/usr/bin/env bash
# Prism on loopback, answering as Twilio's official OpenAPI description says, errors included.
#
#   start.sh DIR [PORT]     installs into DIR; PORT defaults to 4010; stop it with: kill $(cat DIR/pid)
#
# DIR/env gets NUDGED_TWILIO, the address. Needs node and npm. The description comes with the package @twilio-alpha/mcp.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)

DIR=${1:?usage: start.sh DIR [PORT]} PORT=${2:-4010}
"$here/install.sh" "$DIR"
cd "$DIR"

setsid nohup node node_modules/@stoplight/prism-cli/dist/index.js mock --errors --host 127.0.0.1 --port "$PORT" \
  node_modules/@twilio-alpha/mcp/twilio-oai/spec/json/twilio_api_v2010.json > prism.log 2>&1 < /dev/null &
echo $! > pid
for _ in $(seq 1200); do
  if grep -q 'is listening' prism.log; then
    echo "export NUDGED_TWILIO='http://127.0.0.1:$PORT'" > ./env
    echo "READY http://127.0.0.1:$PORT"
    exit 0
  fi
  kill -0 "$(cat pid)" 2> /dev/null || break
  sleep 0.25
done
echo "Prism did not start; the end of its log:" >&2
tail -n 40 prism.log >&2
kill "$(cat pid)" 2> /dev/null || true
exit 1
