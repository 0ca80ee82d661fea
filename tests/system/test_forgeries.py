# SPDX-License-Identifier: GPL-2.0-only
"""A few of the attempts of forgeries.py."""

import unittest

import forgeries


class ForgeriesTest(unittest.TestCase):
    def test_no_forged_seal_release_header_or_digest_answer_is_accepted(self):
        tried, accepted, copies = forgeries.attack(48)
        self.assertEqual(accepted, [])
        self.assertEqual(copies, 1)
        self.assertEqual(set(tried.values()), {16})
