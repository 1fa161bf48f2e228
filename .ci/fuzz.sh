#!/usr/bin/env bash
# Fuzzes every target of the module, each for a while, as many at once as there are cores.
#
#   fuzz.sh [SECONDS]     default 20; a failing input is kept in the package's testdata/fuzz
set -euo pipefail
shopt -s inherit_errexit  # a package that does not build must end the listing
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export FUZZ_SECONDS=${1:-20}
FUZZ_LOGS=$(mktemp -d)
export FUZZ_LOGS
trap 'rm -rf "$FUZZ_LOGS"' EXIT

# targets prints package and name of each.
targets() {
  local dir name
  for dir in $(grep -rlE --include='*_test.go' '^func Fuzz[A-Z]' cmd crawler store notify | xargs -r -n1 dirname | sort -u); do
    go test -list '^Fuzz' "./$dir" > "$FUZZ_LOGS/list"
    for name in $(grep '^Fuzz' "$FUZZ_LOGS/list"); do echo "./$dir $name"; done
  done
}

fuzz_one() {
  local package=$1 name=$2 log="$FUZZ_LOGS/${1//\//_}.$2.log" started=$SECONDS
  for _ in 1 2; do
    if go test -run '^$' -fuzz "^$name\$" -fuzztime "${FUZZ_SECONDS}s" -fuzzminimizetime 1s -parallel 1 "$package" > "$log" 2>&1 < /dev/null; then
      printf '%-28s %-36s %3d s  %s\n' "$package" "$name" $((SECONDS - started)) "$(grep -o 'execs: [0-9]*' "$log" | tail -n 1)"
      return 0
    fi
    # go test may report its own deadline as a failure of the target; then there is no failing input.
    grep -q 'context deadline exceeded' "$log" && ! grep -q 'Failing input written' "$log" || break
  done
  echo "$package $name failed:"
  tail -n 60 "$log"
  return 1
}
export -f fuzz_one

list=$(targets)
[ -n "$list" ] || { echo "no fuzz targets found" >&2; exit 1; }
echo "$(wc -l <<< "$list") targets, $FUZZ_SECONDS s each"
# shellcheck disable=SC2016
xargs -P "$(nproc)" -L 1 bash -c 'fuzz_one "$1" "$2"' _ <<< "$list"
