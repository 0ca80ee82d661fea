# SPDX-License-Identifier: GPL-2.0-only
"""Runs classes of tests in several processes, since most of a system test is waiting for servers.

Each lane takes the next class when it has done one, has a share of the ports of its own, and
unwinds like a single run does when it is told to end.
"""

import multiprocessing
import sys

from rig import places
from rig.site import end_on_signals

_context = multiprocessing.get_context("fork")


class Lanes:
    def __init__(self, count, run_class):
        """run_class(tests of one class, print lock) returns how many (passed, failed)."""
        self.run_class = run_class
        self.printing = _context.Lock()
        self.next, self.passed, self.failed = (_context.Value("i", 0) for _ in range(3))
        self.count = count

    def run(self, classes):
        """(passed, failed); a lane that ends otherwise than by itself counts as one that failed."""
        lanes = [
            _context.Process(target=self._work, args=(number, classes)) for number in range(self.count)
        ]
        try:
            for lane in lanes:
                lane.start()
            for lane in lanes:
                lane.join()
        finally:
            for lane in lanes:
                if lane.is_alive():
                    lane.terminate()
            for lane in lanes:
                lane.join()
        ended = sum(lane.exitcode != 0 for lane in lanes)
        return self.passed.value, self.failed.value + ended

    def _work(self, number, classes):
        end_on_signals()
        places.take_ports(number, self.count)
        try:
            while (index := self._claim()) < len(classes):
                passed, failed = self.run_class(classes[index], self.printing)
                for counter, add in ((self.passed, passed), (self.failed, failed)):
                    with counter.get_lock():
                        counter.value += add
        except KeyboardInterrupt:
            sys.exit(130)
        finally:
            places.remove_copies()

    def _claim(self):
        with self.next.get_lock():
            self.next.value += 1
            return self.next.value - 1
