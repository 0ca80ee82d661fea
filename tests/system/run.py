#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Runs the system tests: one line a test, and as the last line `N passed, N failed`.

run.py [--lanes N] [WORD...] runs the tests whose names contain one of the words, N classes of them
at a time.
"""

import argparse
import itertools
import pathlib
import sys
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from lanes import Lanes  # noqa: E402
from rig import RigError  # noqa: E402
from rig import places  # noqa: E402
from rig.site import end_on_signals  # noqa: E402


class OneLineResult(unittest.TestResult):
    def __init__(self, printing):
        super().__init__()
        self.printing = printing
        self.passed, self.started = 0, 0.0

    def startTest(self, test):
        super().startTest(test)
        self.started = time.monotonic()

    def _line(self, word, test, detail=""):
        seconds = time.monotonic() - self.started
        with self.printing:
            print(f"{word:<6} {sentence(test)} ({seconds:.1f} s)", flush=True)
            if detail:
                print("       " + detail.rstrip().replace("\n", "\n       "), flush=True)

    def addSuccess(self, test):
        self.passed += 1
        self._line("ok", test)

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self._line("FAILED", test, self.failures[-1][1] + logs_of(test))

    def addError(self, test, error):
        super().addError(test, error)
        self._line("FAILED", test, self.errors[-1][1] + logs_of(test))

    def addSubTest(self, test, subtest, error):
        """Each of a table's cases that fails has its line; those that pass have the test's."""
        super().addSubTest(test, subtest, error)
        if error:
            is_failure = issubclass(error[0], test.failureException)
            text = (self.failures if is_failure else self.errors)[-1][1]
            self._line("FAILED", test, f"case {subtest._message}\n{text}{logs_of(test)}")

    def addSkip(self, test, reason):
        """Nothing here may be left out: a test that cannot run has not passed."""
        self.failures.append((test, reason))
        self._line("FAILED", test, f"skipped: {reason}")


def sentence(test):
    """test_x.Class.test_clean_mail_is_delivered -> x: clean mail is delivered"""
    parts = test.id().split(".")
    if len(parts) < 3:
        return str(test)
    return ": ".join(part.removeprefix("test_").replace("_", " ") for part in (parts[0], parts[-1]))


def logs_of(test):
    site = getattr(test, "site", None)
    return site.report() if site and not getattr(test, "is_quiet", False) else ""


def chosen(suite, words):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from chosen(test, words)
        elif not words or any(word in test.id() or word in sentence(test) for word in words):
            yield test


def by_class(tests):
    """Lists of the tests of one class each, which share a site; the longest lists first."""
    grouped = itertools.groupby(tests, key=type)
    return sorted((list(group) for _, group in grouped), key=len, reverse=True)


def run_class(tests, printing):
    result = OneLineResult(printing)
    unittest.TestSuite(tests).run(result)
    return result.passed, len(result.failures) + len(result.errors)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--lanes", type=int, default=3)
    parser.add_argument("words", nargs="*", metavar="WORD")
    arguments = parser.parse_args()
    end_on_signals()
    places.require_root()
    places.require_servers()
    places.require_programs("cordond", "cordon")
    loaded = unittest.defaultTestLoader.discover(str(HERE), "test_*.py", str(HERE))
    classes = by_class(chosen(loaded, arguments.words))
    passed, failed = Lanes(arguments.lanes, run_class).run(classes)
    print(f"{passed} passed, {failed} failed", flush=True)
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except RigError as error:
        print(f"run.py: {error}\n0 passed, 1 failed")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
