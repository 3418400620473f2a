# Python environments that lists of pinned packages decide. Sourced by setup.sh, whose `root`,
# `step` and `fail` it uses.
# shellcheck shell=bash disable=SC2034,SC2154  # Names that are setup.sh's.

# Sets `python` and its `version`, for which requirements*.txt have wheels.
find_python() {
  step="Python"
  python=/usr/bin/python3
  [ -x "$python" ] || python=$(command -v python3) || fail "no python3"
  version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
  case "$(uname -m) $version" in
    "x86_64 3.11" | "x86_64 3.12" | "x86_64 3.13") ;;
    *) fail "scripts/requirements.txt has wheels for x86-64 and Python 3.11 to 3.13;" \
        "this is $(uname -m) with Python $version ($python)" ;;
  esac
}

# What pip is told for packages of which nothing but the listed files will do.
pip_pinned() {
  local environment=$1
  shift
  "$environment/bin/python" -m pip "$@" --quiet --no-input --disable-pip-version-check \
    --no-cache-dir --no-deps --require-hashes
}

is_complete() {
  [ -f "$1/complete" ] && [ -x "$1/bin/python" ]
}

# Makes the environment $1 anew and has the function $2 fill it. The stamp is written last: without
# it, what is there was left half-made and is made again.
make_environment() {
  local environment=$1 fill=$2
  rm -rf "$environment"
  step="making a virtual environment with $python"
  "$python" -m venv "$environment"
  "$fill" "$environment"
  touch "$environment/complete"
}

# Lets the link $1 in the repository point to the environment that function $2 fills from the
# files $3, .. One that was made from the same bytes is used again, whichever checkout made it.
ensure_environment() {
  local link=$root/$1 fill=$2
  shift 2
  local cache key environment
  cache=${OUTERLOOP_CACHE:-${XDG_CACHE_HOME:-${HOME:?set HOME or OUTERLOOP_CACHE}/.cache}/outerloop}
  key=$( (echo "$version" && cat "$@") | sha256sum | cut -c 1-16)
  environment=$cache/python-$key
  if ! is_complete "$environment"; then
    mkdir -p "$cache"
    exec 9>"$cache/lock"
    flock 9  # Another checkout may be making the same one.
    if ! is_complete "$environment"; then make_environment "$environment" "$fill"; fi
    exec 9>&-
  fi

  step="linking $link"
  [ -L "$link" ] || [ ! -e "$link" ] || fail "$link is no link; move it away"
  [ "$(readlink "$link" || true)" = "$environment" ] || ln -sfn "$environment" "$link"
}
