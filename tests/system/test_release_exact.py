# SPDX-License-Identifier: GPL-2.0-only
"""Released through a real Postfix into a real mailbox, what an author signed byte by byte still
verifies; a very large message comes out as it went in; a virus needs an administrator; and an
authenticated author can be allowed."""

import hashlib
import json
import pathlib
import tempfile

import messages
from rig import MailSite
from rig.dkim import Signer
from rig.dns import NameServer
from rig.process import wait_until
from site_test import BOB, POLICIES
from test_release import HOLD_ALL, ReleaseTest

DOMAIN = "example.net"
LATIN = "gr\xfc\xdfe".encode("latin-1")

# (further header fields, body), each with a shape that some program on the way likes to repair.
SHAPES = {
    "lines of dots": ([], b".\r\n..\r\n.leading\r\n...\r\n"),
    "a dot alone at the end": ([], b"text\r\n.\r\n"),
    "bytes over 127": ([], LATIN + b"\r\n" + bytes(range(128, 256)) + b"\r\n"),
    "utf-8 in the body": (
        [b"Content-Transfer-Encoding: 8bit", b"Content-Type: text/plain; charset=utf-8"],
        "Gr\xfc\xdfe, \u043f\u0440\u0438\u0432\u0435\u0442, \u4f60\u597d\r\n".encode(),
    ),
    "utf-8 in the header": (["Comments: Gr\xfc\xdfe an alle".encode()], b"text\r\n"),
    "latin-1 in the header": ([b"Comments: " + LATIN], b"text\r\n"),
    "a line of 998 bytes": ([], b"x" * 998 + b"\r\n"),
    "a line of 1,990 bytes": ([], b"x" * 1990 + b"\r\nshort\r\n"),
    "a line of 70,000 bytes": ([], b"0123456789" * 7000 + b"\r\nshort\r\n"),
    "empty lines at the end": ([], b"text\r\n" + 40 * b"\r\n"),
    "nothing but empty lines": ([], 3 * b"\r\n"),
    "no body": ([], b""),
    "tabs and blanks at the ends of lines": ([], b"a \t \r\n\t\r\n \r\nb\t\r\n  \r\n"),
    "control characters": ([], b"bell\x07 escape\x1b[1m form feed\x0c del\x7f\r\n"),
    "a mailbox's separator": ([], b"From here on\r\n>From there\r\n\r\nFrom a@b Mon Jan  1\r\n"),
    "folded fields": (
        [b"X-Folded: one\r\n two\r\n\tthree\r\n  \t four", b"References: <a@b>\r\n\t<c@d>\r\n\t<e@f>"],
        b"text\r\n",
    ),
    "blanks around a field's value": (
        [b"X-None:value", b"X-Many:  \t value \t ", b"X-Empty:", b"X-Blank: "],
        b"text\r\n",
    ),
    "a field that begins with a fold": ([b"X-Below:\r\n\tvalue", b"X-Tab:\tvalue"], b"text\r\n"),
    "fields twice, in any case, in order": (
        [b"Comments: one", b"cOMMENTS: two", b"X-b: 1", b"X-a: 2", b"x-B: 3"],
        b"text\r\n",
    ),
    "addresses that a tidy server rewrites": (
        [
            b'Cc: "Last, First"  <First.Last@EXAMPLE.org> (a comment),\r\n\tbob, <@relay:eve@host>',
            b"Reply-To: dana",
            b"Sender:   Dana <dana@Example.NET>",
            b"Return-Receipt-To: dana@example.net",
        ],
        b"text\r\n",
    ),
}


def message_of(shape):
    fields, body = SHAPES[shape]
    usual = [
        b"Date: " + messages.now().encode(),
        b"From: Dana  Miller <dana@example.net>",
        b"To:alice@example.org",
        b"Subject:  " + shape.encode() + b" ",
        b"Message-ID: " + messages.new_message_id(DOMAIN).encode(),
    ]
    return b"\r\n".join([*usual, *fields]) + b"\r\n\r\n" + body


class ExactReleaseTest(ReleaseTest):
    settings = {}

    @classmethod
    def setUpClass(cls):
        cls.site = MailSite("release", settings={**POLICIES, **cls.settings})
        cls.site.settings[("quarantine", "release-via")] = (
            f"smtp://127.0.0.1:{cls.site.postfix.release_port}"
        )
        cls.site.start()
        cls.addClassCleanup(cls.site.stop)
        cls.cordon = cls.site.cordon

    def released(self, held_id, *options):
        status, output, errors = self.command("release", held_id, *options)
        self.assertEqual(status, 0, output + errors)


class Signed(ExactReleaseTest):
    settings = HOLD_ALL

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Postfix itself breaks lines of over 998 bytes that it sends on, released or not.
        cls.site.postfix.restart(cls.site.socket.for_postfix, "lmtp_line_length_limit = 0\n")
        cls.signer = Signer(cls.site.directory, DOMAIN)
        cls.zone = cls.signer.zone()

    def results(self, mails):
        """What Cordon says of the signature of each: {name: result}."""
        files = []
        for number, mail in enumerate(mails.values()):
            files.append(self.site.directory / f"{number}.eml")
            files[-1].write_bytes(mail)
        _, output, errors = self.cordon.command(
            "scan", "--json", "--dns-zone", str(self.zone), "--config", str(self.cordon.config),
            "--ip", "198.51.100.7", *map(str, files),
        )  # fmt: skip
        found = [json.loads(line)["auth"]["dkim"] for line in output.splitlines()]
        self.assertEqual(len(found), len(mails), errors)
        return {name: dkim[0] if dkim else None for name, dkim in zip(mails, found)}

    def assert_all(self, result, mails):
        found = self.results(mails)
        wrong = {name: dkim for name, dkim in found.items() if (dkim or {}).get("result") != result}
        self.assertEqual(wrong, {})

    def test_20_of_20_signatures_simple_simple_verify_after_release(self):
        sent = {shape: self.signer.sign(message_of(shape)) for shape in SHAPES}
        self.assertEqual(len(sent), 20)
        self.assert_all("pass", sent)
        came = {}
        for shape, message in sent.items():
            self.released(self.hold(message))
            came[shape] = self.stored(message, "bob").raw
        self.assert_all("pass", came)
        inexact = [shape for shape in sent if not came[shape].endswith(sent[shape])]
        self.assertEqual(inexact, [])

    def test_one_changed_byte_breaks_each_of_these_signatures(self):
        """So that the test above can fail."""
        changed = {}
        for shape in SHAPES:
            message = self.signer.sign(message_of(shape))
            changed[shape] = message.replace(b"Dana  Miller", b"Dana Miller", 1)
            changed[shape + ", body"] = message + b"x\r\n"
        self.assert_all("fail", changed)

    def test_30_megabytes_come_out_as_they_went_in(self):
        message = messages.large(30_000_000)
        self.assertGreater(len(message), 30_000_000)
        self.released(self.hold(message))
        came = self.site.mailbox("bob").wait_for(messages.message_id_of(message), 60).raw
        digests = [hashlib.sha256(data).hexdigest() for data in (message, came[-len(message) :])]
        self.assertEqual(digests[0], digests[1])


class Infected(ExactReleaseTest):
    settings = {("policy", "virus"): "quarantine"}

    def test_a_held_virus_leaves_only_when_an_administrator_allows_it_and_that_is_told(self):
        for message in (messages.eicar_attached(), messages.eicar_zipped()):
            held_id = self.hold(message)
            status, output, _ = self.command("release", held_id)
            self.assertEqual(status, 69)
            self.assertRegex(output, f"{BOB} failed: It contains the virus .*--allow-virus")
            self.site.postfix.wait_empty()
            self.assert_delivered(message, "quarantine")
            self.assertNotIn("virus allowed", self.command("audit", held_id)[1])
            self.released(held_id, "--allow-virus")
            self.assertTrue(self.stored(message, "bob").raw.endswith(message))
            audit = self.command("audit", held_id)[1]
            self.assertRegex(audit, rf"{held_id} release by cli:root.*\(virus allowed\)")
            self.assertRegex(audit, rf"{held_id} sent by .*{BOB}")
            self.cordon.wait_for_log(rf"virus-released id={held_id} who=cli:root virus=\S")

    def test_what_was_found_when_it_came_counts_where_nobody_scans_today(self):
        held_id = self.hold(messages.eicar_attached())
        self.cordon.restart({("clamav", "enabled"): "no"})
        self.addCleanup(self.cordon.restart, {("clamav", "enabled"): "yes"})
        status, output, _ = self.command("release", held_id)
        self.assertEqual(status, 69)
        self.assertIn("It contains the virus", output)

    def test_another_release_after_an_allowed_one_asks_again(self):
        message = messages.eicar_attached()
        held_id = self.hold(message)
        self.released(held_id, "--allow-virus")
        status, output, _ = self.command("release", held_id, "--to", "carol@example.org")
        self.assertEqual(status, 69)
        self.assertIn("It contains the virus", output)


class Allowed(ExactReleaseTest):
    """Lookups by a name server of the test, so that authors can be authenticated."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="cordon-dkim-")
        cls.addClassCleanup(folder.cleanup)
        cls.signer = Signer(pathlib.Path(folder.name), DOMAIN)
        cls.names = NameServer(cls.signer.records())
        cls.addClassCleanup(cls.names.stop)
        cls.settings = {("dns", "servers"): cls.names.address}
        super().setUpClass()

    def allow(self, message):
        held_id = self.hold(message)
        status, output, errors = self.command("release", held_id, "--allow-sender")
        self.assertEqual(status, 0, output + errors)
        return held_id, output, self.command("audit", held_id)[1]

    def action_of(self, message):
        self.send(message, BOB)
        return self.verdict(message)[0]["action"]

    def test_an_author_who_signs_is_allowed_and_who_borrows_his_name_is_not(self):
        held_id, output, audit = self.allow(self.signer.sign(messages.gtube()))
        self.assertRegex(output, r"sender dana@example\.net allowed until 20\d\d-\d\d-\d\d")
        self.assertRegex(audit, rf"{held_id} release by cli:root.*\(sender dana@example\.net allowed")
        self.cordon.wait_for_log("lists-reloaded")
        wait_until(
            lambda: self.action_of(self.signer.sign(messages.gtube())) == "accept",
            10,
            "the author's next message passes",
        )
        self.assertEqual(self.action_of(messages.gtube()), "quarantine")
        other = self.signer.sign(messages.gtube(sender="Eve <eve@example.net>"))
        self.assertEqual(self.action_of(other), "quarantine")
        infected = self.signer.sign(messages.eicar_attached())
        self.assert_reply(self.send(infected, BOB), "^554 ")

    def test_an_author_who_does_not_sign_is_released_and_not_allowed(self):
        message = messages.gtube(sender="Mallory <mallory@example.net>")
        held_id, output, audit = self.allow(message)
        self.assertIn("sender not allowed: the author was not authenticated", output)
        self.assertRegex(audit, r"\(sender not allowed: the author was not authenticated\)")
        self.cordon.wait_for_log(rf"sender-not-allowed id={held_id}")
        self.assertTrue(self.stored(message, "bob").raw.endswith(message))
