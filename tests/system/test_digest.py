# SPDX-License-Identifier: GPL-2.0-only
"""Digests: who is told what, and which answers release something."""

import email
import email.policy
import re

import messages
from review_test import ReviewTest
from rig.process import wait_until
from site_test import ALICE, BOB, CAROL, QUARANTINE

TOKEN = re.compile(r"<mailto:([^?]+)\?subject=(CR1-[^>]+)>")


def answer_mail(sender, token, extra=""):
    return (
        f"From: <{sender}>\r\nTo: <{QUARANTINE}>\r\nSubject: {token}\r\n"
        f"Message-ID: {messages.new_message_id('example.org')}\r\n"
        f"Date: Tue, 24 Nov 2026 20:00:00 +0000\r\n{extra}\r\n\r\n"
    ).encode()


class DigestTest(ReviewTest):
    settings = {
        ("cordon", "own-networks"): "192.0.2.0/24",
        (f"user.{BOB}", "digest"): "yes",
        (f"user.{BOB}", "language"): "de",
        (f"user.{ALICE}", "quarantine"): "6",
        (f"user.{ALICE}", "reject"): "100000",
        (f"user.{ALICE}", "digest"): "yes",
    }

    def digest(self, address):
        """(exit status, words, the text of the digest or None)"""
        status, output, errors = self.cordon.command(
            "quarantine", "digest", address, "--config", str(self.cordon.config)
        )
        if status:
            return status, errors, None
        mail = wait_until(lambda: self.digests(address), 30, f"a digest for {address}")[-1]
        return status, output, mail

    def digests(self, address):
        found = []
        mailbox = self.site.mailbox(address.split("@")[0])
        with mailbox._connection() as imap:
            imap.select("INBOX", readonly=True)
            for number in imap.search(None, "HEADER", "Auto-Submitted", "generated")[1][0].split():
                raw = imap.fetch(number, "(BODY.PEEK[])")[1][0][1]
                found.append(email.message_from_bytes(raw, policy=email.policy.default))
        return found

    def answer(self, sender, token, extra="", **session):
        session = session or {"login": sender, "client": "192.0.2.20"}
        return self.site.deliver(sender, [QUARANTINE], answer_mail(sender, token, extra), **session)

    def test_a_digest_is_answered_and_the_mail_comes_once(self):
        message, held_id = self.hold(BOB, CAROL)
        status, words, mail = self.digest(BOB)
        self.assertEqual(status, 0, words)
        text = mail.get_content()
        self.assertEqual(mail["Content-Language"], "de")
        self.assertIsNone(mail["X-Cordon-Release"])
        self.assertEqual(mail["Return-Path"], "<>")
        self.assertEqual(mail["To"].addresses[0].addr_spec, BOB)
        self.assertIn("Betreff:", text)
        self.assertNotIn("://", text)
        address, token = TOKEN.search(text).groups()
        self.assertEqual(address, QUARANTINE)
        self.assertIn(held_id, token)

        # Another who has the token gets nothing, nor does who only says that he is Bob, nor a program.
        for sender, client in ((ALICE, {}), (BOB, {"client": "198.51.100.7"})):
            self.assertEqual(self.answer(sender, token, **client).final.code, 550)
        vacation = self.answer(BOB, token, "Auto-Submitted: auto-replied\r\n")
        self.assertEqual(vacation.final.code, 250)
        self.cordon.wait_for_log("digest-answer.*action=ignored")
        self.site.postfix.wait_empty()
        self.assertEqual(self.copies(message), [])

        for _ in range(3):
            self.assertEqual(self.answer(BOB, token).final.code, 250)
        copies = self.wait_delivered(message)
        self.site.postfix.wait_empty()
        self.assertEqual(len(copies), 1)
        self.assertTrue(copies[0].raw.endswith(message))
        self.assertEqual(len(self.copies(message)), 1)
        _, audit, _ = self.cordon.command(
            "quarantine", "audit", held_id, "--config", str(self.cordon.config)
        )
        self.assertIn(f"user:{BOB}", audit)
        # His word teaches nobody, unless the policy lets it.
        self.assertNotIn(f"learned id={held_id}", self.cordon.log_text())

        self.hold(BOB, CAROL)
        status, words, _ = self.digest(BOB)
        self.assertNotEqual(status, 0)
        self.assertIn("today", words)

    def test_an_answer_for_one_leaves_the_other_recipients_alone(self):
        message, _ = self.hold(ALICE, BOB)
        _, _, mail = self.digest(ALICE)
        token = TOKEN.findall(mail.get_content())[-1][1]
        self.assertEqual(mail["Content-Language"], "en")
        self.assertEqual(self.answer(ALICE, token, client="192.0.2.20").final.code, 250)
        self.wait_delivered(message, "alice")
        self.site.postfix.wait_empty()
        self.assertEqual(self.copies(message, "bob"), [])
