#!/usr/bin/env bash
# Runs every benchmark of the release build, then the comparisons with other libraries
# (benchmarks/peers, benchmarks/image_import), whose figures it leaves in build/peers.json and
# build/image_import.json. Arguments go to those of Google
# Benchmark (--benchmark_filter=..). Wants what `setup.sh --peers` installs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

mapfile -t benchmarks < <(find build/release -type f -name '*_benchmark' -perm -u+x | sort)
[ ${#benchmarks[@]} -gt 0 ] || { echo "bench: nothing built; run make build" >&2; exit 1; }
for benchmark in "${benchmarks[@]}"; do
  echo "-- $(basename "$benchmark")"
  case "$benchmark" in
    */control_plane_benchmark | */exact_sum_benchmark | */load_benchmark | */recovery_benchmark)
      "$benchmark" ;;
    *) "$benchmark" "$@" ;;
  esac
done

echo "-- peers"
LD_LIBRARY_PATH=$PWD/.deps/stubs .peers/bin/python -B benchmarks/peers/compare.py \
  --engine build/release/bin/meta_gradient_engine --json build/peers.json

echo "-- image import"
options=()
if omniglot=$(scripts/find_omniglot.sh); then options=(--omniglot "$omniglot"); fi
LD_LIBRARY_PATH=$PWD/.deps/stubs .peers/bin/python -B benchmarks/image_import/compare.py \
  --engine build/release/bin/image_import_engine --json build/image_import.json "${options[@]}"
