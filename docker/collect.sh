#!/usr/bin/env bash
# Gathers what an image needs of a build: programs, stripped; libraries of LibTorch's environment that
# they load; and the names and versions of the Debian packages that the other libraries belong to.
#
# usage: docker/collect.sh FOLDER PROGRAM..
#   FOLDER    gets usr/local/bin, usr/local/lib and packages
#   PROGRAM   of build/release/bin
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

folder=$1
shift
environment=$(readlink -f .deps)
mkdir -p "$folder/usr/local/bin" "$folder/usr/local/lib"

# Paths of all libraries that the programs of this build load, one a line.
libraries_of() {
  ldd "${@/#/build/release/bin/}" |
    awk '$3 == "not" { print "missing: " $1 >"/dev/stderr"; exit 1 } $2 == "=>" { print $3 }' |
    sort -u
}

# Debian's packages of the libraries whose paths come in, as apt-get wants them: name=version. A
# package may know its files by /lib or by /usr/lib, so it is asked for both.
packages_of() {
  local real
  # shellcheck disable=SC2016  # The names are dpkg-query's.
  while read -r library; do
    real=$(readlink -f "$library")
    printf '%s\n' "$real" "${real#/usr}"
  done | { xargs dpkg-query -S 2>/dev/null || true; } | sed 's/: .*//' | sort -u |
    xargs dpkg-query -W -f '${binary:Package}=${Version}\n'
}

for program in "$@"; do
  strip -o "$folder/usr/local/bin/$program" "build/release/bin/$program"
done
libraries_of "$@" >"$folder/libraries"
while read -r library; do
  case $(readlink -f "$library") in
    "$environment"/*) cp -Ln "$library" "$folder/usr/local/lib/" ;;
    *) echo "$library" ;;
  esac
done <"$folder/libraries" | packages_of >"$folder/packages"
rm "$folder/libraries"

# CUDA's libraries load more of each other by name while they run than the linker knows of.
if [ -e "$folder/usr/local/lib/libtorch_cuda.so" ]; then
  cp -Ln "$environment"/lib/python3*/site-packages/nvidia/*/lib/*.so* "$folder/usr/local/lib/"
fi
