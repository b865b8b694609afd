#!/bin/sh
# Debian packages with which some tests and the demo do more, installed or as files. For CI and throw-away machines: nothing of the
# project needs it, `npm run setup` never calls it, and it never fails a run.
set -u

# debhelper, dpkg-dev: rebuild a real source package; strace: injects faults into a node's writes; nginx-light: serves a feed;
# pacman-package-manager: lists what it has installed; openssh-client, gnupg: hold keys that sign
packages="debhelper dpkg-dev strace nginx-light pacman-package-manager openssh-client gnupg"

missing=
for package in $packages; do
  if ! dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed'; then
    missing="$missing $package"
  fi
done
if [ -z "$missing" ]; then
  echo "debian: $packages: all here"
elif ! command -v apt-get >/dev/null || [ "$(id -u)" -ne 0 ]; then
  echo "debian: no apt-get or not root, so without$missing: tests that need them are skipped"
else
  echo "debian: installing$missing"
  export DEBIAN_FRONTEND=noninteractive
  log=$(mktemp)
  if apt-get -qq update >"$log" 2>&1 && apt-get -qq -y --no-install-recommends install $missing >>"$log" 2>&1; then
    echo "debian: done"
  else
    tail -n 5 "$log"
    echo "debian: that failed, so without$missing: tests that need them are skipped"
  fi
  rm -f "$log"
fi

# Packages as apt brings them, for the tests that read real ones: small, with and without an epoch, for one architecture and for all.
files="base-files hello tzdata zlib1g"
folder=$(dirname "$0")/debs

if ! command -v apt-get >/dev/null; then
  echo "debian: no apt-get, so without its packages: the test that reads them is skipped"
elif ls "$folder"/*.deb >/dev/null 2>&1; then
  echo "debian: $files: all here"
else
  mkdir -p "$folder"
  # what apt says of them, 'URI' NAME SIZE SHA256:HEX a line, from the signed lists
  if (cd "$folder" && apt-get -qq --print-uris download $files >uris && apt-get -qq download $files) >/dev/null 2>&1; then
    echo "debian: downloaded $files"
  else
    rm -rf "$folder"
    echo "debian: apt-get download failed, so without its packages: the test that reads them is skipped"
  fi
fi
exit 0
