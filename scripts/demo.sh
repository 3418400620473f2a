#!/usr/bin/env bash
# Trains MAML, 5-way 1-shot on Omniglot, with a coordinator and two workers on this machine: the
# preset maml-omniglot-5w1s. Where Omniglot cannot be had it trains on synthetic strokes instead.
# Everything it makes is in build/demo and is made anew each time; everything it starts is stopped.
#
# usage: scripts/demo.sh
#   OMNIGLOT=folder  where the two official archives are (scripts/find_omniglot.sh)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

outerloop=build/release/bin/outerloop
folder=build/demo
servers=

stop_servers() {
  local status=$?
  trap - EXIT
  trap '' INT TERM
  if [ -n "$servers" ] && kill -TERM "$servers" 2>/dev/null; then
    wait "$servers" || true
  fi
  case $status in
    0) ;;
    130 | 143) echo "demo: stopped" >&2 ;;
    *)
      echo "demo: failed; the last lines of $folder/up.log:" >&2
      tail -n 20 "$folder/up.log" >&2
      ;;
  esac
  exit "$status"
}

# Prints the coordinator's HOST:PORT once it takes calls; fails when `up` has ended or after a minute.
wait_for_address() {
  local address
  for _ in {1..300}; do
    address=$(sed -n 's/^outerloop is up at \([^ ]*\).*/\1/p' "$folder/up.log")
    [ -z "$address" ] || { echo "$address"; return 0; }
    kill -0 "$servers" 2>/dev/null || { echo "demo: outerloop up ended" >&2; return 1; }
    sleep 0.2
  done
  echo "demo: no coordinator after a minute" >&2
  return 1
}

[ -x "$outerloop" ] || { echo "demo: no $outerloop; run make build" >&2; exit 1; }
rm -rf "$folder"
mkdir -p "$folder"
: >"$folder/up.log"
trap stop_servers EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

status=0
omniglot=$(scripts/find_omniglot.sh) || status=$?
[ "$status" -le 1 ] || exit "$status"

echo "demo: starting a coordinator and two workers; logs are in $folder"
"$outerloop" up --workers 2 --threads 1 --listen localhost:0 --metrics-port 0 \
  --data-dir "$folder/data" >"$folder/up.log" 2>&1 &
servers=$!
OUTERLOOP_ADDRESS=$(wait_for_address)
export OUTERLOOP_ADDRESS
echo "demo: coordinator at $OUTERLOOP_ADDRESS"

job=(--preset maml-omniglot-5w1s)
if [ "$status" -eq 0 ]; then
  "$outerloop" dataset import --format omniglot "$omniglot" --name omniglot
else
  echo "demo: Omniglot cannot be had here (why is said above): training on synthetic strokes" \
    "instead. Set OMNIGLOT=folder to use the official archives."
  # The published figures are of Omniglot: they have no place beside these.
  job+=(--set dataset.name=strokes --set 'published=[]')
fi
"$outerloop" submit "${job[@]}" --wait
