#!/usr/bin/env bash
# Runs a program where there is an NVIDIA GPU; elsewhere it exits with 77, which CTest counts as
# skipped. Libraries that LibTorch names and nothing here calls may be missing: see gpu_stubs.sh.
#
# usage: scripts/on_gpu.sh PROGRAM [ARGUMENT ..]
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

if ! nvidia-smi -L >/dev/null 2>&1; then
  echo "on_gpu: skipped, nvidia-smi lists no GPU here"
  exit 77
fi
export LD_LIBRARY_PATH=${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$root/.deps/stubs
exec "$@"
