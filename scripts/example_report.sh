#!/usr/bin/env bash
# Makes docs/examples/report-omniglot.html: trains Prototypical Networks on Omniglot, with a
# coordinator and two workers on this machine, and writes the job's report. 3,000 steps, the default,
# are two minutes on two idle cores. Everything else that it makes is in build/example_report and is
# made anew each time. With Chromium installed it also takes docs/examples/report-omniglot.png, a
# picture of the page's top.
#
# usage: scripts/example_report.sh [STEPS]
#   OMNIGLOT=folder  where the two official archives are (scripts/find_omniglot.sh)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/local_servers.sh
source scripts/local_servers.sh

readonly page=docs/examples/report-omniglot

omniglot=$(scripts/find_omniglot.sh)
rm -rf build/example_report
start_servers build/example_report
"$outerloop" dataset import --format omniglot "$omniglot" --name omniglot
# The page shows the job's owner, which would be whoever runs this.
"$outerloop" submit --preset protonet-omniglot-5w1s --set "training.steps=${1:-3000}" \
  --set queue.owner=outerloop --wait
"$outerloop" report protonet-omniglot-5w1s --file "$page.html"

chromium=$(command -v chromium || command -v chromium-browser || true)
[ -n "$chromium" ] || { echo "example_report: no chromium, so no picture"; exit 0; }
"$chromium" --headless --no-sandbox --hide-scrollbars --window-size=1040,1540 \
  --screenshot="$PWD/$page.png" "file://$PWD/$page.html" 2>/dev/null
