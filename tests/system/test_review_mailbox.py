# SPDX-License-Identifier: GPL-2.0-only
"""The quarantine mailbox as the MTA meets it (full, unknown, gone), items that clients changed, and two
hosts with one mailbox. Nothing is lost, one line says what it is, and `cordon doctor` names it."""

import re

import messages
from review_test import ReviewTest
from rig import MailSite, places, redis
from rig.mailbox import ReviewClient
from rig.process import wait_until
from site_test import BOB, POLICIES, lines_of

QUOTA = "plugin {\n  quota = maildir:q\n  quota_rule = *:storage=1B\n  quota_grace = 0\n}\n"
FULL_FOR_MTA = "protocol lmtp {\n  mail_plugins = $mail_plugins quota\n}\n" + QUOTA
UNKNOWN = "transport_maps = inline:{ quarantine@example.org=error:5.1.1_unknown }\n"
FULL_FOR_ALL = "mail_plugins = $mail_plugins quota\n" + QUOTA


class MailboxTest(ReviewTest):
    def connect(self):
        self.client = ReviewClient(self.site.dovecot.imap_port)
        self.addCleanup(self.client.close)

    def restart_dovecot(self, extra=""):
        start = len(self.cordon.log_text())
        self.site.dovecot.stop()
        self.site.dovecot.configure(extra)
        self.site.dovecot.start()
        self.connect()
        self.cordon.wait_for_log("mailbox-opened", 60, start)

    def shown_without_the_mta(self):
        """Mail is accepted and held, no copy arrives, its item is made from the vault all the same."""
        start = len(self.cordon.log_text())
        message, held_id = self.hold()
        self.client.wait_in("", held_id, 30)
        self.cordon.wait_for_log("arrivals-missing", 30, start)
        self.wait_doctor("did not bring the last 1 held message")
        return message, held_id

    def arrives_again(self):
        start = len(self.cordon.log_text())
        _, held_id = self.hold()
        self.client.wait_in("", held_id, 30)
        self.cordon.wait_for_log("arrivals-come-again", 30, start)
        self.wait_doctor("items", "ok")


class Mailbox(MailboxTest):
    def test_a_mailbox_that_is_unknown_to_the_mta_loses_nothing(self):
        self.held_item()  # the line comes once, until a copy arrives: another test may have had it
        self.site.postfix.restart(self.site.socket.for_postfix, UNKNOWN)
        self.addCleanup(self.site.postfix.restart, self.site.socket.for_postfix)
        message, held_id = self.shown_without_the_mta()
        self.client.move(held_id, "", "Release")
        self.assert_released_once(message, held_id)

    def test_a_mailbox_over_its_quota_for_the_mta_loses_nothing(self):
        self.held_item()
        self.restart_dovecot(FULL_FOR_MTA)
        # Every mailbox has that quota: what is released waits until it is lifted.
        message, held_id = self.shown_without_the_mta()
        self.restart_dovecot()
        self.client.move(held_id, "", "Release")
        self.assert_released_once(message, held_id)
        self.arrives_again()

    def test_a_mailbox_that_is_full_for_everybody_loses_nothing(self):
        self.restart_dovecot(FULL_FOR_ALL)
        start = len(self.cordon.log_text())
        message, held_id = self.hold()
        self.cordon.wait_for_log("mailbox-trouble.*OVERQUOTA", 30, start)
        self.wait_doctor("OVERQUOTA")
        self.assertEqual(self.client.everywhere(held_id), [])
        self.restart_dovecot()
        self.client.wait_in("", held_id, 60)
        self.client.move(held_id, "", "Release")
        self.assert_released_once(message, held_id)

    def test_a_mailbox_that_is_gone_loses_nothing(self):
        users = self.site.dovecot.directory / "users"
        text = users.read_text()
        users.write_text(re.sub("^quarantine:.*\n", "", text, flags=re.MULTILINE))
        self.site.dovecot.stop()
        self.site.dovecot.start()
        self.wait_doctor("imap-password-file")
        message, held_id = self.hold()
        users.write_text(text)
        self.site.dovecot.stop()
        self.site.dovecot.start()
        self.connect()
        self.client.wait_in("", held_id, 60)
        self.client.move(held_id, "", "Release")
        self.assert_released_once(message, held_id)

    def rewritten(self, held_id, change):
        """What a client leaves that stores an item anew and changes it on the way."""
        raw = self.client.raw("", self.client.wait_in("", held_id))
        self.client.delete(held_id)
        return change(raw)

    def test_an_item_that_a_client_rewrote_releases_the_exact_original(self):
        changes = (
            lambda raw: raw.replace(b"\r\n\r\n", b"\r\nX-Mozilla-Keys: x\r\n\r\n", 1) + b"\r\nfooter\r\n",
            lambda raw: raw.replace(b"GTUBE", b"other").replace(b"Dana Miller", b"Eve"),
            lambda raw: raw.split(b"\r\n\r\n", 1)[0] + b"\r\n\r\nno MIME part is left\r\n",
        )
        for change in changes:
            message, held_id = self.held_item()
            self.client.append("Release", self.rewritten(held_id, change))
            copies = self.wait_delivered(message)
            self.assertTrue(copies[0].raw.endswith(message))
            self.assert_released_once(message, held_id)

    def test_an_item_edited_by_hand_puts_nothing_into_a_lost_vault(self):
        message, held_id = self.held_item()
        edited = self.rewritten(held_id, lambda raw: raw.replace(b"This is the generic", b"Pay this"))
        self.cordon.stop()
        for path in (*self.cordon.vault.iterdir(), *self.cordon.state.glob("journal*")):
            path.unlink()
        self.client.append("", edited)
        self.cordon.start()
        self.cordon.wait_for_log(f"not-restored.*{held_id}", 30)
        self.wait_doctor("1 message.* that can't be opened here", "note")
        self.assertEqual([p for p in self.cordon.vault_files() if held_id in p.name], [])
        self.client.delete(held_id)
        self.assertEqual(len(self.copies(message)), 0)


class TwoHosts(MailboxTest):
    # Dovecot counts by user and address, and here both hosts have the same.
    dovecot = {"extra": "mail_max_userip_connections = 50\n"}

    @classmethod
    def setUpClass(cls):
        redis.require()
        folder = places.private_directory("store")
        cls.addClassCleanup(places.remove_directory, folder)
        store = redis.Redis(folder / "redis")
        store.start()
        cls.addClassCleanup(store.stop)
        cls.settings = {("learning", "store"): store.url}
        super().setUpClass()
        key = cls.cordon.state / "seal.key"
        changes = {
            **cls.settings,
            ("cordon", "authserv-id"): "mx2.example.org",
            ("quarantine", "seal-key-file"): key,
        }
        cls.other = MailSite("second", settings={**POLICIES, **changes}, review=True, beside=cls.site)
        cls.other.start()
        cls.addClassCleanup(cls.other.stop)

    def hold_at(self, site):
        message = messages.gtube()
        self.assertTrue(site.deliver("dana@example.net", [BOB], message).is_accepted)
        return message, site.cordon.wait_for_verdicts(messages.message_id_of(message))[0]["id"]

    def ids_at(self, site):
        return {item["id"] for item in site.cordon.quarantine_list()}

    def test_an_item_belongs_to_the_agent_of_its_host(self):
        starts = {site: len(site.cordon.log_text()) for site in (self.site, self.other)}
        held = {site: self.hold_at(site) for site in starts}
        for _, held_id in held.values():
            self.client.wait_in("", held_id, 30)
        wait_until(lambda: self.client.count("INBOX") == 0, 30, "native copies go away")
        for _, held_id in held.values():
            self.assertEqual(self.client.everywhere(held_id), [""])
            self.client.move(held_id, "", "Release")
        for site, (message, held_id) in held.items():
            self.assert_released_once(message, held_id)
            self.assertIn(held_id, self.ids_at(site))
        self.assertEqual(self.ids_at(self.site) & self.ids_at(self.other), set())
        for site in held:
            self.assertNotIn("restored", site.cordon.log_text()[starts[site] :])

    def learned(self):
        """(ham, spam) as each host knows them; over one store they come to be the same."""
        figures = [site.cordon.figures() for site in (self.site, self.other)]
        return [
            tuple(found.get(f'cordon_learned{{label="{label}"}}', 0) for label in ("ham", "spam"))
            for found in figures
        ]

    def wait_learned(self, held_id, label):
        """Both hosts know as many as both have taught; mail of other tests may still be among them."""

        def logs():
            return self.site.cordon.log_text() + self.other.cordon.log_text()

        def taught():
            return tuple(len(lines_of(logs(), " learned id=", f"as={name} ")) for name in ("ham", "spam"))

        wait_until(lambda: lines_of(logs(), f" learned id={held_id} ", f"as={label} "), 60, "learned")
        wait_until(lambda: self.learned() == [taught()] * 2, 60, "both hosts know what both taught", 0.2)

    def test_what_is_decided_about_the_mail_of_one_host_is_learned_on_both(self):
        message, held_id = self.hold_at(self.site)
        _, spam_id = self.hold_at(self.other)
        for one in (held_id, spam_id):
            self.client.wait_in("", one, 30)
        self.client.move(held_id, "", "Release")
        self.assert_released_once(message, held_id)
        self.wait_learned(held_id, "ham")
        self.client.move(spam_id, "", "Spam")
        self.wait_learned(spam_id, "spam")
        self.assertEqual(self.site.cordon.figures()["cordon_learning_store_up"], 1)

    def test_a_host_that_lost_its_vault_takes_back_what_is_its_own(self):
        mine, theirs = self.hold_at(self.site), self.hold_at(self.other)
        for _, held_id in (mine, theirs):
            self.client.wait_in("", held_id, 30)
        cordon = self.other.cordon
        cordon.stop()
        for path in (*cordon.vault.iterdir(), *cordon.state.glob("journal*")):
            path.unlink()
        cordon.start()
        cordon.wait_for_log(f"restored id={theirs[1]}", 30)
        self.assertNotIn(mine[1], self.ids_at(self.other))
        self.client.move(theirs[1], "", "Release")
        self.assert_released_once(*theirs)
        self.assertEqual(self.client.everywhere(mine[1]), [""])
