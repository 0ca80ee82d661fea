# SPDX-License-Identifier: GPL-2.0-only
"""Whom own users write to is remembered, and helps who is proven to be it; nobody else."""

import os
import pathlib
import signal
import sqlite3
import tempfile

import messages
from rig.dkim import Signer
from rig.dns import NameServer
from rig.process import wait_until
from site_test import ALICE, BOB, SiteTest

DOMAIN = "partner.example.net"
PAT, SAM = f"pat@{DOMAIN}", f"sam@{DOMAIN}"
CLIENT, FORGER = "198.51.100.7", "203.0.113.9"
SITE = {
    DOMAIN: {"TXT": [f"v=spf1 ip4:{CLIENT} -all"], "A": [CLIENT], "MX": [f"10 mail.{DOMAIN}"]},
    f"mail.{DOMAIN}": {"A": [CLIENT]},
    "7.100.51.198.in-addr.arpa": {"PTR": [f"mail.{DOMAIN}"]},
    "evil.example.com": {"TXT": [f"v=spf1 ip4:{FORGER} -all"], "A": [FORGER]},
}
TIME = 60


class SendersMemoryTest(SiteTest):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="cordon-senders-")
        cls.addClassCleanup(folder.cleanup)
        signers = [Signer(cls.folder_of(folder, name), name) for name in (DOMAIN, "evil.example.com")]
        zone = {name: value for signer in signers for name, value in signer.records().items()}
        server = NameServer({**SITE, **zone})
        cls.addClassCleanup(server.stop)
        cls.signers = {signer.domain: signer for signer in signers}
        cls.settings = {
            ("dns", "servers"): server.address,
            ("cordon", "own-networks"): "192.0.2.0/24",
            ("learning", "automatic"): "yes",
        }
        super().setUpClass()

    @staticmethod
    def folder_of(parent, name):
        path = pathlib.Path(parent.name) / name
        path.mkdir()
        return path

    def write_to(self, recipient, **session):
        """Mail of Alice to somebody outside; its Message-ID."""
        message_id = messages.new_message_id("example.org")
        sender = f"Alice <{ALICE}>"
        message = messages.clean(sender=sender, to=recipient, message_id=message_id)
        outcome = self.send(message, recipient, sender=ALICE, **session)
        self.assertEqual(outcome.final.code, 250, str(outcome.final))
        self.verdict(message)
        return message_id

    def rules(self, sender, reference=None, signed=True):
        """The names of rules of the memory that hit a message of that author, or in his name."""
        extra = [("In-Reply-To", reference)] if reference else []
        domain = sender.partition("@")[2]
        message = messages.text_mail(
            "The offer",
            "Thank you, we take it.\n",
            extra,
            sender=f"Pat <{sender}>",
            message_id=messages.new_message_id(domain),
        )
        if signed:
            message = self.signers[domain].sign(message)
        client = CLIENT if signed and domain == DOMAIN else FORGER
        helo = f"mail.{DOMAIN}"
        outcome = self.send(message, BOB, sender=sender, client=client, name=helo, helo=helo)
        self.assertEqual(outcome.final.code, 250, str(outcome.final))
        names = self.verdict(message)[0]["rules"].split(",")
        return {name for name in names if name in ("KNOWN_CORRESPONDENT", "REPLY_TO_OUR_MAIL")}

    def test_a_proven_correspondent_is_known_and_nobody_in_his_name(self):
        self.assertEqual(self.rules(PAT), set())
        sent = self.write_to(PAT, login=ALICE)
        # It is told to the keeper after Postfix has its answer.
        both = {"KNOWN_CORRESPONDENT", "REPLY_TO_OUR_MAIL"}
        wait_until(lambda: self.rules(PAT, sent) == both, TIME, "a reply that is known as one")
        self.assertEqual(self.rules(PAT), {"KNOWN_CORRESPONDENT"})
        self.assertEqual(self.rules(PAT, sent, signed=False), set(), "anybody could write this")
        self.assertEqual(self.rules("eve@evil.example.com", sent), set(), "an id that was overheard")
        self.assertEqual(self.rules(SAM, sent), {"REPLY_TO_OUR_MAIL"}, "of the same house")

    def test_the_classifier_learns_from_them_as_wanted(self):
        self.write_to(PAT, login=ALICE)
        wait_until(lambda: self.rules(PAT), TIME, "a correspondent")
        log = self.cordon.state / "learning" / "events.db"

        def labels():
            with sqlite3.connect(f"file:{log}?mode=ro", uri=True) as events:
                return set(events.execute("SELECT spam, origin FROM events"))

        self.assertEqual(wait_until(labels, TIME, "something learned"), {(0, 2)})

    def test_who_did_not_log_in_makes_nobody_known(self):
        self.write_to(SAM, client="192.0.2.20")
        self.write_to("kim@partner.example.net", login=ALICE)
        wait_until(lambda: self.rules("kim@partner.example.net"), TIME, "a correspondent")
        self.assertEqual(self.rules(SAM), set())

    def test_mail_does_not_wait_for_a_keeper_that_stands_still(self):
        keeper = self.cordon.pids_of("cordon-keeper")[0]
        os.kill(keeper, signal.SIGSTOP)
        try:
            for _ in range(3):
                self.assertEqual(self.rules(PAT), set())
        finally:
            os.kill(keeper, signal.SIGCONT)
