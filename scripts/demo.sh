#!/usr/bin/env bash
# Trains MAML, 5-way 1-shot on Omniglot, with a coordinator and two workers on this machine: the
# preset maml-omniglot-5w1s, for as many steps as two cores take in four minutes. Where Omniglot cannot
# be had it trains on synthetic strokes instead.
# Everything it makes is in build/demo and is made anew each time; everything it starts is stopped.
#
# usage: scripts/demo.sh
#   OMNIGLOT=folder  where the two official archives are (scripts/find_omniglot.sh)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/local_servers.sh
source scripts/local_servers.sh

status=0
omniglot=$(scripts/find_omniglot.sh) || status=$?
[ "$status" -le 1 ] || exit "$status"

rm -rf build/demo
start_servers build/demo

job=(--preset maml-omniglot-5w1s --set training.steps=6000)
if [ "$status" -eq 0 ]; then
  "$outerloop" dataset import --format omniglot "$omniglot" --name omniglot
else
  echo "demo: Omniglot cannot be had here (why is said above): training on synthetic strokes" \
    "instead. Set OMNIGLOT=folder to use the official archives."
  # The published figures are of Omniglot: they have no place beside these.
  job+=(--set dataset.name=strokes --set 'published=[]')
fi
"$outerloop" submit "${job[@]}" --wait
