#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Every source file is laid out by clang-format 14 (.clang-format). One line a file that is not;
# `make format` puts it right.
cd "$(dirname "$0")/../.." || exit 2
program=clang-format-14
command -v "$program" >/dev/null || program=clang-format
case $("$program" --version 2>/dev/null) in
*"version 14."*) ;;
*) echo "clang-format 14 is not installed (Debian: clang-format)"; exit 1 ;;
esac
find conf scoring quarantine milter tests -name '*.cc' -o -name '*.h' | sort |
    xargs "$program" --dry-run --ferror-limit=1 2>&1 |
    sed -n 's/^\([^: ]*\):\([0-9]*\):[0-9]*: \(warning\|error\): .*/\1:\2: clang-format would change this/p' |
    awk -F: '!seen[$1]++ { print; found = 1 } END { exit found }'
