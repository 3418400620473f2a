#!/usr/bin/env bash
# Tries the repository on a machine that has nothing: makes a minimal Debian 12 by debootstrap,
# installs make in it, clones HEAD into it and runs a target there, with processes of its own. Says
# how many minutes the target took, and exits with its status. Of this machine it takes over what
# reaching the package registries needs: apt's mirror and settings, pip's settings, certificates.
#
# usage: scripts/fresh_machine.sh [TARGET [FOLDER]]      as root
#   TARGET  of the Makefile; default demo
#   FOLDER  where the machine is made, and is left; must be empty or absent. Default: a temporary
#           folder, removed at the end. Takes about 5 GB.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
target=${1:-demo}
machine=${2:-}
step=start
temporary=

# shellcheck source=scripts/machine.sh
source "$root/scripts/machine.sh"

finish() {
  local status=$?
  [ "$status" -eq 0 ] || echo "fresh-machine: FAILED at: $step" >&2
  [ -z "$temporary" ] || rm -rf --one-file-system "$temporary"
}
trap finish EXIT

fail() {
  echo "fresh-machine: $*" >&2
  exit 1
}

# Runs a command in the machine, as root, with little of this shell's environment. What it leaves
# running is killed when it ends.
inside() {
  local passed=()
  mapfile -t passed < <(env | grep -E '^(PIP_(INDEX_URL|EXTRA_INDEX_URL|DEFAULT_TIMEOUT)|(https?|no)_proxy|(HTTPS?|NO)_PROXY|TERM)=' || true)
  unshare --mount --pid --fork --kill-child --mount-proc="$machine/proc" \
    chroot "$machine" /usr/bin/env -i "${passed[@]}" PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive PIP_CERT=/etc/ssl/host.crt SSL_CERT_FILE=/etc/ssl/host.crt "$@"
}

[ "$(id -u)" -eq 0 ] || fail "needs root: sudo scripts/fresh_machine.sh"
command -v debootstrap >/dev/null || fail "needs debootstrap: apt-get install debootstrap"
if [ -z "$machine" ]; then
  temporary=$(mktemp -d /var/tmp/outerloop-machine.XXXXXX)
  machine=$temporary
fi
[ -z "$(ls -A "$machine" 2>/dev/null)" ] || fail "$machine is not empty"
chmod 755 "$machine" 2>/dev/null || mkdir -p "$machine"

step="debootstrap"
echo "fresh-machine: making a minimal Debian 12 in $machine"
make_machine "$machine"

step="installing make"
inside apt-get -qq update
inside apt-get -qq -y -o Dpkg::Use-Pty=0 install --no-install-recommends make >/dev/null

step="copying the repository"
git clone --quiet --no-hardlinks "$root" "$machine/root/outerloop"
omniglot=${OMNIGLOT:-$root/../shared/data/omniglot}
if [ -d "$omniglot" ]; then
  mkdir -p "$machine/root/shared/data"
  cp -rL "$omniglot" "$machine/root/shared/data/omniglot"
fi

step="make $target"
echo "fresh-machine: make $target"
started=$SECONDS
inside make --no-print-directory -C /root/outerloop "$target"
seconds=$((SECONDS - started))
echo "fresh-machine: make $target took $((seconds / 60)) min $((seconds % 60)) s"
