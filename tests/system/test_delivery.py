# SPDX-License-Identifier: GPL-2.0-only
"""What happens to mail: accept, tag, refuse, redirect; one recipient, several; unix and inet."""

import messages
from rig.milter_client import MilterClient
from rig.process import wait_until
from site_test import ALICE, BOB, CAROL, DAVE, QUARANTINE, SALES, SENDER, SiteTest

SPAM_HEADERS = (
    "X-Spam-Flag",
    "X-Spam-Status",
    "X-Spam-Score",
    "X-Cordon-Id",
    "Authentication-Results",
)

FORGED_RESULTS = [
    b"Authentication-Results: mx.example.org; dkim=pass header.d=forged.example\r\n",
    b"AUTHENTICATION-RESULTS: MX.Example.ORG 1; dkim=pass header.d=forged.example\r\n",
    b"authentication-results:\r\n\t(c (d)) mx.example.org (x);\r\n\tspf=pass (forged)\r\n",
    b'Authentication-Results: "mx.example.org"; spf=pass (forged)\r\n',
    b'Authentication-Results: "mx\\.example.org" 1; spf=pass (forged)\r\n',
    b"Authentication-Results : mx.example.org; spf=pass (forged)\r\n",
    b"Authentication-Results:mx.example.org;spf=pass (forged)\r\n",
]
KEPT_RESULT = b"Authentication-Results: mx.example.org.example.net; spf=pass (kept)\r\n"


class Delivery(SiteTest):
    def test_clean_mail_is_delivered_with_our_headers(self):
        message = messages.clean()
        self.assert_reply(self.send(message), r"^250 ")
        stored = self.stored(message, "alice")
        for name in SPAM_HEADERS:
            self.assertEqual(stored.count(name), 1, name)
        self.assertEqual(stored.header("X-Spam-Flag"), "NO")
        self.assertRegex(stored.header("X-Spam-Status"), r"^No, score=-?\d+(\.\d+)? required=\d")
        self.assertRegex(stored.header("Authentication-Results"), r"^mx\.example\.org\b")
        self.assert_delivered(message, "alice")

    def test_the_body_arrives_byte_for_byte(self):
        message = messages.text_mail("Dots", "one\n.two\n..three\n.\nlast  \n\n")
        self.send(message)
        body = message.split(b"\r\n\r\n", 1)[1]
        self.assertEqual(self.stored(message, "alice").raw.split(b"\r\n\r\n", 1)[1], body)

    def test_spam_that_its_recipient_wants_is_tagged(self):
        message = messages.gtube()
        self.assert_reply(self.send(message, DAVE), r"^250 ")
        stored = self.stored(message, "dave")
        self.assertEqual(stored.header("X-Spam-Flag"), "YES")
        self.assertRegex(stored.header("X-Spam-Status"), r"(?s)^Yes, score=\d+.*\bGTUBE\b")
        self.assertRegex(stored.header("X-Spam-Level"), r"^\*+$")
        self.assert_action(message, "tag")

    def test_spam_is_refused_and_stored_nowhere(self):
        held = self.cordon.vault_files()
        message = messages.gtube()
        self.assert_reply(self.send(message), r"^550 5\.7\.1 Message refused as spam \(id \S+\)$")
        self.assert_delivered(message)
        self.assertEqual(self.cordon.vault_files(), held)
        self.assert_action(message, "reject")

    def test_a_virus_is_refused_by_name(self):
        for message in (messages.eicar_attached(), messages.eicar_zipped()):
            self.assert_reply(
                self.send(message, CAROL),
                r"^554 5\.7\.1 Message refused: virus Eicar-Test-Signature\S* \(id \S+\)$",
            )
            self.assert_delivered(message)

    def test_an_encrypted_archive_is_delivered_with_a_mark(self):
        message = messages.encrypted_archive()
        self.assert_reply(self.send(message), r"^250 ")
        self.assert_action(message, "tag")
        self.assertIn("encrypted", self.verdict(message)[0]["unscanned"])
        self.assert_delivered(message, "alice")

    def test_a_held_message_lies_in_the_quarantine_mailbox_only(self):
        message = messages.gtube()
        self.assert_reply(self.send(message, BOB), r"^250 ")
        self.assert_delivered(message, "quarantine")
        self.assert_action(message, "quarantine")

    def test_of_three_recipients_only_those_who_hold_it_lose_it_to_the_quarantine(self):
        message = messages.gtube()
        self.assert_reply(self.send(message, BOB, CAROL, DAVE), r"^250 ")
        self.assert_delivered(message, "carol", "dave", "quarantine")
        actions = {
            verdict["to"].strip("<>"): verdict["action"] for verdict in self.verdict(message, 3)
        }
        self.assertEqual(actions, {BOB: "quarantine", CAROL: "tag", DAVE: "tag"})

    def test_a_recipient_who_refuses_what_another_accepts_gets_it_held(self):
        message = messages.gtube()
        self.assert_reply(self.send(message, ALICE, DAVE), r"^250 ")
        self.assert_delivered(message, "dave", "quarantine")

    def test_a_recipient_in_mixed_case_is_redirected(self):
        message = messages.gtube()
        self.assert_reply(self.send(message, "BoB@Example.ORG"), r"^250 ")
        self.assert_delivered(message, "quarantine")

    def test_an_alias_is_redirected_with_all_it_stands_for(self):
        message = messages.gtube(to=SALES)
        self.assert_reply(self.send(message, SALES), r"^250 ")
        self.assert_delivered(message, "quarantine")
        clean = messages.clean(to=SALES)
        self.send(clean, SALES)
        self.assert_delivered(clean, "alice", "bob")

    def test_the_null_sender_stays_the_null_sender(self):
        for message, recipient, user in (
            (messages.clean(), ALICE, "alice"),
            (messages.gtube(), BOB, "quarantine"),
        ):
            self.assert_reply(self.send(message, recipient, sender=""), r"^250 ")
            self.assertEqual(self.stored(message, user).header("Return-Path"), "<>")

    def test_30_megabytes_pass_unharmed(self):
        message = messages.large(30 * 1024 * 1024)
        self.assert_reply(self.send(message), r"^250 ")
        stored = self.stored(message, "alice")
        self.assertTrue(stored.raw.endswith(message.split(b"\r\n\r\n", 1)[1]))

    def test_forged_copies_of_our_headers_are_removed(self):
        message = messages.with_forged_headers()
        self.assert_reply(self.send(message), r"^250 ")
        stored = self.stored(message, "alice")
        for name in ("X-Spam-Flag", "X-Spam-Status", "X-Spam-Score", "X-Cordon-Id"):
            self.assertEqual(stored.count(name), 1, name)
        for name in ("X-Cordon-Seal", "X-Cordon-Release"):
            self.assertEqual(stored.count(name), 0, name)
        self.assertNotRegex(stored.header("X-Spam-Status"), "FORGED")
        self.assertNotEqual(stored.header("X-Spam-Score"), "-99")
        self.assertNotEqual(stored.header("X-Cordon-Id"), "forged")
        results = stored.headers.get_all("Authentication-Results")
        self.assertEqual([text for text in results if "forged.example" in text], [])
        self.assertEqual(len([text for text in results if "kept.example" in text]), 1)

    def results_of(self, message):
        """Its Authentication-Results as they arrived, in lower case, folds and all."""
        self.assert_reply(self.send(message), r"^250 ")
        return [
            text.lower()
            for name, text in self.stored(message, "alice").headers.items()
            if name.strip().lower() == "authentication-results"
        ]

    def test_results_of_our_name_are_removed_in_every_spelling(self):
        results = self.results_of(b"".join(FORGED_RESULTS) + KEPT_RESULT + messages.clean())
        self.assertEqual([text for text in results if "forged" in text], [])
        self.assertEqual(len([text for text in results if "kept" in text]), 1)
        self.assertEqual(len(results), 2, "ours and the foreign one")

    def test_results_of_a_milter_before_us_stay_when_it_is_so_configured(self):
        self.addCleanup(self.cordon.restart, {("auth", "keep-local-results"): None})
        self.cordon.restart({("auth", "keep-local-results"): "yes"})
        results = self.results_of(FORGED_RESULTS[0] + KEPT_RESULT + messages.clean())
        self.assertEqual(len([text for text in results if "forged" in text]), 1)
        self.assertEqual(len(results), 3)

    def test_a_redirect_adds_the_quarantine_before_it_deletes_anyone(self):
        client = MilterClient(self.site.socket)
        self.addCleanup(client.close)
        answers = client.message(SENDER, ["BoB@Example.ORG", BOB, DAVE], messages.gtube())
        changes = [answer for answer in answers if answer[0] in ("addrcpt", "delrcpt")]
        self.assertEqual(changes[0], ("addrcpt", f"<{QUARANTINE}>", "NOTIFY=NEVER"))
        self.assertEqual(changes[1:], [("delrcpt", "<BoB@Example.ORG>"), ("delrcpt", f"<{BOB}>")])
        self.assertEqual(answers[-1], ("accept",))
        self.assertNotIn("replbody", [answer[0] for answer in answers])

    def envelope_of_the_only_one_queued(self):
        """Postfix may move the file from queue to queue between the look and the reading."""

        def read():
            queued = self.site.postfix.queued()
            if len(queued) != 1:
                return ""
            text = self.site.postfix.command("postcat", "-e", str(queued[0]))
            return "" if "fatal: open" in text else text

        return wait_until(read, 10, "one message waits in Postfix's queue")

    def test_a_held_message_that_cannot_be_delivered_bounces_to_nobody(self):
        self.site.dovecot.stop()
        self.addCleanup(self.site.dovecot.start)
        message = messages.gtube()
        self.assert_reply(self.send(message, BOB), r"^250 ")
        text = self.envelope_of_the_only_one_queued()
        never = rf"notify_flags=1\noriginal_recipient: {QUARANTINE}\nrecipient: {QUARANTINE}\n"
        self.assertRegex(text, never)  # Postfix writes NEVER as 1
        self.assertNotRegex(text, rf"(?m)^recipient: {BOB}$")


class DeliveryOverTcp(SiteTest):
    """The same filter over inet: what differs is the socket, so the four outcomes are enough."""

    transport = "inet"

    def test_over_tcp_clean_mail_is_delivered(self):
        message = messages.clean()
        self.assert_reply(self.send(message), r"^250 ")
        self.assertEqual(self.stored(message, "alice").header("X-Spam-Flag"), "NO")

    def test_over_tcp_spam_is_refused(self):
        self.assert_reply(self.send(messages.gtube()), r"^550 5\.7\.1 ")

    def test_over_tcp_some_recipients_are_redirected(self):
        message = messages.gtube()
        self.assert_reply(self.send(message, BOB, DAVE), r"^250 ")
        self.assert_delivered(message, "dave", "quarantine")

    def test_over_tcp_a_virus_is_refused(self):
        self.assert_reply(self.send(messages.eicar_zipped()), r"^554 5\.7\.1 ")

    def test_over_tcp_a_changed_message_does_not_wait_for_delayed_acknowledgements(self):
        with self.site.session() as session:
            seconds = sorted(
                session.message(SENDER, [ALICE], messages.clean()).seconds for _ in range(15)
            )
        self.assertLess(seconds[7], 0.030)


class BlockedFiles(SiteTest):
    """A domain that takes no programs; a user of it who does."""

    settings = {
        ("domain.example.org", "blocked-files"): "exe .iso",
        ("domain.example.org", "blocked"): "quarantine",
        (f"user.{DAVE}", "blocked-files"): "iso",
    }

    def test_a_program_is_held_by_its_name(self):
        message = messages.renamed_program("setup.exe")
        self.assert_reply(self.send(message), r"^250 ")
        self.assert_action(message, "quarantine")
        self.assert_delivered(message, "quarantine")

    def test_a_program_is_held_by_its_content_whatever_its_name(self):
        message = messages.renamed_program("notes.txt")
        self.assert_reply(self.send(message), r"^250 ")
        self.assert_action(message, "quarantine")
        self.assert_delivered(message, "quarantine")

    def test_a_user_with_another_list_gets_it(self):
        message = messages.renamed_program("notes.txt")
        self.assert_reply(self.send(message, DAVE), r"^250 ")
        self.assert_delivered(message, "dave")
