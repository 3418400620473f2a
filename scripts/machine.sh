# A minimal Debian 12 in a folder. Sourced by fresh_machine.sh and test_images.sh, as root.
# shellcheck shell=bash

# The address this machine takes Debian from.
mirror() {
  # shellcheck disable=SC2016  # The names are for apt.
  apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(ORIGIN)' 2>/dev/null |
    awk '$2 == "bookworm" && $3 == "Debian" { print $1; exit }'
}

# Files of this machine that reach the registries go into the machine $1, which takes Debian from $2.
# Certificates lie under a name of their own, since the ca-certificates package writes the usual one
# anew.
copy_settings() {
  local machine=$1 address=$2
  echo "deb $address bookworm main" >"$machine/etc/apt/sources.list"
  apt-config dump | grep -E '^Acquire::' | grep -v IndexTargets \
    >"$machine/etc/apt/apt.conf.d/90host" || true
  cp -L /etc/resolv.conf /etc/hosts "$machine/etc/"
  mkdir -p "$machine/etc/ssl"
  cp -L /etc/ssl/certs/ca-certificates.crt "$machine/etc/ssl/host.crt"
  [ ! -f /etc/pip.conf ] || grep -v '^ *cert *=' /etc/pip.conf >"$machine/etc/pip.conf" || true
}

# Makes a Debian in the empty folder $1, with what reaching the package registries needs.
make_machine() {
  local machine=$1 address
  command -v debootstrap >/dev/null ||
    { echo "needs debootstrap: apt-get install debootstrap" >&2; return 1; }
  address=$(mirror)
  address=${address:-http://deb.debian.org/debian/}
  debootstrap --variant=minbase bookworm "$machine" "$address" >"$machine.log" 2>&1 ||
    { tail -n 5 "$machine.log" >&2; return 1; }
  rm -f "$machine.log"
  # As Debian's own images have it: whoever loses a half-made machine makes another.
  echo force-unsafe-io >"$machine/etc/dpkg/dpkg.cfg.d/unsafe-io"
  copy_settings "$machine" "$address"
  chroot "$machine" apt-get clean
  rm -rf "$machine"/var/lib/apt/lists/*
}
