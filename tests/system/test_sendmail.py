# SPDX-License-Identifier: GPL-2.0-only
"""The same stories with a real Sendmail; where it differs from Postfix, the difference is a test.

Sendmail has no XCLIENT: every message comes from loopback, which is no network of our own here.
"""

import messages
import test_delivery
import test_quarantine
from review_test import ReviewTest
from rig import deliver
from rig.process import wait_until
from site_test import ALICE, BOB, CAROL, QUARANTINE


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


class SendmailRelease(ReviewTest):
    """Held and released through the listener of the shipped sample."""

    mta = "sendmail"
    # Sendmail breaks lines of over 990 bytes, also of what nobody held: that is its own affair.
    SHAPES = (
        b".\r\n..\r\n.leading\r\n",
        b"gr\xfc\xdfe\r\n" + b"x" * 900 + b"\r\n",
        b"ends here\r\n\r\n\r\n",
        b"From here\r\n\ttabs \t\r\n",
    )

    def test_moving_an_item_delivers_the_exact_message_to_those_for_whom_it_was_held(self):
        for number, shape in enumerate(self.SHAPES):
            message = messages.gtube(subject=f"Shape  {number}").rstrip(b"\r\n") + b"\r\n" + shape
            _, held_id = self.held_item(BOB, CAROL, message=message)
            self.client.move(held_id, "", "Release")
            copies = self.wait_delivered(message)
            self.assertTrue(copies[0].raw.endswith(message), copies[0].raw)
            self.assertEqual(copies[0].count("X-Cordon-Release"), 0)
            self.assert_released_once(message, held_id)
            self.assertEqual(len(self.copies(message, "carol")), 1)

    def test_the_null_sender_and_another_address(self):
        message = messages.gtube()
        self.assert_reply(self.send(message, BOB, sender=""), r"^250 ")
        held_id = self.verdict(message)[0]["id"]
        config = ("--config", str(self.cordon.config))
        status, output, errors = self.cordon.command("quarantine", "release", held_id, "--to", ALICE, *config)
        self.assertEqual(status, 0, output + errors)
        copy = self.wait_delivered(message, "alice")[0]
        self.assertEqual(copy.header("Return-Path"), "<>")
        self.assertEqual(len(self.copies(message)), 0)

    def test_what_shows_no_nonce_is_judged_at_that_listener_too(self):
        spam = b"X-Cordon-Release: v1." + b"0" * 64 + b"\r\n" + messages.gtube()
        for message, answer in ((messages.gtube(), "^550 "), (spam, "^451 4.7.1 ")):
            outcome = deliver(self.site.mta.release_port, "dana@example.net", [ALICE], message, client=None)
            self.assert_reply(outcome, answer)

    def test_the_doctor_finds_the_listener_in_order(self):
        sendmail = ("--sendmail", str(self.site.mta.directory / "sendmail.cf"))
        none = ("--postfix", str(self.site.directory / "none"))
        _, output, _ = self.cordon.command(
            "doctor", *none, *sendmail, "--config", str(self.cordon.config)
        )
        self.assertRegex(output, r"ok +release listener: port \d+, Cordon its only filter")
