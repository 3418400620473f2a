#!/usr/bin/env bash
# The presets beside `release`: Clang's thread-safety analysis (a build), and tests under
# ThreadSanitizer, and under AddressSanitizer with UndefinedBehaviorSanitizer. Each builds what it
# needs and no more (CMakePresets.json). Says how long each took.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

step() {
  local name=$1 started=$SECONDS
  shift
  scripts/step.sh "$name" "$@"
  echo "-- $name: $((SECONDS - started)) s"
}

build() {
  [ -f "build/$1/build.ninja" ] || step "configure $1" cmake --preset "$1"
  step "build $1" cmake --build --preset "$1"
}

build thread-safety
for preset in tsan asan; do
  build "$preset"
  step "test $preset" ctest --preset "$preset" -j2
done
