#!/bin/sh
# Installs the Debian packages that building and testing need, and says so. Does nothing when all are there.
set -eu

if ! command -v swift >/dev/null 2>&1; then
  echo "deps: no swift in PATH; install Swift 6.1 or newer from https://www.swift.org/install/linux/" >&2
  exit 1
fi

# Elsewhere than on Debian and its kin: say what is missing, under the names of the tools.
if ! command -v apt-get >/dev/null 2>&1; then
  missing=""
  for tool in pg_config psql pg_prove pkg-config shellcheck python3; do
    command -v "$tool" >/dev/null 2>&1 || missing="$missing $tool"
  done
  for library in libpq json-c zlib libcurl; do
    pkg-config --exists "$library" 2>/dev/null || missing="$missing $library(-dev)"
  done
  [ -z "$missing" ] && exit 0
  echo "deps: missing:$missing" >&2
  echo "deps: there is no apt-get here; install them, the PostgreSQL server (15 or newer) with its development files," \
    "pgTAP and plpgsql_check with your system's package manager" >&2
  exit 1
fi

installed() { dpkg-query --show --showformat='${Status}' "$1" 2>/dev/null | grep -q '^install ok installed$'; }

# The newest installed server, 15 or newer; else what the distribution's own `postgresql` stands for.
major=""
for bin in /usr/lib/postgresql/*/bin/postgres; do
  candidate=${bin#/usr/lib/postgresql/}
  candidate=${candidate%%/*}
  [ -x "$bin" ] && [ "$candidate" -ge 15 ] && [ "$candidate" -gt "${major:-0}" ] && major=$candidate
done
if [ -z "$major" ]; then
  major=$(apt-cache depends postgresql 2>/dev/null | sed -n 's/.*Depends: postgresql-\([0-9][0-9]*\)$/\1/p' | head -n 1)
fi
: "${major:=15}"

missing=""
for package in "postgresql-$major" "postgresql-client-$major" "postgresql-$major-pgtap" \
  "postgresql-$major-plpgsql-check" "postgresql-server-dev-$major" libpq-dev libjson-c-dev zlib1g-dev libcurl4-openssl-dev \
  libtap-parser-sourcehandler-pgtap-perl pkg-config make python3 python3-aiosmtpd shellcheck; do
  # Something that is there without its package (a python3 of one's own) is as good.
  case $package in
  pkg-config | make | python3 | shellcheck) command -v "$package" >/dev/null 2>&1 && continue ;;
  esac
  installed "$package" || missing="$missing $package"
done
[ -z "$missing" ] && exit 0

sudo=""
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null 2>&1; then
    echo "deps: these packages are missing, and only root can install them:$missing" >&2
    echo "deps: run as root: apt-get install$missing" >&2
    exit 1
  fi
  sudo=sudo
fi
if [ "$major" -lt 15 ]; then
  echo "deps: this system offers PostgreSQL $major, and bourse needs 15 or newer; add https://apt.postgresql.org" >&2
  exit 1
fi

echo "deps: installing$missing"
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086 # a list of words
install() { $sudo apt-get install --yes --no-install-recommends -q $missing >/dev/null; }
# The package lists of a fresh machine may be empty or old.
install 2>/dev/null || { $sudo apt-get update -q >/dev/null && install; } || {
  echo "deps: apt-get could not install:$missing" >&2
  exit 1
}
