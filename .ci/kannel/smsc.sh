#!/usr/bin/env bash
# The fake message centre of a Kannel that start.sh has started in DIR.
#
#   smsc.sh DIR start
#   smsc.sh DIR stop                     from then on Kannel queues what it takes
#   smsc.sh DIR say FROM TO TEXT         a phone sends a message, in UCS-2
set -euo pipefail
DIR=${1:?usage: smsc.sh DIR start|stop|say FROM TO TEXT}

running() { [ -s "$DIR/smsc.pid" ] && kill -0 "$(cat "$DIR/smsc.pid")" 2> /dev/null; }

# centre_is PATTERN: waits until Kannel says so of the centre; what it hears of a connection comes a moment later.
centre_is() {
  for _ in $(seq 600); do
    if curl -sf --noproxy '*' -m 10 -K "$DIR/status.url" | grep -qE "^ *centre\[centre\] .*\($1"; then return 0; fi
    sleep 0.1
  done
  echo "Kannel does not say of the message centre: $1" >&2
  return 1
}

case ${2:-} in
  start)
    if running; then centre_is online; exit 0; fi
    [ -p "$DIR/smsc.in" ] || mkfifo "$DIR/smsc.in"
    # Read and write: a pipe without a writer would end the program.
    setsid nohup /usr/lib/kannel/test/fakesmsc -H 127.0.0.1 -r "$(cat "$DIR/centre.port")" -i 0.05 >> "$DIR/smsc.log" 2>&1 <> "$DIR/smsc.in" &
    echo $! > "$DIR/smsc.pid"
    if ! centre_is online || ! running; then
      tail -n 5 "$DIR/smsc.log" >&2
      exit 1
    fi
    ;;
  stop)
    running || exit 0
    pid=$(cat "$DIR/smsc.pid")
    kill -9 "$pid"
    rm "$DIR/smsc.pid"
    while kill -0 "$pid" 2> /dev/null; do sleep 0.05; done
    centre_is '(re-connecting|connecting|disconnected|dead)'
    ;;
  say)
    running || { echo "the message centre is stopped" >&2; exit 1; }
    text=$(printf '%s' "${5:?}" | iconv -f UTF-8 -t UTF-16BE | od -An -v -tx1 | tr -d ' \n' | sed 's/../%&/g')
    printf '%s %s ucs2 %s\n' "${3:?}" "${4:?}" "$text" > "$DIR/smsc.in"
    ;;
  *)
    sed -n 's/^#   //p' "$0" >&2
    exit 2
    ;;
esac
