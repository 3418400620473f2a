#!/usr/bin/env bash
# Builds the images of docker/Dockerfile without a container daemon and without a registry of images,
# on a Debian made by debootstrap; checks how large they are; runs a coordinator and a worker from them,
# as their users, sends a job through, and compares its digest with that of this machine's own build.
# Takes half an hour, mostly for compiling. The base and finished stages are kept for the next time.
#
# usage: scripts/test_images.sh      as root, after make build; wants buildah and debootstrap
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
base=localhost/outerloop-debian
port=${OUTERLOOP_TEST_PORT:-17070}
step=start
folder=$(mktemp -d /var/tmp/outerloop-images.XXXXXX)
processes=()
containers=()

# shellcheck source=scripts/machine.sh
source "$root/scripts/machine.sh"

finish() {
  local status=$?
  [ "$status" -eq 0 ] || echo "test-images: FAILED at: $step" >&2
  [ ${#processes[@]} -eq 0 ] || kill "${processes[@]}" 2>/dev/null || true
  wait
  [ ${#containers[@]} -eq 0 ] || buildah rm "${containers[@]}" >/dev/null || true
  rm -rf --one-file-system "$folder"
}
trap finish EXIT

fail() {
  echo "test-images: $*" >&2
  exit 1
}

make_base() {
  local container
  make_machine "$folder/debian"
  container=$(buildah from scratch)
  containers+=("$container")
  buildah add --quiet "$container" "$folder/debian" / >/dev/null
  buildah config --env PIP_CERT=/etc/ssl/host.crt --env SSL_CERT_FILE=/etc/ssl/host.crt "$container"
  buildah commit --quiet "$container" "$base" >/dev/null
  rm -rf --one-file-system "$folder/debian"
}

# The image $1, of the stage of that name. This machine's way to the registries comes along as
# variables of the image, which stays here.
build() {
  local arguments=() name started=$SECONDS
  for name in PIP_INDEX_URL PIP_EXTRA_INDEX_URL http_proxy https_proxy no_proxy; do
    [ -z "${!name:-}" ] || arguments+=(--env "$name=${!name}")
  done
  buildah bud --quiet --isolation chroot --pull-never --layers "${arguments[@]}" \
    --build-arg "DEBIAN=$base" --target "$1" --tag "localhost/outerloop-$1" \
    --file "$root/docker/Dockerfile" "$root" >"$folder/$1.log" 2>&1 ||
    { tail -n 30 "$folder/$1.log" >&2; return 1; }
  echo "test-images: the image of the $1 took $(((SECONDS - started) / 60)) min"
}

# Bytes of the files of the image $1.
size_of() {
  local container
  container=$(buildah from --pull-never "$1")
  du -sbx "$(buildah mount "$container")" | cut -f1
  buildah rm "$container" >/dev/null
}

check_size() {
  local image=$1 limit_mb=$2 size
  size=$((($(size_of "localhost/outerloop-$image") - base_size) / 1000000))
  echo "test-images: $image takes $size MB on top of its base (at most $limit_mb)"
  [ "$size" -le "$limit_mb" ] || fail "$image is too large"
}

# Starts the image $1 with further arguments, as its entry point and user say.
start_image() {
  local image=$1 container entry
  shift
  container=$(buildah from --pull-never "localhost/outerloop-$image")
  containers+=("$container")
  entry=$(buildah inspect --format '{{index .OCIv1.Config.Entrypoint 0}}' "$container")
  buildah run --isolation chroot "$container" -- "$entry" "$@" >"$folder/run-$image.log" 2>&1 &
  processes+=($!)
}

# The program that the `buildah run` with the process id $1 runs, at the end of a chain of processes. It
# is told to end itself, since buildah kills it when it is told.
program_of() {
  local process=$1 child
  while child=$(pgrep -P "$process" | head -n 1) && [ -n "$child" ]; do process=$child; done
  echo "$process"
}

# The digest of the test's job on the coordinator at $2, asked by the program $1.
digest_of() {
  "$1" --address "$2" describe images --output json |
    sed -n 's/.*"parameters_sha256": *"\([0-9a-f]*\)".*/\1/p' | head -n 1
}

await_health() {
  for _ in {1..300}; do
    "$outerloop" health --address "$1" >/dev/null 2>&1 && return 0
    sleep 0.2
  done
  fail "nobody serves at $1"
}

[ "$(id -u)" -eq 0 ] || fail "needs root: sudo scripts/test_images.sh"
command -v buildah >/dev/null || fail "needs buildah: apt-get install buildah"
outerloop=$root/build/release/bin/outerloop
[ -x "$outerloop" ] || fail "no build: make build"

step="making the base"
buildah inspect --type image "$base" >/dev/null 2>&1 || make_base
base_size=$(size_of "$base")

for image in coordinator worker; do
  step="building the image of the $image"
  build "$image"
done
check_size coordinator 120
check_size worker 1600

step="starting the images"
start_image coordinator --listen "localhost:$port" --health-listen "localhost:$((port + 1))" \
  --metrics-port 0
await_health "localhost:$((port + 1))"
start_image worker --coordinator "localhost:$port" --health-listen "localhost:$((port + 2))" \
  --metrics-port 0 --device cpu
await_health "localhost:$((port + 2))"

step="training in the images"
cat >"$folder/job.yaml" <<'JOB'
name: images
dataset: {name: strokes, split: {random: {train: 40, validation: 10, test: 10}}}
episode: {classification: {ways: 5, shots: 1, queries: 2}}
model: {conv4: {filters: 16}}
algorithm: {maml: {inner_rate: 0.4}}
meta_optimizer: {adam: {}}
training: {steps: 50, tasks_per_step: 8, tasks_per_shard: 2}
JOB
"$outerloop" --address "localhost:$port" submit "$folder/job.yaml" --wait >/dev/null 2>&1
inside=$(digest_of "$outerloop" "localhost:$port")

step="training outside"
"$outerloop" up --workers 1 --threads 2 --listen "localhost:$((port + 3))" --metrics-port 0 \
  --data-dir "$folder/outside" >"$folder/up.log" 2>&1 &
processes+=($!)
await_health "localhost:$((port + 3))"
"$outerloop" --address "localhost:$((port + 3))" submit "$folder/job.yaml" --wait >/dev/null 2>&1
outside=$(digest_of "$outerloop" "localhost:$((port + 3))")
[ -n "$inside" ] || fail "the images' job has no digest"
[ "$inside" = "$outside" ] || fail "digests differ: $inside, $outside"

kill -TERM "${processes[-1]}"
wait "${processes[-1]}" || fail "the cluster outside ended with $?: $(tail -n 5 "$folder/up.log")"
unset 'processes[-1]'

step="stopping the images"
for process in "${processes[@]}"; do
  kill -TERM "$(program_of "$process")"
  wait "$process" || fail "process $process ended with $? on SIGTERM: $(tail -n 5 "$folder"/run-*.log)"
done
processes=()
echo "test-images: $(date -u +%F): a job of the images has the digest of this build, $inside"
