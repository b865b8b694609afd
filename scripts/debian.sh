#!/bin/sh
# Debian packages with which some tests and the demo do more, installed or as files. For CI and throw-away machines: nothing of the
# project needs it, `npm run setup` never calls it, and it never fails a run.
set -u

# debhelper, dpkg-dev: rebuild a real source package, mmdebstrap: in a system of its own; strace: injects faults into a node's writes; nginx-light: serves a feed;
# pacman-package-manager: lists what it has installed; openssh-client, gnupg: hold keys that sign; apt-transport-in-toto: asks nodes;
# in-toto: judges layouts and links, and writes them;
# python3-apt, lsb-release: what unattended-upgrade runs with; chromium: shows the dashboard; prometheus: promtool checks metrics, rules and the dashboard's
# queries; prometheus-alertmanager: is told of alerts; wrk: asks a node much; systemd: its analyze reads our units, and knows which system calls they leave;
# osslsigncode, sbsigntool, debsigs, rpm, apksigcopier: sign what `samebits unsign` is then tried on; zip, unzip, genisoimage, p7zip-full: pack and unpack it
packages="debhelper dpkg-dev mmdebstrap strace nginx-light pacman-package-manager openssh-client gnupg apt-transport-in-toto in-toto python3-apt lsb-release chromium
  prometheus prometheus-alertmanager wrk systemd osslsigncode sbsigntool debsigs rpm apksigcopier zip unzip genisoimage p7zip-full"
# apksigner signs Android packages, where there is Java: that alone is larger than all the others.
if command -v java >/dev/null; then packages="$packages apksigner"; fi

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

# EFI programs that Debian, and Microsoft, have signed, and the same unsigned: 4 MB.
efi="fwupd-unsigned fwupd-amd64-signed shim-unsigned shim-signed shim-helpers-amd64-signed grub-efi-amd64-bin grub-efi-amd64-signed"
folder=$(cd "$(dirname "$0")" && pwd)/efi

if ! command -v apt-get >/dev/null || [ "$(dpkg --print-architecture 2>/dev/null)" != amd64 ]; then
  echo "debian: no apt-get of amd64, so without signed EFI programs: the test that reads them is skipped"
elif [ -e "$folder/done" ]; then
  echo "debian: $efi: all here"
else
  mkdir -p "$folder/debs" "$folder/root"
  if (cd "$folder/debs" && apt-get -qq download $efi) >/dev/null 2>&1 \
    && (for deb in "$folder"/debs/*.deb; do dpkg-deb -x "$deb" "$folder/root" || exit 1; done); then
    find "$folder/root" ! -type d ! -name '*.efi' ! -name '*.efi.signed' -exec rm -f {} +
    touch "$folder/done"
    echo "debian: downloaded $efi"
  else
    echo "debian: apt-get download failed, so without signed EFI programs: the test that reads them is skipped"
  fi
  rm -rf "$folder/debs"
fi

# A system to rebuild packages in, Debian 12 with debhelper and apt's lists: tests reach no mirror. 570 MB.
base=$(cd "$(dirname "$0")" && pwd)/base/bookworm-amd64.tar
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
make_base() {
  if ! command -v mmdebstrap >/dev/null || [ ! -e "$keyring" ] || [ "$(dpkg --print-architecture)" != amd64 ]; then
    echo "debian: no mmdebstrap, or not Debian on amd64, so without a system to build in: tests that rebuild are skipped"
  elif [ -e "$base" ]; then
    echo "debian: a system to build in: here"
  else
    mkdir -p "$(dirname "$base")"
    log=$(mktemp)
    if echo "deb [signed-by=$keyring] http://deb.debian.org/debian bookworm main" |
      mmdebstrap --variant=buildd --include=debhelper --skip=check/empty --skip=cleanup/apt/lists \
        --aptopt='Acquire::Languages "none"' --format=tar bookworm "$base.part" - >"$log" 2>&1 && mv "$base.part" "$base"; then
      echo "debian: made a system to build in"
    else
      tail -n 5 "$log"
      rm -f "$base.part"
      echo "debian: that failed, so without a system to build in: tests that rebuild are skipped"
    fi
    rm -f "$log"
  fi
}
# It takes longest: the rest is fetched meanwhile.
make_base &
making=$!

# What upgrades machines by itself, 70 kB, unpacked by the test that runs it in a throw-away root: installed it would upgrade this machine.
unattended="unattended-upgrades python3-distro-info"
folder=$(dirname "$0")/unattended

if ! command -v apt-get >/dev/null; then
  echo "debian: no apt-get, so without unattended-upgrades: the test that runs it is skipped"
elif ls "$folder"/*.deb >/dev/null 2>&1; then
  echo "debian: $unattended: all here"
else
  mkdir -p "$folder"
  if (cd "$folder" && apt-get -qq download $unattended) >/dev/null 2>&1; then
    echo "debian: downloaded $unattended"
  else
    rm -rf "$folder"
    echo "debian: apt-get download failed, so without unattended-upgrades: the test that runs it is skipped"
  fi
fi

# Clients of rebuilderd and a second in-toto, which Debian has in unstable alone, with the libraries that they were built for: 13 MB, run from a folder.
newer="repro-threshold debian-repro-status in-toto-golang libc6 libgcc-s1 liblzma5 libzstd1 libssl3t64 zlib1g libstdc++6"
folder=$(cd "$(dirname "$0")" && pwd)/newer

if ! command -v apt-get >/dev/null || [ ! -e "$keyring" ] || [ "$(dpkg --print-architecture 2>/dev/null)" != amd64 ]; then
  echo "debian: no apt-get of Debian on amd64, so without clients of rebuilderd and in-toto-golang: the tests that run them are skipped"
elif [ "$(cat "$folder/done" 2>/dev/null)" = "$newer" ]; then
  echo "debian: clients of rebuilderd, in-toto-golang: all here"
else
  rm -rf "$folder"
  mkdir -p "$folder/lists/partial" "$folder/cache/archives/partial" "$folder/debs" "$folder/root"
  echo "deb [signed-by=$keyring] http://deb.debian.org/debian sid main" >"$folder/sources.list"
  {
    echo "Dir::Etc::sourcelist \"$folder/sources.list\"; Dir::Etc::sourceparts \"/dev/null\";"
    echo "Dir::State::lists \"$folder/lists\"; Dir::Cache \"$folder/cache\";"
  } >"$folder/apt.conf"
  export APT_CONFIG="$folder/apt.conf"
  if apt-get -qq update >/dev/null 2>&1 && (cd "$folder/debs" && apt-get -qq download $newer) >/dev/null 2>&1 \
    && (for deb in "$folder"/debs/*.deb; do dpkg-deb -x "$deb" "$folder/root" || exit 1; done); then
    echo "$newer" >"$folder/done"
    echo "debian: downloaded repro-threshold, debian-repro-status and in-toto-golang"
  else
    echo "debian: apt-get download from unstable failed, so without clients of rebuilderd and in-toto-golang: the tests that run them are skipped"
  fi
  rm -rf "$folder/lists" "$folder/cache" "$folder/debs"
fi
wait "$making"
exit 0
