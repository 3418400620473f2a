#!/usr/bin/env bash
# The tests of tests/faults on Omniglot instead of small strokes: kills every few seconds, on groups of
# one to eight workers. About half an hour on two cores. Arguments go to the test program
# (--gtest_filter=..).
#
# usage: scripts/faults.sh [ARGUMENT...]
#   OMNIGLOT=folder  where the two official archives are (scripts/find_omniglot.sh)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

OUTERLOOP_OMNIGLOT=$(scripts/find_omniglot.sh)
export OUTERLOOP_OMNIGLOT
build/release/tests/faults/same_digest_test "$@"
