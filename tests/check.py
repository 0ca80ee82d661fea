#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""make check: builds everything and runs all tests; the last line is `N passed, N failed`.

Unit tests and the replay of fuzz corpora run under AddressSanitizer and UBSan, system tests on the
release build. check.py STAGE... runs only these stages.
"""

import os
import pathlib
import re
import subprocess
import sys
import time

TOP = pathlib.Path(__file__).resolve().parent.parent
MAKE = ["make", "--no-print-directory", f"-j{os.cpu_count() or 2}"]


def run(command, **options):
    """Runs a command, shows its output as it comes, returns (exit code, output)."""
    process = subprocess.Popen(
        command,
        cwd=TOP,
        text=True,
        errors="replace",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        **options,
    )
    lines = []
    for line in process.stdout:
        print(line, end="", flush=True)
        lines.append(line)
    return process.wait(), "".join(lines)


def counted(command):
    """A runner of ours: its last line counts."""
    code, output = run(command)
    found = re.findall(r"^(\d+) passed, (\d+) failed$", output, re.MULTILINE)
    passed, failed = (int(found[-1][0]), int(found[-1][1])) if found else (0, 0)
    if (code != 0 or not found) and failed == 0:
        failed = 1
    return passed, failed


def stage_build():
    code, _ = run([*MAKE, "all", "man"])
    return (1, 0) if code == 0 else (0, 1)


def stage_lint():
    return counted(["tests/lint/run.sh"])


def stage_rules():
    code, _ = run(["build/cordon", "rules", "test", "--config", "conf/cordon.conf"])
    return (1, 0) if code == 0 else (0, 1)


def stage_unit():
    code, _ = run([*MAKE, "VARIANT=asan", "unit_tests"])
    if code != 0:
        return 0, 1
    code, output = run(["build/asan/unit_tests", "--gtest_brief=1"])
    ran = re.findall(r"^\[==========\] (\d+) tests? from", output, re.MULTILINE)
    passed = re.findall(r"^\[  PASSED  \] (\d+) tests?", output, re.MULTILINE)
    total, good = (int(ran[-1]) if ran else 0), (int(passed[-1]) if passed else 0)
    return good, max(total - good, 1 if code != 0 or total == 0 else 0)


def stage_fuzz():
    """Every input that a fuzzer or a bug report ever gave must stay harmless."""
    code, _ = run([*MAKE, "VARIANT=asan", "fuzzers"])
    if code != 0:
        return 0, 1
    passed = failed = 0
    for program in sorted((TOP / "build/asan/fuzz").glob("*_fuzz")):
        corpus = TOP / "tests/fuzz/corpus" / program.name.removesuffix("_fuzz")
        code, _ = run([str(program), str(corpus)])
        passed, failed = (passed + 1, failed) if code == 0 else (passed, failed + 1)
    return passed, failed


def stage_system():
    return counted(["tests/system/run.py"])


STAGES = {
    name.removeprefix("stage_"): function
    for name, function in list(globals().items())
    if name.startswith("stage_")
}


def main(wanted):
    unknown = [name for name in wanted if name not in STAGES]
    if unknown:
        sys.exit(f"check.py: no stage {unknown[0]}; there are {', '.join(STAGES)}")
    passed = failed = 0
    for name, stage in STAGES.items():
        if wanted and name not in wanted:
            continue
        print(f"==== {name}", flush=True)
        begin = time.monotonic()
        good, bad = stage()
        passed, failed = passed + good, failed + bad
        print(f"---- {name}: {good} good, {bad} bad, {time.monotonic() - begin:.0f} s", flush=True)
        if name == "build" and bad:
            break
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
