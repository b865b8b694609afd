#!/bin/sh
# Debian packages with which some tests and the demo do more. For CI and throw-away machines: nothing of the
# project needs it, `npm run setup` never calls it, and it never fails a run.
set -u

# debhelper, dpkg-dev: rebuild a real source package; strace: injects faults into a node's writes
packages="debhelper dpkg-dev strace"

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
exit 0
