#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Runs the checks of this folder (those named, else all): their findings, then `ok NAME` or `FAILED NAME`,
# and as the last line `N passed, N failed`.
cd "$(dirname "$0")" || exit 2
passed=0
failed=0
for check in *.py *.sh; do
    name=${check%.*}
    case $name in run | tree) continue ;; esac
    case " ${*:-$name} " in *" $name "*) ;; *) continue ;; esac
    if findings=$("./$check" 2>&1); then
        passed=$((passed + 1))
        echo "ok $name"
    else
        failed=$((failed + 1))
        [ -z "$findings" ] || printf '%s\n' "$findings" | sed 's/^/  /'
        echo "FAILED $name"
    fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
