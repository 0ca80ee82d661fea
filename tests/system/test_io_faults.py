# SPDX-License-Identifier: GPL-2.0-only
"""Whatever call for files or memory fails under libclamav: what holds a virus is never called clean."""

import subprocess
import unittest

from rig import places

PROGRAM = places.TOP / "build" / "release" / "figures" / "io_faults"


class IoFaults(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        subprocess.run(
            ["make", "--no-print-directory", "-s", str(PROGRAM.relative_to(places.TOP))],
            cwd=places.TOP,
            check=True,
        )

    def assert_no_false_clean(self, mode):
        done = subprocess.run(
            [PROGRAM, "--database", places.DATA / "clamav", "--mode", mode, "--calls", "200"],
            capture_output=True,
            text=True,
            timeout=120,
        )
        self.assertEqual(done.returncode, 0, done.stdout[-2000:] + done.stderr)
        self.assertIn(" 0 false cleans", done.stdout)
        self.assertNotIn("not found even without a fault", done.stdout)

    def test_no_single_failed_call_makes_a_false_clean(self):
        self.assert_no_false_clean("single")

    def test_no_lasting_failure_makes_a_false_clean(self):
        self.assert_no_false_clean("lasting")

    def test_no_short_read_or_write_makes_a_false_clean(self):
        self.assert_no_false_clean("brief")
