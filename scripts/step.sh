#!/usr/bin/env bash
# Runs one step of a Makefile target: prints its name first, and on failure which step it was.
#
# usage: scripts/step.sh NAME COMMAND [ARGUMENT ..]
set -uo pipefail

name=$1
shift
echo "== $name"
"$@"
status=$?
[ $status -eq 0 ] || echo "== FAILED: $name (exit status $status)" >&2
exit $status
