#!/usr/bin/env bash
# A running Vendure with orders in it, on loopback, its database in memory.
#
#   start.sh DIR PORT     installs into DIR, fills the shop, prints READY and the base URL; stop it with: kill $(cat DIR/pid)
#
# Needs node and npm. What tests can ask of the shop stands at the head of shop.mjs.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)

DIR=${1:?usage: start.sh DIR PORT} PORT=${2:?usage: start.sh DIR PORT}
"$here/install.sh" "$DIR"
cd "$DIR"
rm -f ready pid

NO_COLOR=1 VENDURE_DISABLE_TELEMETRY=true PORT=$PORT setsid nohup node shop.mjs > shop.log 2>&1 < /dev/null &
echo $! > pid
for _ in $(seq 1200); do
  if [ -e ready ]; then
    echo "READY http://127.0.0.1:$PORT"
    exit 0
  fi
  kill -0 "$(cat pid)" 2> /dev/null || break
  sleep 0.25
done
echo "the shop did not start; the end of its log:" >&2
tail -n 40 shop.log >&2
kill "$(cat pid)" 2> /dev/null || true
exit 1
