#!/usr/bin/env bash
# What no compiler checks: the top level, what must not stand in a file, that each package has its story and its tests,
# and that no file grows too long.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bad=0

# complain TEXT < LIST: a list that is not empty is a failure.
complain() {
  local found
  found=$(cat)
  [ -n "$found" ] || return 0
  printf '%s:\n%s\n\n' "$1" "$(sed 's/^/  /' <<< "$found")"
  bad=1
}

# What is in the repository, or would be after `git add`.
files() {
  local file
  git ls-files --cached --others --exclude-standard -- "$@" | sort -u | while read -r file; do
    if [ -f "$file" ]; then echo "$file"; fi
  done
}
search() { files | grep -vE '(^|/)(go\.sum|package-lock\.json|hygiene\.sh)$' | xargs -d '\n' grep -InE "$1"; }
packages() { files '*.go' | grep -v '/testdata/' | grep -v '_test\.go$' | xargs -r -n1 dirname | sort -u; }
lines_over() {
  files '*.go' '*.sh' '*.mjs' '*.js' '*.css' '*.yaml' '.ci/run' | grep -v '/testdata/' | xargs -d '\n' wc -l |
    awk -v most="$1" '$2 != "total" && $1 > most {print $2": "$1" lines"}'
}
without() { # without PATTERN: the packages that hold no such file
  local dir
  packages | while read -r dir; do compgen -G "$dir/$1" > /dev/null || echo "$dir"; done
}

agreed='cmd|crawler|store|notify|config\.example\.yaml|go\.mod|go\.sum|README\.md|LICENSE|\.ci|\.gitignore|\.golangci\.yml'
complain "top-level entries beyond the agreed ones" < <(files | cut -d/ -f1 | sort -u | grep -vxE "$agreed")
complain "paths of one machine" < <(search '(^|[^A-Za-z0-9_.~-])/(work|root)/')
complain "package registries" < <(search 'registry\.npmjs|npmmirror|proxy\.golang|sum\.golang|goproxy\.|deb\.debian|registry\.yarnpkg')
complain "download addresses in package-lock.json" < <(grep -nE '"resolved": *"http' .ci/*/package-lock.json | head -n 5)
complain "unfinished work" < <(search '\b(TODO|FIXME|XXX)\b|not (yet )?implemented' | grep -vF 'context\.(Background|TODO)')
complain "files called stub" < <(files | grep -E '(^|[/_-])stubs?[._-]')
complain "documents that are not in this repository" < <(search '\b(design|style|deps|features|contract|platforms|competitors)\.md\b')
complain "issue numbers" < <(search '\b[Ii]ssue #?[0-9]+\b')
complain "packages without tests" < <(without '*_test.go' | grep -v 'test$')  # sendertest is a test: the senders run it
complain "packages without doc.go" < <(without doc.go)
complain "packages named for nothing" < <(packages | xargs -r -n1 basename | grep -xE 'util|utils|common|models|types|helpers')
complain "files over 500 lines" < <(lines_over 500)

long=$(lines_over 400)
[ -z "$long" ] || printf 'to be split some day, over 400 lines:\n%s\n\n' "$long"
[ "$bad" != 0 ] || echo "nothing to complain about"
exit "$bad"
