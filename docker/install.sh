#!/usr/bin/env bash
# Installs in an image what collect.sh has gathered for it in /out, and makes the folder that its user
# writes to.
#
# usage: install.sh FOLDER
set -euo pipefail

apt-get update
xargs -a /out/packages apt-get install -y --no-install-recommends
apt-get clean
rm -rf /var/lib/apt/lists/*
cp -a /out/usr/local/. /usr/local/
ldconfig
install -d -o 65532 -g 65532 "$1"
