#!/usr/bin/env bash
# The presets beside `release`: Clang's thread-safety analysis, and tests under AddressSanitizer and
# UndefinedBehaviorSanitizer. The preset `tsan` is not among them: Debian's Abseil and gRPC are not
# instrumented, so ThreadSanitizer does not see absl::Mutex and reports races that are none.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

step() {
  local name=$1
  shift
  scripts/step.sh "$name" "$@"
}

for preset in thread-safety asan; do
  [ -f "build/$preset/build.ninja" ] || step "configure $preset" cmake --preset "$preset"
  step "build $preset" cmake --build --preset "$preset"
done
step "test asan" ctest --preset asan -j2
