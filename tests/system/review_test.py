# SPDX-License-Identifier: GPL-2.0-only
"""What the tests of the review agent share: a site with a reviewer, and words for what it did."""

import json
import re

import messages
from rig import MailSite, RigError
from rig.mailbox import ReviewClient
from rig.process import wait_until
from site_test import BOB, POLICIES, SiteTest


class ReviewTest(SiteTest):
    dovecot = {}

    @classmethod
    def setUpClass(cls):
        cls.site = MailSite(
            "review",
            settings={**POLICIES, **cls.settings},
            review=True,
            dovecot=cls.dovecot,
            mta=cls.mta,
        )
        cls.site.start()
        cls.addClassCleanup(cls.site.stop)
        cls.cordon = cls.site.cordon

    def setUp(self):
        self.client = ReviewClient(self.site.dovecot.imap_port)
        self.addCleanup(self.client.close)

    def doctor(self, subject="review"):
        """What it says of the subject, from worst to best; its exit status has to fit."""
        status, output, errors = self.cordon.command(
            "doctor", "--json", "--postfix", str(self.site.postfix.config), "--config", str(self.cordon.config)
        )  # fmt: skip
        found = [json.loads(line) for line in output.splitlines()]
        about = [f for f in found if f["subject"] == subject]
        self.assertTrue(about, errors)
        if any(finding["health"] == "error" for finding in about):
            self.assertEqual(status, 2)
        return about

    def wait_doctor(self, pattern, health="error", subject="review"):
        try:
            return wait_until(
                lambda: [
                    finding
                    for finding in self.doctor(subject)
                    if finding["health"] == health and re.search(pattern, finding["what"])
                ],
                30,
                f"doctor: {pattern}",
                0.3,
            )
        except RigError as error:
            raise AssertionError(f"{error}: {self.doctor(subject)}") from None

    def hold(self, *recipients, message=None):
        """(message, its id) of mail that is held and accepted."""
        message = message or messages.gtube()
        self.assert_reply(self.send(message, *(recipients or [BOB])), r"^250 ")
        held = [v for v in self.verdict(message) if v["action"] == "quarantine"]
        return message, held[0]["id"]

    def held_item(self, *recipients, message=None):
        message, held_id = self.hold(*recipients, message=message)
        self.client.wait_in("", held_id)
        return message, held_id

    def copies(self, message, user="bob"):
        return self.site.mailbox(user).find(messages.message_id_of(message))

    def wait_delivered(self, message, user="bob", seconds=15):
        wait_until(lambda: self.copies(message, user), seconds, f"delivery to {user}")
        return self.copies(message, user)

    def state(self, held_id):
        """As the keeper records it, whatever state that is."""
        status, output, errors = self.cordon.command(
            "quarantine", "show", held_id, "--json", "--config", str(self.cordon.config)
        )
        return "" if status else output

    def assert_released_once(self, message, held_id, user="bob"):
        self.wait_delivered(message, user)
        self.client.wait_in("Released", held_id)
        self.site.postfix.wait_empty()
        self.assertEqual(len(self.copies(message, user)), 1)
        wait_until(
            lambda: self.client.everywhere(held_id) == ["Released"],
            10,
            f"one item of {held_id} in Released, not {self.client.everywhere(held_id)}",
            0.1,
        )
