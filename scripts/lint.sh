#!/bin/bash
# Everything that can be checked without running the engine. Runs all checks, then fails if one of them did.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
status=0

check() {
  local name=$1 output
  shift
  if output=$("$@" 2>&1); then
    echo "ok      $name"
  else
    echo "FAILED  $name"
    printf '%s\n' "$output" | sed 's/^/    /'
    status=1
  fi
}

mapfile -t shell_scripts < <(git ls-files --cached --others --exclude-standard | while IFS= read -r file; do
  if [ -f "$file" ] && head -n 2 "$file" | grep -aqE '^#!.*[/ ](ba)?sh|^# shellcheck shell'; then echo "$file"; fi
done)

check "swift format" swift format lint --strict --recursive --parallel Package.swift Sources Tests
check shellcheck shellcheck -x -P SCRIPTDIR --severity=warning "${shell_scripts[@]}"
check tidy scripts/tidy
check "error codes" scripts/generate-errcodes --check
exit $status
