# shellcheck shell=bash
# What the scripts of this folder share.

# retry CMD…: five tries with a growing pause, for what comes over a network.
retry() {
  local try pause=5
  for try in 1 2 3 4 5; do
    "$@" && return 0
    [ "$try" = 5 ] && break
    echo "try $try of 5 failed: $*; again in ${pause} s" >&2
    sleep "$pause"
    pause=$((pause * 3))
  done
  echo "failed five times: $*" >&2
  return 1
}

# with_log FILE CMD…: runs a command with its output in FILE, and shows the end of it if the command fails.
with_log() {
  local log=$1 rc=0
  shift
  "$@" > "$log" 2>&1 < /dev/null || rc=$?
  [ "$rc" != 0 ] || return 0
  echo "failed with $rc: $*; the end of its output:" >&2
  tail -n 60 "$log" >&2
  return "$rc"
}

# apt_install PACKAGE…: Debian's packages, without letting any of them start a service of its own.
apt_install() {
  dpkg-query -W -f '${Status}\n' "$@" 2> /dev/null | grep -c '^install ok installed' | grep -qx "$#" && return 0
  local policy=/usr/sbin/policy-rc.d ours=no
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' > "$policy"
    chmod +x "$policy"
    ours=yes
  fi
  local rc=0
  echo 'postfix postfix/main_mailer_type select No configuration' | debconf-set-selections
  retry apt-get -q update && retry env DEBIAN_FRONTEND=noninteractive \
    apt-get -q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends "$@" || rc=$?
  [ "$ours" = no ] || rm -f "$policy"
  return "$rc"
}

# free_port FROM [COUNT]: the first port from there on that nobody listens on, nor on the COUNT-1 after it.
free_port() {
  local port free=0
  for port in $(seq "$1" $(($1 + 200))); do
    if (exec 3<> "/dev/tcp/127.0.0.1/$port") 2> /dev/null; then
      free=0
      continue
    fi
    free=$((free + 1))
    if [ "$free" = "${2:-1}" ]; then
      echo "$((port - free + 1))"
      return 0
    fi
  done
  echo "no free port from $1 on" >&2
  return 1
}

# part TITLE CMD…: a heading, the command, and its time for the table at the end.
part() {
  local title=$1 started=$SECONDS
  shift
  now_running=$title
  printf '\n=== %s\n' "$title"
  "$@"
  times+=("$(printf '%6d s  %s' $((SECONDS - started)) "$title")")
  printf -- '--- %s: %d s\n' "$title" $((SECONDS - started))
  now_running=
}

# background NAME CMD…: starts a command beside the rest, with low priority and in a process group of its own;
# await NAME takes up its result.
background() {
  local name=$1
  shift
  # shellcheck disable=SC2016
  setsid nice -n 19 bash -c 'out=$1; shift; started=$SECONDS rc=0
    "$@" > "$out.log" 2>&1 || rc=$?
    echo "$rc $((SECONDS - started))" > "$out.result"' _ "$work/$name" "$@" < /dev/null &
  groups+=($!)
  pid_of[$name]=$!
}

await() {
  local name=$1 rc spent
  wait "${pid_of[$name]}" || true
  [ -s "$work/$name.result" ] || { echo "$name was killed"; return 1; }
  read -r rc spent < "$work/$name.result"
  cat "$work/$name.log"
  echo "$name: ${spent} s in the background"
  return "$rc"
}
