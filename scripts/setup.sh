#!/usr/bin/env bash
# Installs what is missing for a build: Debian packages (packages.txt), and LibTorch in a virtual
# environment (requirements.txt) that the link .deps in the repository points to. Takes well under a
# second when nothing is missing.
#
# usage: scripts/setup.sh [--dev | --operations | --peers]
#   --dev            the packages of packages-dev.txt as well: lint, format, check-all, train
#   --operations     what tests/operations needs as well, in an environment that the link .operations
#                    points to: kubectl, schemas, hadolint (requirements-operations.txt), gRPC for
#                    Python (examples/python/requirements.txt), and Debian's Prometheus, unpacked
#                    there, so that no service of the machine is started
#   --peers          the libraries of requirements-peers*.txt as well, in an environment that the
#                    link .peers points to: what benchmarks/peers compares with
#   OUTERLOOP_CACHE  where environments are kept; default $XDG_CACHE_HOME/outerloop, else
#                    ~/.cache/outerloop
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
step="reading arguments"
trap '[ $? -eq 0 ] || echo "setup: FAILED at: $step" >&2' EXIT

# shellcheck source=scripts/environments.sh
source "$root/scripts/environments.sh"

fail() {
  echo "setup: $*" >&2
  exit 1
}

lists=("$root/scripts/packages.txt")
peers=
operations=
case "${1:-}" in
  "") ;;
  --dev) lists+=("$root/scripts/packages-dev.txt") ;;
  --operations) operations=yes ;;
  --peers) peers=yes ;;
  *) fail "unknown argument '$1'; usage: scripts/setup.sh [--dev | --operations | --peers]" ;;
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

# Where packages of the environment $1 lie.
packages_of() {
  echo "$1/lib/python$version/site-packages"
}

fill_libtorch() {
  local environment=$1 libraries
  echo "setup: installing LibTorch into $environment (a download of 550 MB)"
  step="pip install of scripts/requirements.txt"
  pip_pinned "$environment" install --no-compile --only-binary :all: \
    --requirement "$root/scripts/requirements.txt"
  step="checking the LibTorch environment"
  libraries=$(packages_of "$environment")/torch/lib
  [ -f "$libraries/libtorch_cpu.so" ] || fail "no libtorch_cpu.so in $environment"
  "$root/scripts/gpu_stubs.sh" "$libraries" "$environment/stubs"
  LD_LIBRARY_PATH=$environment/stubs "$environment/bin/python" -c \
    "import safetensors.numpy, torch.func"
}

# learn2learn is there as a source package alone, whose extensions no longer compile. They belong to
# its data sets: its Python files will do.
fill_learn2learn() {
  local environment=$1 folder
  step="learn2learn"
  folder=$(mktemp -d)
  pip_pinned "$environment" download --no-build-isolation --no-binary :all: --dest "$folder" \
    --requirement "$root/scripts/requirements-peers-source.txt"
  tar -xzf "$folder"/learn2learn-*.tar.gz --strip-components=1 \
    -C "$(packages_of "$environment")" --wildcards 'learn2learn-*/learn2learn'
  rm -rf "$folder"
}

# On top of the LibTorch environment, which it finds through a .pth file.
fill_peers() {
  local environment=$1
  echo "setup: installing what benchmarks/peers compares with into $environment"
  packages_of "$(readlink -f "$root/.deps")" >"$(packages_of "$environment")/libtorch.pth"
  step="pip install of scripts/requirements-peers.txt"
  pip_pinned "$environment" install --only-binary :all: \
    --requirement "$root/scripts/requirements-peers.txt"
  fill_learn2learn "$environment"
  step="checking the environment of the peers"
  LD_LIBRARY_PATH=$root/.deps/stubs PYTHONPATH=$root/benchmarks/peers \
    "$environment/bin/python" -B -c "import all_peers; assert len(all_peers.load()) == 5"
}

install_peers() {
  local lists=("$root/scripts/requirements-peers.txt" "$root/scripts/requirements-peers-source.txt")
  ensure_environment .peers fill_peers "${libtorch[@]}" "${lists[@]}"
}

fill_operations() {
  local environment=$1 list
  echo "setup: installing what tests/operations needs into $environment (a download of 90 MB)"
  for list in "${operations_lists[@]}"; do
    step="pip install of ${list#"$root"/}"
    pip_pinned "$environment" install --no-compile --only-binary :all: --requirement "$list"
  done
  step="unpacking Debian's prometheus"
  apt-cache show prometheus >/dev/null 2>&1 || as_root apt-get -qq update
  (cd "$environment" && apt-get -qq -o APT::Sandbox::User="$(id -un)" download prometheus >/dev/null)
  dpkg-deb --extract "$environment"/prometheus_*.deb "$environment/prometheus"
  rm "$environment"/prometheus_*.deb
  ln -s ../prometheus/usr/bin/prometheus ../prometheus/usr/bin/promtool "$environment/bin/"
  step="checking the environment of tests/operations"
  "$environment/bin/promtool" --version >/dev/null
  "$environment/bin/python" -c "import grpc_tools, kubernetes_validate, yaml"
}

install_packages
find_python
libtorch=("$root/scripts/requirements.txt" "$root/scripts/gpu_stubs.sh")
ensure_environment .deps fill_libtorch "${libtorch[@]}"
operations_lists=("$root/scripts/requirements-operations.txt" "$root/examples/python/requirements.txt")
[ -z "$operations" ] || ensure_environment .operations fill_operations "${operations_lists[@]}"
[ -z "$peers" ] || install_peers
