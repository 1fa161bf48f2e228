#!/usr/bin/env bash
# A real Kannel on loopback with its own fake message centre, all below DIR.
#
#   start.sh DIR [BASEPORT]     BASEPORT defaults to 13300, five ports from there on; stop it with: stop.sh DIR
#
# DIR/env gets the NUDGED_KANNEL* variables that the tests read. What phones get stands in DIR/smsc.log; what they say,
# and whether the centre is there at all, is up to smsc.sh. Answers of phones go to port BASEPORT+4 as
# /SECRET/in?from=…&to=…&text=…&ts=…&id=…, where a test must listen. Needs the packages kannel, kannel-extras and curl.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)

DIR=${1:?usage: start.sh DIR [BASEPORT]} BASE=${2:-13300}
mkdir -p "$DIR"
DIR=$(cd "$DIR" && pwd -P)
ADMIN=$BASE BOX=$((BASE + 1)) SEND=$((BASE + 2)) CENTRE=$((BASE + 3)) REPLIES=$((BASE + 4))
# What must be escaped in an address is in the password on purpose.
PASSWORD="$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')+&%25"
SECRET=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')

umask 077
cat > "$DIR/kannel.conf" <<EOF2
group = core
admin-port = $ADMIN
admin-interface = 127.0.0.1
admin-password = $SECRET
admin-deny-ip = "*.*.*.*"
admin-allow-ip = "127.0.0.1"
smsbox-port = $BOX
smsbox-interface = 127.0.0.1
box-deny-ip = "*.*.*.*"
box-allow-ip = "127.0.0.1"
dlr-storage = internal
log-file = "$DIR/bearerbox.log"
log-level = 0

# our-host keeps the port on loopback; by itself it would be open to all.
group = smsc
smsc = fake
smsc-id = centre
port = $CENTRE
our-host = 127.0.0.1
connect-allow-ip = 127.0.0.1

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = $SEND
sendsms-interface = 127.0.0.1
sendsms-chars = "0123456789 +-"
mo-recode = true
http-request-retry = 5
http-queue-delay = 1
log-file = "$DIR/smsbox.log"
log-level = 0

group = sendsms-user
username = nudged
password = "$PASSWORD"
max-messages = 10
concatenation = true
user-deny-ip = "*.*.*.*"
user-allow-ip = "127.0.0.1"

group = sms-service
keyword = default
max-messages = 0
get-url = "http://127.0.0.1:$REPLIES/$SECRET/in?from=%p&to=%P&text=%a&ts=%T&id=%I"
EOF2
cat > "$DIR/env" <<EOF2
export NUDGED_KANNEL='http://127.0.0.1:$SEND/cgi-bin/sendsms'
export NUDGED_KANNEL_USER='nudged'
export NUDGED_KANNEL_PASSWORD='$PASSWORD'
export NUDGED_KANNEL_REPLIES='127.0.0.1:$REPLIES'
export NUDGED_KANNEL_SECRET='$SECRET'
export NUDGED_KANNEL_LOG='$DIR/smsc.log'
export NUDGED_KANNEL_SMSC='$here/smsc.sh'
export NUDGED_KANNEL_DIR='$DIR'
EOF2
echo "$CENTRE" > "$DIR/centre.port"
echo "url = http://127.0.0.1:$ADMIN/status.txt?password=$SECRET" > "$DIR/status.url"

# box NAME: starts one of Kannel's programs.
box() {
  setsid nohup "$1" "$DIR/kannel.conf" > "$DIR/$1.out" 2>&1 < /dev/null &
  echo $! > "$DIR/$1.pid"
}

# listening PORT NAME: waits until that program answers there.
listening() {
  for _ in $(seq 600); do
    if (exec 3<> "/dev/tcp/127.0.0.1/$1") 2> /dev/null; then return 0; fi
    kill -0 "$(cat "$DIR/$2.pid")" 2> /dev/null || break
    sleep 0.1
  done
  echo "nothing listens on 127.0.0.1:$1" >&2
  return 1
}

fail() {
  tail -n 20 "$DIR"/*.out "$DIR/bearerbox.log" "$DIR/smsbox.log" >&2 || true
  "$here/stop.sh" "$DIR"
  exit 1
}

box bearerbox
listening "$BOX" bearerbox || fail
box smsbox
listening "$SEND" smsbox || fail
"$here/smsc.sh" "$DIR" start || fail
echo "READY http://127.0.0.1:$SEND"
