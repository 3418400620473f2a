#!/usr/bin/env bash
# Trains presets one after the other with a coordinator and two workers on this machine, and keeps
# of each what docs/results.md is made from, in docs/results: PRESET.json (the job, its scores and
# digests), PRESET.csv (loss and accuracy while it trained) and PRESET.svg (the same as a picture).
# Jobs stay in build/train.
#
# usage: scripts/train.sh PRESET...
#   OMNIGLOT=folder  where the two official archives are (scripts/find_omniglot.sh)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/local_servers.sh
source scripts/local_servers.sh

# So many points has a curve.
readonly points=200

train() {
  local preset=$1 record=docs/results/$1 steps
  echo "train: $preset"
  "$outerloop" submit --preset "$preset" --wait
  "$outerloop" describe "$preset" --output json >"$record.json"
  steps=$(sed -n 's/^  "step": \([0-9]*\).*/\1/p' "$record.json")
  "$outerloop" history "$preset" --every $(((steps + points - 1) / points)) >"$record.csv"
  gnuplot -c scripts/plot_history.gp "$preset" "$record.csv" "$record.svg"
}

[ $# -gt 0 ] || { echo "usage: scripts/train.sh PRESET..." >&2; exit 2; }
command -v gnuplot >/dev/null || { echo "train: no gnuplot; run make train" >&2; exit 1; }
omniglot=$(scripts/find_omniglot.sh)
mkdir -p docs/results
start_servers build/train
"$outerloop" dataset import --format omniglot "$omniglot" --name omniglot
for preset in "$@"; do train "$preset"; done
