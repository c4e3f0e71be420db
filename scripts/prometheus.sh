#!/bin/bash
# Prints the folder with prometheus, promtool, prometheus-alertmanager and prometheus-postgres-exporter: the system's, or
# Debian's packages, unpacked into .build (35 MB to download). They are not installed, because each would start a service
# that listens. Status 3, and the reason, where they cannot be had.
set -euo pipefail
cd "$(dirname "$0")/.."
tools=(prometheus promtool prometheus-alertmanager prometheus-postgres-exporter)
packages=(prometheus prometheus-alertmanager prometheus-postgres-exporter)
folder=$PWD/.build/prometheus

complete() { # $1: folder
  local tool
  for tool in "${tools[@]}"; do [ -x "$1/$tool" ] || return 1; done
}

if found=$(command -v prometheus) && complete "$(dirname "$found")"; then dirname "$found" && exit; fi
if complete "$folder/usr/bin"; then echo "$folder/usr/bin" && exit; fi
if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then
  echo "prometheus: ${tools[*]} are not all in PATH, and there is no apt-get" && exit 3
fi
# Beside each other, so that two at once do no harm.
new=$(mktemp -d "${TMPDIR:-/tmp}/bourse-prometheus.XXXXXX")
trap 'rm -rf "$new"' EXIT
download() { (cd "$new" && timeout 60 apt-get download -q -o APT::Sandbox::User=root "${packages[@]}"); }
if ! download >/dev/null 2>&1; then
  # The lists of packages of a fresh machine may be empty or old.
  timeout 60 apt-get update -q >/dev/null 2>&1 || true
  download >/dev/null 2>&1 || { echo "prometheus: apt-get could not download ${packages[*]}" && exit 3; }
fi
for package in "$new"/*.deb; do dpkg-deb --extract "$package" "$new/root"; done
rm -rf "$folder"
mkdir -p "$(dirname "$folder")"
mv -T "$new/root" "$folder" 2>/dev/null || true
# Alertmanager reads its template where the package would have put it.
binary=$folder/usr/bin/prometheus-alertmanager
if [ -x "$binary" ] && [ ! -e "$binary.real" ]; then
  mv "$binary" "$binary.real"
  cat >"$binary" <<'SCRIPT'
#!/bin/sh
exec unshare --mount --map-root-user sh -c 'mount --bind "${0%/bin/*}/share" /usr/share && exec "$0" "$@"' "$0.real" "$@"
SCRIPT
  chmod +x "$binary"
fi
complete "$folder/usr/bin" || { echo "prometheus: the packages do not hold ${tools[*]}" && exit 3; }
echo "$folder/usr/bin"
