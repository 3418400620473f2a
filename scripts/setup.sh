#!/usr/bin/env bash
# Installs what is missing for a build: Debian packages (packages.txt), and LibTorch in a virtual
# environment (requirements.txt) that the link .deps in the repository points to. Takes well under a
# second when nothing is missing.
#
# usage: scripts/setup.sh [--dev]
#   --dev            the packages of packages-dev.txt as well: lint, format, thread-safety preset
#   OUTERLOOP_CACHE  where environments are kept; default $XDG_CACHE_HOME/outerloop, else
#                    ~/.cache/outerloop
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
step="reading arguments"
trap '[ $? -eq 0 ] || echo "setup: FAILED at: $step" >&2' EXIT

fail() {
  echo "setup: $*" >&2
  exit 1
}

lists=("$root/scripts/packages.txt")
case "${1:-}" in
  "") ;;
  --dev) lists+=("$root/scripts/packages-dev.txt") ;;
  *) fail "unknown argument '$1'; usage: scripts/setup.sh [--dev]" ;;
esac

# Names of the listed packages that are not installed, one a line.
missing_packages() {
  local wanted installed
  wanted=$(sed 's/#.*//' "${lists[@]}" | tr -s '[:space:]' '\n' | grep . | sort -u)
  # shellcheck disable=SC2086  # One argument a package.
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' $wanted 2>/dev/null |
    sed -n 's/^installed //p' | sort -u) || true
  comm -23 <(echo "$wanted") <(echo "$installed")
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    env DEBIAN_FRONTEND=noninteractive "$@"
  else
    sudo env DEBIAN_FRONTEND=noninteractive "$@"
  fi
}

install_packages() {
  step="Debian packages"
  command -v dpkg-query >/dev/null ||
    fail "no dpkg here: install the counterparts of ${lists[*]} by hand, then run again"
  local missing
  mapfile -t missing < <(missing_packages)
  [ ${#missing[@]} -gt 0 ] || return 0
  echo "setup: installing Debian packages: ${missing[*]}"
  [ "$(id -u)" -eq 0 ] || command -v sudo >/dev/null ||
    fail "installing packages needs root or sudo"
  step="apt-get update"
  # One source out of reach need not matter; if it does, the installation says so.
  as_root apt-get -qq update || echo "setup: apt-get update had errors; going on" >&2
  step="apt-get install ${missing[*]}"
  as_root apt-get -qq -y -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 \
    install --no-install-recommends "${missing[@]}" >/dev/null
}

is_complete() {
  [ -f "$1/complete" ] && [ -x "$1/bin/python" ]
}

# Makes the environment $1 with Python $2. The stamp is written last: without it, what is there was
# left half-made and is made again.
make_environment() {
  local environment=$1 python=$2
  echo "setup: installing LibTorch into $environment (a download of 550 MB)"
  rm -rf "$environment"
  step="making a virtual environment with $python"
  "$python" -m venv "$environment"
  step="pip install of scripts/requirements.txt"
  "$environment/bin/python" -m pip install --quiet --no-input --disable-pip-version-check \
    --no-cache-dir --no-compile --only-binary :all: --no-deps --require-hashes \
    --requirement "$root/scripts/requirements.txt"
  step="checking the LibTorch environment"
  "$environment/bin/python" -c "import safetensors.numpy"
  compgen -G "$environment/lib/python3*/site-packages/torch/lib/libtorch_cpu.so" >/dev/null ||
    fail "no libtorch_cpu.so in $environment"
  touch "$environment/complete"
}

install_libtorch() {
  step="LibTorch"
  local python=/usr/bin/python3
  [ -x "$python" ] || python=$(command -v python3) || fail "no python3"
  local version
  version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
  case "$(uname -m) $version" in
    "x86_64 3.11" | "x86_64 3.12" | "x86_64 3.13") ;;
    *) fail "scripts/requirements.txt has wheels for x86-64 and Python 3.11 to 3.13;" \
        "this is $(uname -m) with Python $version ($python)" ;;
  esac

  local cache key environment
  cache=${OUTERLOOP_CACHE:-${XDG_CACHE_HOME:-${HOME:?set HOME or OUTERLOOP_CACHE}/.cache}/outerloop}
  key=$( (echo "$version" && cat "$root/scripts/requirements.txt") | sha256sum | cut -c 1-16)
  environment=$cache/python-$key
  if ! is_complete "$environment"; then
    mkdir -p "$cache"
    exec 9>"$cache/lock"
    flock 9  # Another checkout may be making the same one.
    if ! is_complete "$environment"; then make_environment "$environment" "$python"; fi
    exec 9>&-
  fi

  step="linking .deps"
  [ -L "$root/.deps" ] || [ ! -e "$root/.deps" ] || fail "$root/.deps is no link; move it away"
  [ "$(readlink "$root/.deps" || true)" = "$environment" ] || ln -sfn "$environment" "$root/.deps"
}

install_packages
install_libtorch
