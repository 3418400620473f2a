# A coordinator and two workers on this machine for as long as a script runs. Sourced by demo.sh and
# train.sh, in the root of the repository.
# shellcheck shell=bash

outerloop=build/release/bin/outerloop

# Prints the coordinator's HOST:PORT once it takes calls; fails when `up` has ended or after a minute.
wait_for_address() {
  local log=$1 address
  for _ in {1..300}; do
    address=$(sed -n 's/^outerloop is up at \([^ ]*\).*/\1/p' "$log")
    [ -z "$address" ] || { echo "$address"; return 0; }
    kill -0 "$servers" 2>/dev/null || { echo "$script: outerloop up ended" >&2; return 1; }
    sleep 0.2
  done
  echo "$script: no coordinator after a minute" >&2
  return 1
}

stop_servers() {
  local status=$?
  trap - EXIT
  trap '' INT TERM
  if [ -n "$servers" ] && kill -TERM "$servers" 2>/dev/null; then
    wait "$servers" || true
  fi
  case $status in
    0) ;;
    130 | 143) echo "$script: stopped" >&2 ;;
    *)
      echo "$script: failed; the last lines of $folder/up.log:" >&2
      tail -n 20 "$folder/up.log" >&2
      ;;
  esac
  exit "$status"
}

# Starts them, with data and logs in folder $1, for the verbs of `$outerloop` that follow; stops them
# when the script ends.
start_servers() {
  folder=$1
  script=$(basename "$0" .sh)
  servers=
  [ -x "$outerloop" ] || { echo "$script: no $outerloop; run make build" >&2; exit 1; }
  mkdir -p "$folder"
  : >"$folder/up.log"
  trap stop_servers EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  echo "$script: starting a coordinator and two workers; logs are in $folder"
  "$outerloop" up --workers 2 --threads 1 --listen localhost:0 --metrics-port 0 \
    --data-dir "$folder/data" >"$folder/up.log" 2>&1 &
  servers=$!
  OUTERLOOP_ADDRESS=$(wait_for_address "$folder/up.log")
  export OUTERLOOP_ADDRESS
  echo "$script: coordinator at $OUTERLOOP_ADDRESS"
}
