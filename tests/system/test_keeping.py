# SPDX-License-Identifier: GPL-2.0-only
"""How held mail is kept: a clock that jumped, a lost key, a full vault. Nothing is lost, one line says what it
is, and `cordon doctor` names it."""

import json
import sqlite3

import messages
from rig.process import wait_until
from site_test import BOB, SiteTest

SECONDS = 30
LONG_AGO = 40 * 86400


class Keeping(SiteTest):
    settings = {("quarantine", "retention"): "1d"}

    def hold(self, message=None):
        message = message or messages.gtube()
        self.assert_reply(self.send(message, BOB), r"^250 ")
        return message, self.verdict(message)[0]["id"]

    def is_held(self, held_id):
        return held_id in {item["id"] for item in self.cordon.quarantine_list()}

    def doctor(self):
        """(health, words) of what it says of the keeper."""
        options = ("--json", "--postfix", str(self.site.postfix.config), "--config")
        output = self.cordon.command("doctor", *options, str(self.cordon.config))[1]
        found = [json.loads(line) for line in output.splitlines()]
        return [(f["health"], f["what"]) for f in found if f["subject"] == "keeping"]

    def assert_doctor(self, health, words):
        found = self.doctor()
        self.assertTrue(any(h == health and words in what for h, what in found), found)

    def forget_days(self):
        """As if Cordon had been off for 40 days, or the clock were wrong by them."""
        with sqlite3.connect(self.cordon.state / "journal.db") as journal:
            journal.execute("UPDATE items SET received_at = received_at - ?", (LONG_AGO,))
            journal.execute(
                "UPDATE state SET value = value - ? WHERE name = 'last-sweep'", (LONG_AGO,)
            )
        journal.close()

    def test_after_a_jump_of_the_clock_nothing_expires(self):
        _, held_id = self.hold()
        self.cordon.stop()
        self.forget_days()
        start = len(self.cordon.log_text())
        self.cordon.start()
        self.cordon.wait_for_log("retention-paused.*clock jumped", SECONDS, start)
        self.assertTrue(self.is_held(held_id))
        self.assert_doctor("warning", "the clock jumped")
        start = len(self.cordon.log_text())
        self.cordon.restart()
        self.cordon.wait_for_log("retention-paused.*clock jumped", SECONDS, start)
        self.assertTrue(self.is_held(held_id))

    def test_without_its_key_nothing_expires_and_mail_is_held_all_the_same(self):
        _, held_id = self.hold()
        self.cordon.stop()
        key = self.cordon.state / "seal.key"
        text = key.read_bytes()
        key.rename(key.with_suffix(".away"))
        start = len(self.cordon.log_text())
        self.cordon.start()
        self.cordon.wait_for_log("seal-key-missing", SECONDS, start)
        self.assert_doctor("error", "a seal key is missing")
        self.assertFalse(key.exists())
        _, later = self.hold()
        self.assertTrue(self.is_held(held_id) and self.is_held(later))
        self.cordon.stop()
        key.with_suffix(".away").rename(key)
        self.assertEqual(key.read_bytes(), text)
        self.cordon.start()
        self.assertNotIn("key", str(self.doctor()))

    def test_a_full_vault_makes_senders_wait_and_is_named(self):
        self.cordon.restart({("quarantine", "vault-max"): "1M"})
        self.addCleanup(self.cordon.restart, {("quarantine", "vault-max"): None})
        large = messages.gtube() + b"x" * 70 + b"\r\n"
        large += (b"y" * 70 + b"\r\n") * 14_300
        start = len(self.cordon.log_text())
        self.hold(large)
        again = messages.gtube() + (b"y" * 70 + b"\r\n") * 2_000
        self.assert_reply(self.send(again, BOB), r"^451 ")
        self.assertIn("vault", self.cordon.log_text()[start:])
        self.assert_doctor("error", "of the vault are used")

    def test_a_full_vault_puts_mail_on_hold_where_that_is_wanted(self):
        settings = {("quarantine", "vault-max"): "1k", ("quarantine", "on-store-failure"): "hold"}
        self.cordon.restart(settings)
        self.addCleanup(self.cordon.restart, dict.fromkeys(settings))
        message = messages.gtube()
        self.assert_reply(self.send(message, BOB), r"^250 ")
        wait_until(lambda: "!" in self.site.postfix.command("postqueue", "-p"), SECONDS, "it is on hold")
        self.cordon.restart(dict.fromkeys(settings))
        self.site.postfix.command("postsuper", "-d", "ALL", "hold")

    def test_a_full_vault_still_redirects_where_that_is_wanted(self):
        settings = {("quarantine", "vault-max"): "1k", ("quarantine", "on-store-failure"): "redirect"}
        self.cordon.restart(settings)
        self.addCleanup(self.cordon.restart, dict.fromkeys(settings))
        message = messages.gtube()
        self.assert_reply(self.send(message, BOB), r"^250 ")
        self.assert_delivered(message, "quarantine")
