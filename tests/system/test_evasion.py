# SPDX-License-Identifier: GPL-2.0-only
"""No way of hiding a virus or a name that tests/system/evasive.py knows gets past `cordon scan`."""

import pathlib
import tempfile
import unittest

import evasive
from rig.scan import OfflineScanner


class Evasion(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="cordon-evasion-")
        self.addCleanup(folder.cleanup)
        self.scanner = OfflineScanner(pathlib.Path(folder.name))

    def missed(self, cases, is_good):
        names, paths = zip(*self.scanner.written(cases))
        answers = self.scanner.scan(list(paths))
        return [name for name, answer in zip(names, answers) if not is_good(answer)]

    def test_every_hidden_virus_is_stopped(self):
        self.assertEqual(self.missed(evasive.all_cases(), evasive.is_stopped), [])

    def test_the_real_extension_of_every_disguised_name_is_seen(self):
        self.assertEqual(self.missed(evasive.names(), evasive.is_name_seen), [])
