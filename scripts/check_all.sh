#!/usr/bin/env bash
# The presets beside `release`: tests under the sanitizers, and Clang's thread-safety analysis.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

step() {
  local name=$1
  shift
  scripts/step.sh "$name" "$@"
}

for preset in thread-safety asan tsan; do
  [ -f "build/$preset/build.ninja" ] || step "configure $preset" cmake --preset "$preset"
  step "build $preset" cmake --build --preset "$preset"
done
for preset in asan tsan; do
  step "test $preset" ctest --preset "$preset" -j2
done
