# SPDX-License-Identifier: GPL-2.0-only
"""What the system tests share: one private site a class, and words for what mail did."""

import unittest

import messages
from rig import MailSite
from rig.site import USERS

ALICE, BOB, CAROL, DAVE, SALES = (
    f"{name}@example.org" for name in ("alice", "bob", "carol", "dave", "sales")
)
QUARANTINE = "quarantine@example.org"
SENDER = "dana@example.net"
NEVER = "100000"

# GTUBE reaches every threshold, so the recipient alone decides what happens to it: alice refuses it
# as the site does, bob and sales hold it, carol and dave want it marked.
POLICIES = {
    (f"user.{BOB}", "quarantine"): "6",
    (f"user.{BOB}", "reject"): NEVER,
    (f"user.{SALES}", "quarantine"): "6",
    (f"user.{SALES}", "reject"): NEVER,
    (f"user.{CAROL}", "quarantine"): NEVER,
    (f"user.{CAROL}", "reject"): NEVER,
    (f"user.{DAVE}", "quarantine"): NEVER,
    (f"user.{DAVE}", "reject"): NEVER,
}


class SiteTest(unittest.TestCase):
    transport = "unix"
    mta = "postfix"
    settings = {}

    @classmethod
    def setUpClass(cls):
        cls.site = MailSite(
            "test", cls.transport, settings={**POLICIES, **cls.settings}, mta=cls.mta
        )
        cls.site.start()
        cls.addClassCleanup(cls.site.stop)
        cls.cordon = cls.site.cordon

    def send(self, message, *recipients, sender=SENDER, **session):
        outcome = self.site.deliver(sender, recipients or [ALICE], message, **session)
        outcome.message_id = messages.message_id_of(message)
        return outcome

    def assert_reply(self, outcome, pattern):
        self.assertRegex(str(outcome.final), pattern)

    def assert_delivered(self, message, *users):
        """The message lies once in the mailbox of each of these users and in nobody else's."""
        self.site.postfix.wait_empty()
        message_id = messages.message_id_of(message)
        copies = {user: len(self.site.mailbox(user).find(message_id)) for user in USERS}
        self.assertEqual(
            {user: count for user, count in copies.items() if count}, {user: 1 for user in users}
        )

    def assert_nothing_lost(self, sent):
        """What was accepted has arrived; what was not accepted was deferred."""
        self.site.postfix.wait_empty()
        mailbox = self.site.mailbox("alice")
        for message, outcome in sent:
            copies = len(mailbox.find(messages.message_id_of(message)))
            self.assertEqual(copies, 1 if outcome.is_accepted else 0, str(outcome.answer))
            self.assertIn(outcome.answer.code, (250, 451), str(outcome.answer))

    def stored(self, message, user):
        return self.site.mailbox(user).wait_for(messages.message_id_of(message))

    def verdict(self, message, count=1):
        return self.cordon.wait_for_verdicts(messages.message_id_of(message), count)

    def assert_action(self, message, action):
        self.assertEqual({verdict["action"] for verdict in self.verdict(message)}, {action})


def lines_of(text, *words):
    """The lines that contain all the words, case ignored."""
    return [
        line for line in text.splitlines() if all(word.lower() in line.lower() for word in words)
    ]
