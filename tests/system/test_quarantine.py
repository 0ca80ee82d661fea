# SPDX-License-Identifier: GPL-2.0-only
"""The vault: what is held is a file before the sender hears 250, and the command line reads it."""

import base64

import messages
from rig.milter_client import MilterClient
from site_test import BOB, DAVE, SENDER, SiteTest


class Quarantine(SiteTest):
    def hold(self, *recipients):
        message = messages.gtube()
        before = set(self.cordon.vault_files())
        self.assert_reply(self.send(message, *(recipients or [BOB])), r"^250 ")
        return message, [path for path in self.cordon.vault_files() if path not in before]

    def test_a_held_message_is_one_vault_file_with_its_exact_bytes(self):
        message, files = self.hold()
        self.assertEqual(len(files), 1)
        self.assertTrue(files[0].read_bytes().endswith(b"\n\n" + message))
        self.assertIn(
            b"Message-ID: " + messages.message_id_of(message).encode() + b"\r\n",
            files[0].read_bytes(),
        )

    def test_the_vault_is_readable_by_its_owner_only(self):
        _, files = self.hold()
        for path in (self.cordon.vault, *files):
            self.assertEqual(path.stat().st_mode & 0o077, 0, path)

    def test_the_vault_file_is_there_before_the_answer(self):
        client = MilterClient(self.site.socket)
        self.addCleanup(client.close)
        before = set(self.cordon.vault_files())
        client.message(SENDER, [BOB], messages.gtube())
        self.assertEqual(len(set(self.cordon.vault_files()) - before), 1)

    def test_quarantine_list_names_sender_recipients_and_id(self):
        message, _ = self.hold(BOB, DAVE)
        verdict = next(line for line in self.verdict(message, 2) if line["action"] == "quarantine")
        items = [item for item in self.cordon.quarantine_list() if item["id"] == verdict["id"]]
        self.assertEqual(len(items), 1)
        self.assertIn(SENDER, str(items[0]))
        self.assertIn(BOB, str(items[0]))
        self.assertNotIn(DAVE, str(items[0]))
        status, output, _ = self.cordon.command(
            "quarantine", "list", "--config", str(self.cordon.config)
        )
        self.assertEqual(status, 0)
        self.assertIn(verdict["id"], output)

    def test_a_subject_made_against_terminals_is_escaped_once_everywhere(self):
        subject = "C:\\letters \u00fc \U0001f389 \x1b[2J\u202e end"
        encoded = f"=?utf-8?B?{base64.b64encode(subject.encode()).decode()}?="
        message = messages.text_mail(encoded, messages.GTUBE)
        self.assert_reply(self.send(message, BOB), r"^250 ")
        held_id = self.verdict(message)[0]["id"]
        shown = subject.replace("\x1b", "\\x1b").replace("\u202e", "\\u{202e}")
        item = next(item for item in self.cordon.quarantine_list() if item["id"] == held_id)
        self.assertEqual(item["subject"], shown)
        for act in (("list",), ("show", held_id)):
            output = self.cordon.command("quarantine", *act, "--config", str(self.cordon.config))[1]
            self.assertIn(shown, output, act)
            self.assertNotRegex(output, "[\x1b\u202e]", act)

    def test_quarantine_show_explains_one_message(self):
        message, _ = self.hold()
        held_id = self.verdict(message)[0]["id"]
        status, output, _ = self.cordon.command(
            "quarantine", "show", held_id, "--config", str(self.cordon.config)
        )
        self.assertEqual(status, 0)
        for word in (held_id, SENDER, BOB, "GTUBE"):
            self.assertIn(word, output)

    def test_quarantine_show_of_an_unknown_id_says_so(self):
        status, output, errors = self.cordon.command(
            "quarantine", "show", "no-such-id", "--config", str(self.cordon.config)
        )
        self.assertNotEqual(status, 0)
        self.assertEqual(output, "")
        self.assertIn("no-such-id", errors)

    def test_held_mail_outlives_a_restart(self):
        message, _ = self.hold()
        held_id = self.verdict(message)[0]["id"]
        self.assertTrue(self.cordon.stop())
        self.cordon.start()
        self.assertIn(held_id, [item["id"] for item in self.cordon.quarantine_list()])
