# SPDX-License-Identifier: GPL-2.0-only
"""Releases from the command line, without IMAP: the exact message, its own envelope, for those for
whom it was held, once; and what the server said decides."""

import hashlib
import json
import re
import secrets

import messages
from rig import MailSite
from rig.process import wait_until
from rig.smtp_sink import SmtpSink
from site_test import BOB, CAROL, POLICIES, QUARANTINE, SALES, SENDER, SiteTest

HOLD_ALL = {(section, key): "-1000" for section in ("policy", f"user.{BOB}", f"user.{CAROL}") for key in ("tag", "quarantine")}


class ReleaseTest(SiteTest):
    def command(self, *arguments):
        return self.cordon.command("quarantine", *arguments, "--config", str(self.cordon.config))

    def hold(self, message, *recipients, **session):
        self.assert_reply(self.send(message, *(recipients or [BOB]), **session), r"^250 ")
        return self.verdict(message)[0]["id"]

    def show(self, held_id):
        return self.command("show", held_id)[1]

    def original(self, held_id):
        file = next(p for p in self.cordon.vault_files() if p.name == f"{held_id}.held")
        return file.read_bytes().split(b"\n\n", 1)[1]


class ReleaseToSink(ReleaseTest):
    @classmethod
    def setUpClass(cls):
        cls.sink = SmtpSink()
        cls.addClassCleanup(cls.sink.close)
        cls.settings = {
            **HOLD_ALL,
            ("quarantine", "release-via"): f"smtp://127.0.0.1:{cls.sink.port}",
        }
        super().setUpClass()

    def setUp(self):
        self.sink.received.clear()
        self.sink.replies.clear()

    def released(self, held_id, *options):
        status, output, errors = self.command("release", held_id, *options)
        self.assertEqual(status, 0, output + errors)
        return self.sink.received[-1]

    def assert_exact(self, message, **session):
        held_id = self.hold(message, **session)
        got = self.released(held_id)
        self.assertEqual(
            hashlib.sha256(got.original).hexdigest(),
            hashlib.sha256(self.original(held_id)).hexdigest(),
        )
        return got

    def test_lines_with_dots_8_bit_and_long_lines_come_out_as_they_went_in(self):
        for body in (
            ".\n..\n.leading dot\n...",
            "gr\xfc\xdfe\n".encode("latin-1") + bytes(range(128, 256)),
            "x" * 1800 + "\n" + "y" * 990,
            "bare \r inside\nand\x00NUL\n",
            "",
        ):
            message = messages.text_mail("exact", body)
            got = self.assert_exact(message)
            if b"\x00" not in message and b"\r " not in message:
                self.assertEqual(got.original.rstrip(b"\r\n"), message.rstrip(b"\r\n"))

    def test_a_message_of_many_megabytes_comes_out_as_it_went_in(self):
        self.assert_exact(messages.large(8_000_000))

    def test_the_null_sender_stays_null(self):
        got = self.assert_exact(messages.gtube(), sender="")
        self.assertRegex(got.mail, r"^MAIL FROM:<> ")

    def test_only_those_for_whom_it_is_held_get_it_and_each_on_his_own_word(self):
        held_id = self.hold(messages.gtube(), BOB, SALES)
        self.assertEqual(self.released(held_id, "--for", SALES).recipients, [f"RCPT TO:<{SALES}>"])
        self.assertIn(f"<{BOB}> held", self.show(held_id))
        self.assertEqual(self.released(held_id).recipients, [f"RCPT TO:<{BOB}>"])
        self.assertIn("released already", self.command("release", held_id)[1])
        self.assertEqual(len(self.sink.received), 2)

    def test_another_address_gets_a_copy_and_it_stays_held(self):
        held_id = self.hold(messages.gtube(), BOB)
        got = self.released(held_id, "--to", "abuse@example.com")
        self.assertEqual(got.recipients, ["RCPT TO:<abuse@example.com>"])
        self.assertIn(f"<{BOB}> held", self.show(held_id))

    def test_a_refused_recipient_fails_with_the_reply_and_the_other_gets_it(self):
        self.sink.answer(f"RCPT TO:<{BOB}>", "550 5.1.1 nobody here")
        held_id = self.hold(messages.gtube(), BOB, CAROL)
        status, output, _ = self.command("release", held_id)
        self.assertEqual(status, 69)
        self.assertIn(f"{BOB} failed: 550 5.1.1 nobody here", output)
        self.assertIn(f"{CAROL} sent: 250", output)
        self.assertRegex(self.show(held_id), r"note: .*550 5\.1\.1 nobody here")
        self.assertEqual(self.released(held_id).recipients, [f"RCPT TO:<{BOB}>"])

    def test_what_was_damaged_in_the_vault_is_sent_to_nobody_and_says_what_to_do(self):
        held_id = self.hold(messages.gtube())
        file = next(p for p in self.cordon.vault_files() if p.name == f"{held_id}.held")
        good = file.read_bytes()
        for damaged in (good[:-3] + b"?" + good[-2:], good[:-1], good + b"x", good[20:], b"", None):
            file.unlink() if damaged is None else file.write_bytes(damaged)
            status, output, _ = self.command("release", held_id)
            self.assertEqual((status, self.sink.received), (69, []))
            self.assertIn("no good copy in the vault", output)
            if damaged is not None:
                exported = self.command("export", held_id, "--directory", str(self.cordon.run))
                self.assertIn(exported[0], (65, 66))
            listed = next(map(json.loads, self.command("list", "--state", "failed", "--json")[1].splitlines()))
            self.assertEqual(listed["id"], held_id)
            self.assertRegex(listed["note"], "Nothing was sent: no good copy .* Put the file back from a backup")
        file.write_bytes(good)
        self.assertEqual(self.released(held_id).recipients, [f"RCPT TO:<{BOB}>"])

    def test_what_is_refused_for_now_or_cut_off_is_sent_again_by_itself(self):
        for command, reply in (
            (".", "452 4.2.2 full"),
            ("MAIL", "451 later"),
            ("RCPT", "450 later"),
            ("connect", "421 busy"),
            (".", None),
            ("DATA", None),
        ):
            self.sink.answer(command, reply)
            held_id = self.hold(messages.gtube())
            self.assertEqual(self.command("release", held_id)[0], 75, command)
            wait_until(lambda: "state:     sent" in self.show(held_id), 20, f"again after {command}")

    def test_a_nonsense_reply_is_no_success(self):
        self.sink.answer(".", "hello")
        held_id = self.hold(messages.gtube())
        self.assertEqual(self.command("release", held_id)[0], 75)
        wait_until(lambda: "state:     sent" in self.show(held_id), 20, "another attempt")

    def test_the_reply_is_on_record_before_the_goodbye_is_said(self):
        seen = []
        held_id = self.hold(messages.gtube(), BOB, CAROL)

        def look(kept):  # a session of an earlier test may say its goodbye only now
            if len(kept) == 1 and len(kept[0].recipients) == 2:
                seen.append(self.show(held_id))

        self.sink.at_quit = look
        self.addCleanup(setattr, self.sink, "at_quit", lambda kept: None)
        self.released(held_id)
        wait_until(lambda: seen, 10, "the goodbye")
        for person in (BOB, CAROL):
            self.assertIn(f"<{person}> sent: 250", seen[0])

    def test_a_restart_in_the_middle_sends_again(self):
        self.sink.answer("RCPT", "450 later", 1000)
        held_id = self.hold(messages.gtube())
        self.command("release", held_id)
        self.cordon.stop()
        self.sink.replies.clear()
        self.cordon.start()
        wait_until(lambda: "state:     sent" in self.show(held_id), 10, "the release after a restart")
        self.assertEqual(len(self.sink.received), 1)

    def test_confirmed_deleted_exported_and_verified(self):
        held_id, other = self.hold(messages.gtube()), self.hold(messages.gtube())
        self.assertEqual(self.command("verify")[0], 0)
        self.assertEqual(self.command("confirm", held_id)[0], 0)
        listed = self.command("list", "--state", "spam")[1]
        self.assertIn(held_id, listed)
        self.assertNotIn(other, listed)
        self.assertEqual(self.command("export", other, "--directory", str(self.cordon.run))[0], 0)
        self.assertEqual((self.cordon.run / f"{other}.eml").read_bytes(), self.original(other))
        self.assertEqual(self.command("delete", other)[0], 0)
        self.assertNotIn(other, self.command("list")[1])
        self.assertRegex(self.command("audit", other)[1], r"deleted by cli:")
        self.assertNotEqual(self.command("show", other)[0], 0)


class ReleaseThroughPostfix(ReleaseTest):
    @classmethod
    def setUpClass(cls):
        cls.site = MailSite("release", settings=dict(POLICIES))
        cls.site.settings[("quarantine", "release-via")] = (
            f"smtp://127.0.0.1:{cls.site.postfix.release_port}"
        )
        cls.site.start()
        cls.addClassCleanup(cls.site.stop)
        cls.cordon = cls.site.cordon
        cls.site.postfix.restart(cls.site.socket.for_postfix, "recipient_delimiter = +\n")

    def test_the_held_recipient_gets_the_exact_message_and_no_trace_of_the_release(self):
        message = messages.gtube()
        held_id = self.hold(message)
        self.assertEqual(self.command("release", held_id)[0], 0)
        stored = self.stored(message, "bob")
        self.assertTrue(stored.raw.endswith(message))
        self.assertEqual(stored.count("X-Cordon-Release"), 0)
        self.cordon.wait_for_log(rf"own-mail id={held_id}.*purpose=release")

    def test_500_recipients_get_it(self):
        people = [f"bob+{i}@example.org" for i in range(500)]
        message = messages.gtube()
        self.site.postfix.wait_empty()
        self.assert_reply(self.send(message, *people), r"^250 ")
        held_id = next(v for v in self.verdict(message, 500) if v["action"] == "quarantine")["id"]
        self.assertEqual(self.command("release", held_id)[0], 0)
        self.assertEqual(self.show(held_id).count("> sent: 250"), 500)

    def test_forged_and_replayed_release_headers_release_nothing(self):
        message = messages.gtube()
        held_id = self.hold(message)
        self.command("release", held_id)
        forged = [f"v1.{secrets.token_hex(32)}" for _ in range(20)]
        forged += [f"v1.{secrets.token_hex(31)}", "v1.", "x", f"v1.{'0' * 64}"]
        for value in forged:
            for client in (None, "198.51.100.7"):  # None: loopback, as a release
                spam = f"X-Cordon-Release: {value}\r\n".encode() + messages.gtube()
                self.assert_reply(self.send(spam, client=client), "^(550|451 4.7.1) ")

    def test_a_forged_seal_does_not_pass_and_a_real_one_does(self):
        message = messages.gtube()
        self.hold(message)
        copy = self.stored(message, "quarantine").raw
        seal = re.search(rb"X-Cordon-Seal: [^\r\n]*(?:\r\n[ \t][^\r\n]*)*", copy)[0].rstrip()
        again = messages.gtube()
        self.assert_reply(self.send(seal + b"\r\n" + again, QUARANTINE), "^250 ")
        stored = self.stored(again, "quarantine")
        self.assertEqual((stored.count("X-Cordon-Seal"), stored.count("X-Spam-Flag")), (1, 0))
        for number in range(0, len(seal) - 20, 7):
            forged = bytearray(seal)
            if forged[20 + number] in b"\r\n \t":
                continue
            forged[20 + number] = ord("B") if forged[20 + number] == ord("A") else ord("A")
            spam = bytes(forged) + b"\r\n" + messages.gtube()
            self.assert_reply(self.send(spam, QUARANTINE), "^550 ")

    def test_no_seal_on_mail_that_somebody_else_gets_too(self):
        message = messages.gtube()
        self.send(message, BOB, CAROL)
        self.assertEqual(self.stored(message, "quarantine").count("X-Cordon-Seal"), 0)
        self.assertEqual(self.stored(message, "carol").count("X-Cordon-Seal"), 0)


class ArchiveCopies(ReleaseTest):
    """always_bcc adds a recipient that no filter is told of."""

    settings = {("quarantine", "redirect-also-delete"): "dave@example.org"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.site.postfix.restart(
            cls.site.socket.for_postfix, "always_bcc = dave@example.org\n"
        )

    def test_the_archive_gets_no_copy_of_what_everybody_has_held(self):
        message = messages.gtube()
        self.hold(message)
        self.assert_delivered(message, "quarantine")

    def test_the_archive_gets_its_copy_of_everything_else(self):
        message = messages.clean()
        self.send(message, CAROL)
        self.assert_delivered(message, "carol", "dave")
