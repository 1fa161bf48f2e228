#!/usr/bin/env bash
# A running EverShop with orders in it, on loopback, with a PostgreSQL of its own.
#
#   start.sh DIR PORT     installs into DIR, fills the shop, prints READY and the base URL; stop it with: stop.sh DIR
#
# Needs node, npm, Debian's postgresql, and root: PostgreSQL runs as the user postgres, who must get through to DIR.
# What tests can ask of the shop stands at the head of shop.mjs.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
. "$here/../lib.sh"

DIR=${1:?usage: start.sh DIR PORT} PORT=${2:?usage: start.sh DIR PORT}
"$here/install.sh" "$DIR"
cd "$DIR"
DIR=$PWD
bin=$(find /usr/lib/postgresql -path '*/bin/initdb' -printf '%h\n' 2> /dev/null | sort -V | tail -n 1)
[ -n "$bin" ] || { echo "PostgreSQL is not installed: apt-get install postgresql" >&2; exit 1; }
as_postgres() { env -u TMPDIR setpriv --reuid=postgres --regid=postgres --init-groups -- "$@"; }

"$here/stop.sh" "$DIR"
rm -rf db
mkdir db
chown postgres: db
DB_PORT=$(free_port 5440)
(
  cd db
  with_log ../initdb.log as_postgres "$bin/initdb" -D "$DIR/db/data" -U shop -A trust --no-sync -E UTF8 --locale=C.UTF-8
  with_log ../postgres.start.log as_postgres "$bin/pg_ctl" -D "$DIR/db/data" -w -t 300 -l "$DIR/db/log" \
    -o "-p $DB_PORT -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off" start
)
with_log createdb.log "$bin/createdb" -h 127.0.0.1 -p "$DB_PORT" -U shop shop

# Every address in its pages, the one of the sign-in among them, begins with this.
echo "{\"shop\":{\"homeUrl\":\"http://127.0.0.1:$PORT\",\"language\":\"en\",\"currency\":\"USD\"}}" > config/default.json
export DB_HOST=127.0.0.1 DB_PORT DB_NAME=shop DB_USER=shop DB_PASSWORD=none DB_SSLMODE=disable
export PORT SUPPRESS_NO_CONFIG_WARNING=1 NO_COLOR=1
setsid nohup node --import ./shop.mjs node_modules/.bin/evershop start > shop.log 2>&1 < /dev/null &
echo $! > pid
for _ in $(seq 1200); do
  # The first answer comes after the migrations.
  if curl -sf --noproxy '*' -m 60 -o /dev/null "http://127.0.0.1:$PORT/admin/login"; then
    with_log user.log node node_modules/.bin/evershop user:create --name Admin --email admin@nudged.test --password admin-password
    with_log fill.log curl -sSf --noproxy '*' -X POST "http://127.0.0.1:$PORT/control/fill"
    echo "READY http://127.0.0.1:$PORT"
    exit 0
  fi
  kill -0 "$(cat pid)" 2> /dev/null || break
  sleep 0.25
done
echo "the shop did not start; the end of its log:" >&2
tail -n 40 shop.log >&2
"$here/stop.sh" "$DIR"
exit 1
