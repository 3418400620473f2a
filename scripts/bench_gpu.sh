#!/usr/bin/env bash
# Tests and measures what runs on NVIDIA GPUs alone: the tests with the label `gpu`, then the
# comparison with other libraries (benchmarks/peers), whose figures it leaves in
# build/peers-gpu-PRECISION.json. Wants what `setup.sh --peers` installs. PEERS_PYTHON names another
# Python, with torch for CUDA, higher, learn2learn, TorchOpt, safetensors and triton; what is missing
# there is left out. Arguments go to compare.py.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

engine=build/release/bin/meta_gradient_engine_cuda
[ -x "$engine" ] || { echo "bench-gpu: no $engine: configure where nvcc is found" >&2; exit 1; }
nvidia-smi -L || { echo "bench-gpu: nvidia-smi lists no GPU here" >&2; exit 1; }

ctest --preset release -L '^gpu$'
for precision in FLOAT32 TF32; do
  echo "-- peers, $precision"
  scripts/on_gpu.sh "${PEERS_PYTHON:-.peers/bin/python}" -B benchmarks/peers/compare.py \
    --device cuda --engine "$engine" --precision "$precision" \
    --json "build/peers-gpu-$precision.json" "$@"
done
