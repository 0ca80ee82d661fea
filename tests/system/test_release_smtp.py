# SPDX-License-Identifier: GPL-2.0-only
"""Releases to SMTP servers of all kinds: with STARTTLS, offered, refused and broken; of old times, without
EHLO and extensions. What can be sent is sent exactly, what can't waits or says why."""

import pathlib
import tempfile

import messages
from rig.dovecot import Certificate
from rig.process import wait_until
from rig.smtp_sink import EXTENSIONS, SmtpSink
from site_test import BOB, SENDER
from test_release import HOLD_ALL, ReleaseTest


class ReleaseOverSmtp(ReleaseTest):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="cordon-tls-")
        cls.addClassCleanup(folder.cleanup)
        certificate = Certificate(pathlib.Path(folder.name))
        certificate.make()
        files = [pathlib.Path(folder.name) / name for name in ("server.pem", "server.key")]
        cls.sink = SmtpSink(certificate=files)
        cls.addClassCleanup(cls.sink.close)
        cls.settings = {
            **HOLD_ALL,
            ("quarantine", "release-via"): f"smtp://127.0.0.1:{cls.sink.port}",
        }
        super().setUpClass()

    def setUp(self):
        sink = self.sink
        sink.received.clear()
        sink.replies.clear()
        sink.commands.clear()
        sink.extensions, sink.behind_starttls, sink.is_deaf, sink.handshakes = EXTENSIONS, b"", False, 0

    def assert_sent(self, held_id, message):
        status, output, errors = self.command("release", held_id)
        self.assertEqual(status, 0, output + errors)
        self.assertEqual(self.sink.received[-1].original, message)

    def assert_waits(self, held_id, words):
        """Not sent, with the reason on record; a later attempt is another matter."""
        status, output, _ = self.command("release", held_id)
        self.assertEqual(status, 75, output)
        self.assertIn(words, self.command("audit", held_id)[1])
        self.assertEqual(self.sink.received, [])

    def test_starttls_is_used_where_it_is_offered(self):
        message = messages.gtube()
        self.assert_sent(self.hold(message), message)
        self.assertEqual(self.sink.handshakes, 1)
        words = [command.split()[0] for command in self.sink.commands]
        begin = words.index("EHLO")  # the goodbye of another test may come late
        self.assertEqual(words[begin : begin + 4], ["EHLO", "STARTTLS", "EHLO", "MAIL"])

    def test_a_refused_starttls_is_as_none_offered(self):
        self.sink.answer("STARTTLS", "454 4.7.0 not now")
        message = messages.gtube()
        self.assert_sent(self.hold(message), message)
        self.assertEqual(self.sink.handshakes, 0)

    def test_a_broken_handshake_sends_nothing_and_is_tried_again(self):
        message = messages.gtube()
        held_id = self.hold(message)
        self.sink.is_deaf = True
        self.assert_waits(held_id, "STARTTLS")
        self.assertNotIn("MAIL", " ".join(self.sink.commands))
        self.sink.is_deaf = False
        wait_until(lambda: self.sink.received, 30, "another attempt")
        self.assertEqual([mail.original for mail in self.sink.received], [message])

    def test_plain_text_before_the_handshake_is_believed_by_nobody(self):
        message = messages.gtube()
        held_id = self.hold(message)
        self.sink.behind_starttls = b"250 injected\r\n"
        self.assert_waits(held_id, "plain text behind its STARTTLS")
        self.assertEqual(self.sink.handshakes, 0)
        self.sink.behind_starttls = b""
        wait_until(lambda: self.sink.received, 30, "another attempt")

    def test_a_server_without_ehlo_and_extensions_gets_the_same_bytes(self):
        self.sink.answer("EHLO", "502 5.5.1 what?")
        message = messages.text_mail("old", "gr\xfc\xdfe\n".encode("latin-1") + b".\n..\n")
        held_id = self.hold(message)
        self.assert_sent(held_id, message)
        self.assertIn("HELO mx.example.org", self.sink.commands)
        self.assertEqual(self.sink.received[-1].mail, f"MAIL FROM:<{SENDER}>")
        self.assertEqual(self.sink.received[-1].recipients, [f"RCPT TO:<{BOB}>"])

    def test_an_address_that_the_server_cannot_take_fails_and_says_why(self):
        self.sink.extensions = ("SIZE 100000000",)
        message = messages.gtube()
        with self.site.session() as session:
            session.command_encoding = "utf-8"
            outcome = session.message("d\xe4na@example.net", [BOB], message, parameters=" SMTPUTF8")
        self.assert_reply(outcome, "^250 ")
        held_id = self.verdict(message)[0]["id"]
        status, output, _ = self.command("release", held_id)
        self.assertEqual(status, 69)
        self.assertIn("needs SMTPUTF8, which the server does not offer", output)
        self.sink.extensions = EXTENSIONS
        self.assertEqual(self.command("release", held_id)[0], 0)
        self.assertRegex(self.sink.received[-1].mail, "SMTPUTF8")
