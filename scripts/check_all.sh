#!/usr/bin/env bash
# The presets of sanitizers (CMakePresets.json), built by Clang with its thread-safety analysis: tests of
# threads under ThreadSanitizer, and all tests under AddressSanitizer with UndefinedBehaviorSanitizer. Says
# how long each took.
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

for preset in tsan asan; do
  build "$preset"
  # Processes wait for each other: three tests keep two cores busy.
  step "test $preset" ctest --preset "$preset" -j3
done
