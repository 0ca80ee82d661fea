# SPDX-License-Identifier: GPL-2.0-only
"""The same stories with a real Sendmail; where it differs from Postfix, the difference is a test.

Sendmail has no XCLIENT: every message comes from loopback, which is no network of our own here.
"""

import messages
import test_delivery
import test_quarantine
from rig.process import wait_until
from site_test import ALICE, BOB, QUARANTINE


class Sendmail(test_delivery.Delivery):
    mta = "sendmail"

    def test_a_held_message_that_cannot_be_delivered_bounces_to_nobody(self):
        self.site.dovecot.stop()
        self.addCleanup(self.site.dovecot.start)
        self.assert_reply(self.send(messages.gtube(), BOB), r"^250 ")

        def recipients():
            queued = [path for path in self.site.mta.queued() if path.name.startswith("qf")]
            lines = queued[0].read_text(errors="replace").splitlines() if queued else []
            return [line[1:] for line in lines if line.startswith("R")]

        found = wait_until(recipients, 10, "one message waits in Sendmail's queue")
        self.assertEqual(len(found), 1, found)
        flags, _, address = found[0].partition(":")
        self.assertIn(QUARANTINE, address)
        # N: NOTIFY was given; none of success, failure and delay with it.
        self.assertIn("N", flags)
        self.assertFalse(set("SFD") & set(flags), flags)

    def test_the_queue_id_is_known_in_the_log(self):
        message = messages.clean()
        self.send(message)
        self.assertRegex(self.verdict(message)[0]["qid"], r"^[0-9A-Za-z]{14}$")

    def test_mail_waits_at_the_sender_while_cordon_is_away(self):
        self.cordon.stop()
        self.addCleanup(self.cordon.start)
        outcome = self.send(messages.clean(), ALICE)
        self.assertEqual(outcome.answer.code, 451, str(outcome.answer))


class SendmailQuarantine(test_quarantine.Quarantine):
    mta = "sendmail"
