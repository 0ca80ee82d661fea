#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# run.sh SECONDS [TARGET]: runs the libFuzzer programs below build/fuzz over the kept corpora. A finding
# is written to tests/fuzz/findings/ and fails the run.

set -u
seconds=$1
only=${2:-}
here=$(dirname "$0")
passed=0
failed=0
mkdir -p "$here/findings"

for program in build/fuzz/fuzz/*_fuzz; do
    name=$(basename "$program" _fuzz)
    [ -z "$only" ] || [ "$only" = "$name" ] || continue
    scratch=$(mktemp -d)
    mkdir -p "$here/corpus/$name"
    dictionary=
    [ ! -f "$here/$name.dict" ] || dictionary=-dict=$here/$name.dict
    # shellcheck disable=SC2086 # no dictionary is no argument
    if "$program" $dictionary -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -malloc_limit_mb=8192 -print_final_stats=0 \
        -verbosity=0 -artifact_prefix="$here/findings/$name-" "$scratch" "$here/corpus/$name"; then
        echo "ok     $name"
        passed=$((passed + 1))
    else
        echo "FAILED $name: see $here/findings/"
        failed=$((failed + 1))
    fi
    rm -rf "$scratch"
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" != 0 ]
