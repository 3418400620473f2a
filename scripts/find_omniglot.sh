#!/usr/bin/env bash
# Prints a folder with Omniglot's two official archives: $OMNIGLOT, else ../shared/data/omniglot
# beside the repository, else a download, checked and kept in the cache folder. Says why on standard
# error and exits 1 if none can be had; exits 2 if $OMNIGLOT is set but has no archive.
#
# usage: scripts/find_omniglot.sh
#   OUTERLOOP_CACHE  as in setup.sh
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${OUTERLOOP_CACHE:-${XDG_CACHE_HOME:-${HOME:?set HOME or OUTERLOOP_CACHE}/.cache}/outerloop}
source=https://github.com/brendenlake/omniglot/raw/master/python

has_archives() {
  [ -f "$1/images_background.zip" ] && [ -f "$1/images_evaluation.zip" ]
}

# Puts archive $1 of digest $2 into folder $3 whole, or fails. At most 10 minutes, and 20 seconds
# without a byte.
download() {
  local name=$1 md5=$2 folder=$3
  [ -f "$folder/$name" ] && return 0
  echo "omniglot: downloading $source/$name" >&2
  timeout 600 python3 - "$source/$name" "$folder/$name.part" <<'PYTHON' || return 1
import shutil, sys, urllib.request
try:
    with urllib.request.urlopen(sys.argv[1], timeout=20) as reply, open(sys.argv[2], "wb") as file:
        shutil.copyfileobj(reply, file)
except OSError as error:
    sys.exit(f"omniglot: {error}")
PYTHON
  if ! echo "$md5  $folder/$name.part" | md5sum --check --status; then
    echo "omniglot: $source/$name is not the official archive: its MD5 is not $md5" >&2
    rm -f "$folder/$name.part"
    return 1
  fi
  mv "$folder/$name.part" "$folder/$name"
}

if [ -n "${OMNIGLOT:-}" ]; then
  has_archives "$OMNIGLOT" && { echo "$OMNIGLOT"; exit 0; }
  echo "omniglot: OMNIGLOT=$OMNIGLOT has no images_background.zip and images_evaluation.zip" >&2
  exit 2
fi
beside=$root/../shared/data/omniglot
has_archives "$beside" && { (cd "$beside" && pwd); exit 0; }

folder=$cache/omniglot
mkdir -p "$folder"
download images_background.zip 68d2efa1b9178cc56df9314c21c6e718 "$folder" || exit 1
download images_evaluation.zip 6b91aef0f799c5bb55b94e3f2daec811 "$folder" || exit 1
echo "$folder"
