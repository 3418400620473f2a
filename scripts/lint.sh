#!/usr/bin/env bash
# Checks the format of every C++ file, every shell script, and by clang-tidy the .cc files that
# differ from the main branch. Wants a release build, for the compile commands and generated headers.
#
# usage: scripts/lint.sh [--all | --no-tidy | FILE.cc ..]
#   --all      clang-tidy on every .cc file (minutes to an hour)
#   --no-tidy  no clang-tidy
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

build=build/release
mode=changed
case "${1:-}" in
  "") ;;
  --all) mode=all ;;
  --no-tidy) mode=none ;;
  *) mode=files ;;
esac

tracked() {
  git ls-files --cached --others --exclude-standard -- "$@"
}

# .cc files that are new or differ from where this branch left the main one.
changed_sources() {
  local base
  base=$(git merge-base HEAD origin/main 2>/dev/null || git rev-parse --verify -q HEAD || true)
  if [ -z "$base" ]; then
    tracked '*.cc'
  else
    git diff --name-only --diff-filter=d "$base" -- '*.cc'
    git ls-files --others --exclude-standard -- '*.cc'
  fi | sort -u
}

sources_for_tidy() {
  case $mode in
    all) tracked '*.cc' ;;
    changed) changed_sources ;;
    files) printf '%s\n' "$@" ;;
    none) ;;
  esac
}

# Compile commands that clang-tidy can follow: GCC's precompiled header is not for Clang.
write_compile_commands() {
  [ -f $build/compile_commands.json ] || { echo "lint: no $build; run make build" >&2; exit 1; }
  mkdir -p build/lint
  sed -E 's/ -Winvalid-pch//g; s/ -include [^ ]*cmake_pch\.hxx//g' \
    $build/compile_commands.json >build/lint/compile_commands.json
}

echo "lint: format"
tracked '*.cc' '*.h' | xargs -r clang-format --dry-run -Werror

echo "lint: shell scripts"
if command -v shellcheck >/dev/null; then
  tracked '*.sh' .ci/run | xargs -r shellcheck -x
else
  echo "lint: shellcheck is not installed; scripts are not checked" >&2
fi

mapfile -t sources < <(sources_for_tidy "$@")
echo "lint: clang-tidy on ${#sources[@]} files"
[ ${#sources[@]} -gt 0 ] || exit 0
write_compile_commands
printf '%s\n' "${sources[@]}" | xargs -P "$(nproc)" -n 1 clang-tidy -p build/lint --quiet \
  --extra-arg=-Wno-unknown-warning-option
