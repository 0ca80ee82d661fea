#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# install_packages.sh SECTION...: installs the Debian packages of these sections of tests/packages that
# are missing. Nothing else changes on the machine: none of them is a mail server or starts a service.

set -eu
list=$(dirname "$0")/packages

wanted=$(
    for section in "$@"; do
        sed -n "/^\[$section\]/,/^\[/p" "$list" | sed -e '/^\[/d' -e 's/#.*//' -e '/^[[:space:]]*$/d'
    done
)
missing=
for package in $wanted; do
    status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

echo "missing packages:$missing"
if [ "$(id -u)" != 0 ]; then
    echo "install_packages.sh: run 'sudo make deps', which installs them" >&2
    exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get -qq update || echo "install_packages.sh: the package lists could not be refreshed" >&2
# shellcheck disable=SC2086 # a list of words
exec apt-get -y -qq --no-install-recommends install $missing
