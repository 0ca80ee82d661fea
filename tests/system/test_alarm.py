# SPDX-License-Identifier: GPL-2.0-only
"""The alarm mail: it comes through the MTA to the postmaster, once a day for as long as something needs a person."""

import os
import sqlite3
import subprocess
import time

from review_test import ReviewTest
from rig import places
from rig.process import wait_until

DAY = 86400
LOOK = 700  # seconds, more than lie between two looks


class AlarmMail(ReviewTest):
    def setUp(self):
        super().setUp()
        self.clock = self.cordon.run / "clock"
        self.preload = self.cordon.run / "clock_ahead.so"
        source = places.TOP / "tests" / "system" / "rig" / "clock_ahead.c"
        subprocess.run(["gcc", "-shared", "-fPIC", "-o", self.preload, source, "-ldl"], check=True)
        self.ahead = 0

    def start_with_own_clock(self):
        names = {"LD_PRELOAD": str(self.preload), "CORDON_TEST_CLOCK": str(self.clock)}
        start = len(self.cordon.log_text())
        os.environ.update(names)
        try:
            self.cordon.start()
        finally:
            for name in names:
                del os.environ[name]
        self.cordon.wait_for_log("mailbox-opened", 20, start)

    def look_again(self):
        """As if ten minutes had passed for the reviewer, who looks then."""
        self.ahead += LOOK
        new = self.clock.with_suffix(".new")
        new.write_text(str(self.ahead))
        new.rename(self.clock)

    def forget_orders(self, held_id, **stuck):
        with sqlite3.connect(self.cordon.state / "journal.db") as journal:
            journal.execute("DELETE FROM orders")
            if stuck:
                journal.execute(
                    "INSERT INTO orders(id, who, at, is_redirect, allow_virus, due) VALUES(?, 'root', ?, 0, 0, ?)",
                    (held_id, stuck["since"], time.time() + DAY),
                )
        journal.close()

    def age_signatures(self, days):
        for path in self.cordon.database.iterdir():
            os.utime(path, (time.time() - days * DAY,) * 2)

    def alarms(self):
        return self.site.mailbox("postmaster").search("SUBJECT", '"needs you"')

    def wait_alarms(self, count):
        wait_until(lambda: len(self.alarms()) == count, 30, f"{count} alarm(s)", 0.2)

    def stay_alarms(self, count):
        self.look_again()
        time.sleep(3)
        self.assertEqual(len(self.alarms()), count)

    def a_day_later(self):
        sent = self.cordon.state / "review" / "alarm.sent"
        sent.write_text(str(int(sent.read_text()) - DAY))

    def test_it_arrives_once_a_day_while_something_sticks_and_no_longer(self):
        _, held_id = self.held_item()
        self.cordon.stop()
        self.forget_orders(held_id, since=time.time() - 7200)
        self.age_signatures(5)
        self.start_with_own_clock()
        self.look_again()
        self.wait_alarms(1)
        mail = self.alarms()[0]
        text = mail.raw.decode()
        self.assertEqual(mail.header("To"), "<postmaster@example.org>")
        self.assertEqual(mail.header("Auto-Submitted"), "auto-generated")
        self.assertIsNone(mail.header("X-Cordon-Release"))
        self.assertIn(f"do not get through for more than an hour: {held_id}. cordon quarantine show", text)
        self.assertIn("5 days old: is freshclam running?", text)
        self.stay_alarms(1)
        self.a_day_later()
        self.look_again()
        self.wait_alarms(2)
        self.cordon.stop()
        self.forget_orders(held_id)
        self.age_signatures(0)
        self.a_day_later()
        self.ahead = 0
        self.clock.unlink()
        self.start_with_own_clock()
        self.stay_alarms(2)
