#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# deep.sh SECONDS [STAGE...]: what is too slow for every commit: thread sanitizer, clang-tidy, cppcheck,
# coverage, fuzzing (SECONDS a target). The last line is `N passed, N failed`.

set -u
seconds=$1
shift
stages=${*:-tsan tidy cppcheck coverage fuzz}
jobs=$(nproc)
passed=0
failed=0

stage_tsan() {
    make --no-print-directory -j"$jobs" VARIANT=tsan unit_tests || return 1
    # The sanitizer wants its shadow memory where address randomisation may put something else.
    # Left out: sandboxed workers, which have one thread and refuse what the sanitizer's run-time asks for.
    setarch -R build/tsan/unit_tests --gtest_brief=1 \
        --gtest_filter='-*Sandbox*:*AntivirusPool*:*Forbidden*:ScanMessage.*:Zygote.*'
}

stage_tidy() {
    make --no-print-directory build/release/checks.inc build/release/commands.inc
    git ls-files '*.cc' | grep -v '^tests/' | xargs -P "$jobs" -n 1 sh -c '
        clang-tidy --quiet --warnings-as-errors="*" "$0" -- -std=c++20 -I. -Ibuild/release \
            -DPCRE2_CODE_UNIT_WIDTH=8 -DCORDON_VERSION=\"0\" -DCORDON_LIBEXECDIR=\"\" -DCORDON_DATADIR=\"\" 2>/dev/null'
}

stage_cppcheck() {
    git ls-files '*.cc' | grep -v '^tests/' | xargs cppcheck -j "$jobs" --quiet --std=c++20 --language=c++ -I. \
        --enable=warning,performance,portability --inline-suppr --error-exitcode=1 \
        --suppressions-list=tests/lint/cppcheck-suppressions
}

stage_coverage() {
    make --no-print-directory -j"$jobs" VARIANT=coverage unit_tests && build/coverage/unit_tests --gtest_brief=1 &&
        gcovr --root . --object-directory build/coverage --exclude tests --exclude build --print-summary \
            --fail-under-line 80 | tail -n 4
}

stage_fuzz() {
    make --no-print-directory fuzz SECONDS="$seconds"
}

for stage in $stages; do
    echo "==== $stage"
    if "stage_$stage"; then
        echo "ok     $stage"
        passed=$((passed + 1))
    else
        echo "FAILED $stage"
        failed=$((failed + 1))
    fi
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
