#!/usr/bin/env bash
# Lets `import torch` succeed without the wheel's GPU packages. Python's half of LibTorch loads the
# GPU half, which wants cuBLAS, cuDNN and others: 3.7 GB. This makes libraries of their names that
# have the functions asked for, each of which ends the process. Found by LD_LIBRARY_PATH, after
# the wheel's own folders, and so never by a program that uses a GPU.
#
# usage: scripts/gpu_stubs.sh TORCH_LIBRARIES FOLDER
#   TORCH_LIBRARIES  site-packages/torch/lib
#   FOLDER           gets one library for each that is not found here
set -euo pipefail

libraries=$1
mkdir -p "$2"
folder=$(cd "$2" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Libraries that the loader does not find.
missing() {
  env -u LD_LIBRARY_PATH ldd "$libraries/libtorch_python.so" 2>/dev/null |
    awk '/not found/ { print $1 }' | sort -u
}

# Versions of symbols that LibTorch wants of library $1; none, for some.
versions_of() {
  readelf -VW "$libraries"/libtorch*.so 2>/dev/null | awk -v library="$1" '
    / File: / { inside = index($0, "File: " library " ") }
    / Name: / && inside { sub(/.*Name: /, ""); print $1 }' | sort -u
}

# Symbols to define in library $1 with version $2: those of the version, and of those without one
# that begin as the library does (libcufile.so.0: cuFile..).
symbols_of() {
  awk -v version="$2" -v stem="$(sed 's/^lib//; s/\.so.*//' <<<"$1")" '
    { split($1, parts, "@") }
    parts[2] == version || parts[2] == "" && index(tolower(parts[1]), tolower(stem)) == 1 {
      print parts[1] }' "$work/undefined"
}

make_stub() {
  local library=$1 version
  version=$(versions_of "$library" | head -n 1)
  version=${version:-$library}
  {
    symbols_of "$library" "$version" | sed 's/.*/.globl &\n&:/'
    echo 'ud2'
    echo '.section .note.GNU-stack,"",@progbits'
  } >"$work/stub.s"
  echo "$version { *; };" >"$work/stub.map"
  c++ -shared -nostdlib -Wl,-soname,"$library" -Wl,--version-script,"$work/stub.map" \
    -o "$folder/$library" "$work/stub.s"
}

nm -D --undefined-only "$libraries"/libtorch*.so | awk 'NF == 2 { print $2 }' | sort -u \
  >"$work/undefined"
missing | while read -r library; do make_stub "$library"; done
