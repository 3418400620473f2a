#!/usr/bin/env bash
# The presets of sanitizers (CMakePresets.json), built by Clang with its thread-safety analysis: tests of
# threads under ThreadSanitizer, and all tests under AddressSanitizer with UndefinedBehaviorSanitizer. Says
# how long each took.
#
# Tests are of processes that wait for each other, and compilers wait for nothing: the tests of the first
# preset run while the second is built, and several tests at a time.
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

test_preset() {
  step "test $1" ctest --preset "$1" -j4
}

build tsan
test_preset tsan >build/tsan/tests.log 2>&1 &
tsan_tests=$!
trap 'kill "$tsan_tests" 2>/dev/null || true' EXIT
build asan
tsan_status=0
wait "$tsan_tests" || tsan_status=$?
cat build/tsan/tests.log
[ "$tsan_status" -eq 0 ] || exit "$tsan_status"
test_preset asan
