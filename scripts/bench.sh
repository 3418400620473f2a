#!/usr/bin/env bash
# Runs every benchmark of the release build; arguments go to those of Google Benchmark
# (--benchmark_filter=..).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

mapfile -t benchmarks < <(find build/release -type f -name '*_benchmark' -perm -u+x | sort)
[ ${#benchmarks[@]} -gt 0 ] || { echo "bench: nothing built; run make build" >&2; exit 1; }
for benchmark in "${benchmarks[@]}"; do
  echo "-- $(basename "$benchmark")"
  case "$benchmark" in
    */control_plane_benchmark | */exact_sum_benchmark | */recovery_benchmark) "$benchmark" ;;
    *) "$benchmark" "$@" ;;
  esac
done
