#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# build.sh FOLDER: builds the Debian package from a copy of the tree, so that debhelper leaves nothing
# behind here, checks it with lintian and puts it into FOLDER. Objects that are built already are reused.

set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
target=${1:?"usage: build.sh FOLDER"}
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
trap 'exit 130' INT TERM

mkdir "$copy/cordon"
(cd "$top" && git ls-files -z | xargs -0 tar cf - --ignore-failed-read) | tar xf - -C "$copy/cordon"
[ ! -d "$top/build/release" ] || { mkdir "$copy/cordon/build" && cp -a "$top/build/release" "$copy/cordon/build/"; }
cd "$copy/cordon"

# What the build needs stands in one place, tests/packages.
needs=$(sed -n '/^\[build\]/,/^\[/p' tests/packages |
    sed -e '/^\[/d' -e 's/#.*//' -e '/^[[:space:]]*$/d' -e 's/ *$/,/' -e 's/^/ /' |
    grep -vE '^ (g\+\+|make|libgtest-dev|libgmock-dev),')
printf '%s\n' "$needs" >"$copy/needs"
sed -i -e "/^ @BUILD@,/{r $copy/needs" -e 'd}' debian/control

dpkg-buildpackage -us -uc -b >"$copy/log" 2>&1 || { tail -40 "$copy/log"; exit 1; }
lintian --fail-on error,warning --info "$copy"/*.changes
cp "$copy"/cordon-milter_*.deb "$top/$target/"
ls -l "$top/$target"/cordon-milter_*.deb
