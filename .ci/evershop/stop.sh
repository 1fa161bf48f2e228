#!/usr/bin/env bash
# stop.sh DIR: ends the shop of start.sh and its PostgreSQL.
set -euo pipefail
cd "${1:?usage: stop.sh DIR}"

# The shop has processes of its own for events and timed work; start.sh gave them one group.
if [ -s pid ]; then
  kill -- "-$(cat pid)" 2> /dev/null || true
  rm pid
fi
# An interrupt ends PostgreSQL without waiting for those who are connected.
if [ -s db/data/postmaster.pid ]; then
  postmaster=$(head -n 1 db/data/postmaster.pid)
  kill -INT "$postmaster" 2> /dev/null || true
  for _ in $(seq 120); do
    kill -0 "$postmaster" 2> /dev/null || break
    sleep 0.25
  done
fi
