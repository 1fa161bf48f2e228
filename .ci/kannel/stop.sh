#!/usr/bin/env bash
# stop.sh DIR: ends what start.sh has started in DIR.
set -euo pipefail
DIR=${1:?usage: stop.sh DIR}
for name in smsc smsbox bearerbox; do
  [ -s "$DIR/$name.pid" ] || continue
  pid=$(cat "$DIR/$name.pid")
  kill "$pid" 2> /dev/null || true
  for _ in $(seq 50); do
    kill -0 "$pid" 2> /dev/null || break
    sleep 0.1
  done
  kill -9 "$pid" 2> /dev/null || true
  rm "$DIR/$name.pid"
done
