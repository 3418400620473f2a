#!/usr/bin/env bash
# Runs a test of this folder with the environment that scripts/setup.sh --operations made.
# usage: run.sh TEST.py [unittest arguments]; exits 77 if there is no such environment.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tools=$(cd "$here/../.." && pwd)/.operations
[ -x "$tools/bin/python" ] || { echo "no .operations: run scripts/setup.sh --operations"; exit 77; }
PATH=$tools/bin:$PATH PYTHONPATH=$here exec "$tools/bin/python" -B "$here/$1" "${@:2}"
