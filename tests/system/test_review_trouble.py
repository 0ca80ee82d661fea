# SPDX-License-Identifier: GPL-2.0-only
"""What stands in the reviewer's way: nothing is lost, one line says what it is, and it goes on after."""

import os
import random
import shutil
import signal
import time

from review_test import ReviewTest
from rig.imap_proxy import ImapProxy
from rig.mailbox import ReviewClient
from rig.process import wait_until
from site_test import lines_of


class Trouble(ReviewTest):
    def trouble_after(self, pattern, start):
        return self.cordon.wait_for_log(f"mailbox-trouble.*{pattern}", 20, start)

    def works_after(self, start):
        self.cordon.wait_for_log("mailbox-works-again", 40, start)

    def restart_dovecot(self, extra=""):
        self.site.dovecot.stop()
        self.site.dovecot.configure(extra)
        self.start_dovecot()

    def start_dovecot(self):
        self.site.dovecot.start()
        # Postfix is in no hurry with what it could not deliver meanwhile.
        self.site.postfix.command("postqueue", "-f")
        self.client = ReviewClient(self.site.dovecot.imap_port)
        self.addCleanup(self.client.close)

    def test_a_wrong_password_is_named_and_mail_waits_in_the_vault(self):
        users = self.site.dovecot.directory / "users"
        text = users.read_text()
        start = len(self.cordon.log_text())
        users.write_text(text.replace("quarantine:{PLAIN}swordfish", "quarantine:{PLAIN}other"))
        self.restart_dovecot_without_client()
        self.trouble_after("imap-password-file", start)
        self.wait_doctor("imap-password-file")
        _, held_id = self.hold()
        users.write_text(text)
        self.works_after(start)
        self.client = ReviewClient(self.site.dovecot.imap_port)
        self.addCleanup(self.client.close)
        self.client.wait_in("", held_id, 20)

    def restart_dovecot_without_client(self):
        self.site.dovecot.stop()
        self.site.dovecot.start()

    def test_a_restart_of_the_server_loses_nothing(self):
        message, held_id = self.held_item()
        start = len(self.cordon.log_text())
        self.client.move(held_id, "", "Release")
        self.site.dovecot.stop()
        self.trouble_after("", start)
        self.start_dovecot()
        self.works_after(start)
        self.assert_released_once(message, held_id)

    def test_folders_that_were_deleted_are_made_and_filled_again(self):
        _, held_id = self.held_item()
        wait_until(lambda: self.client.count("INBOX") == 0, 10, "the native copy goes away")
        self.client.imap.select("INBOX")
        self.site.dovecot.stop()
        for path in self.site.dovecot.mail_of("quarantine").glob(".Quarantine*"):
            shutil.rmtree(path)
        start = len(self.cordon.log_text())
        self.start_dovecot()
        self.works_after(start)
        self.client.wait_in("", held_id, 30)

    def test_another_uidvalidity_makes_no_second_item(self):
        message, held_id = self.held_item()
        self.site.dovecot.stop()
        for name in ("dovecot-uidlist", "dovecot.index", "dovecot.index.log", "dovecot.index.cache"):
            for folder in (".Quarantine", ".Quarantine.Release"):
                path = self.site.dovecot.mail_of("quarantine") / folder / name
                path.unlink(missing_ok=True)
        start = len(self.cordon.log_text())
        self.start_dovecot()
        self.works_after(start)
        time.sleep(1)
        self.assertEqual(self.client.everywhere(held_id), [""])
        self.client.move(held_id, "", "Release")
        self.assert_released_once(message, held_id)

    def test_a_read_only_folder_is_named(self):
        folder = self.site.dovecot.mail_of("quarantine") / ".Quarantine.Released"
        message, held_id = self.held_item()
        self.restart_dovecot(
            "mail_plugins = $mail_plugins acl\nplugin {\n  acl = vfile\n}\n"
        )
        wait_until(folder.exists, 10, "the folder Released")
        (folder / "dovecot-acl").write_text("owner lr\n")
        shutil.chown(folder / "dovecot-acl", "list")
        start = len(self.cordon.log_text())
        self.client.move(held_id, "", "Release")
        self.wait_delivered(message)
        self.trouble_after("", start)
        self.wait_doctor("ead-only|ermission")
        (folder / "dovecot-acl").unlink()
        self.restart_dovecot()
        self.assert_released_once(message, held_id)

    def test_without_its_vault_a_server_works_from_the_seals(self):
        message, held_id = self.held_item()
        self.cordon.stop()
        for path in [*self.cordon.vault.iterdir()]:
            path.unlink()
        for path in self.cordon.state.glob("journal*"):
            path.unlink()
        self.cordon.start()
        self.cordon.wait_for_log(f"restored.*{held_id}", 20)
        self.client.move(held_id, "", "Release")
        copies = self.wait_delivered(message, seconds=20)
        self.assertTrue(copies[0].raw.endswith(message))

    def test_a_vault_that_lost_a_message_gets_it_back_from_its_seal(self):
        message, held_id = self.held_item()
        self.cordon.stop()
        for path in self.cordon.vault.glob(f"{held_id}.*"):
            path.unlink()
        start = len(self.cordon.log_text())
        self.cordon.start()
        self.cordon.wait_for_log(f"restored.*{held_id}", 20, start)
        self.client.move(held_id, "", "Release")
        self.wait_delivered(message, seconds=20)
        self.assert_released_once(message, held_id)

    def test_a_message_that_is_damaged_in_the_vault_is_not_sent_and_kept(self):
        message, held_id = self.held_item()
        stored = self.cordon.vault / f"{held_id}.held"
        good = stored.read_bytes()
        os.truncate(stored, len(good) - 100)
        start = len(self.cordon.log_text())
        self.client.move(held_id, "", "Release")
        self.client.wait_in("Failed", held_id, 20)
        note = next(item for item in self.cordon.quarantine_list() if item["id"] == held_id)["note"]
        self.wait_doctor("1 release.* failed", "warning", "keeping")
        for words in ("no good copy in the vault", "Nothing was sent", "cordon quarantine verify"):
            self.assertIn(words, note)
        self.assertEqual(self.copies(message), [])
        # What the mailbox has is the last good copy.
        self.assertEqual(self.client.everywhere(held_id), ["Failed"])
        stored.write_bytes(good)
        self.client.move(held_id, "Failed", "Release")
        self.assert_released_once(message, held_id)

    def test_without_its_journal_a_server_shows_nothing_twice(self):
        message, held_id = self.held_item()
        self.cordon.stop()
        for path in self.cordon.state.glob("journal*"):
            path.unlink()
        self.cordon.start()
        self.cordon.wait_for_log("mailbox-opened", 20, len(self.cordon.log_text()) // 2)
        time.sleep(4)
        self.assertEqual(self.client.everywhere(held_id), [""])
        self.client.move(held_id, "", "Release")
        self.assert_released_once(message, held_id)

    def test_what_a_release_teaches_waits_for_a_worker_and_outlives_the_keeper(self):
        message, held_id = self.held_item()
        pool, aside = (self.cordon.run / name for name in ("content.sock", "content.aside"))
        pool.rename(aside)
        self.addCleanup(lambda: aside.exists() and aside.rename(pool))
        start = len(self.cordon.log_text())
        self.client.move(held_id, "", "Release")
        self.assert_released_once(message, held_id)
        self.cordon.wait_for_log(f"learning-waits id={held_id} as=ham", 20, start)
        self.wait_doctor("1 decision.* wait to be learned", "warning", "keeping")
        for pid in self.cordon.pids_of("cordon-keeper"):
            os.kill(pid, signal.SIGKILL)
        self.cordon.wait_for_log("keeper-started", 20, start)
        aside.rename(pool)
        self.cordon.wait_for_log(f" learned id={held_id} as=ham", 90, start)
        time.sleep(1)
        learned = lines_of(self.cordon.log_text()[start:], f" learned id={held_id} ")
        self.assertEqual(len(learned), 1, learned)

    def test_a_probe_travels_on_demand(self):
        status, output, errors = self.cordon.command(
            "quarantine", "probe", "--config", str(self.cordon.config)
        )
        self.assertEqual(status, 0, errors)
        self.assertIn("out again", output)


class ThroughAProxy(ReviewTest):
    """A worse server than Dovecot: the agent meets it through a proxy, people don't."""

    hide = ()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.proxy = ImapProxy(cls.site.dovecot.imap_port, cls.hide, seed=7)
        cls.addClassCleanup(cls.proxy.close)
        url = f"imap://127.0.0.1:{cls.proxy.port}"
        start = len(cls.cordon.log_text())
        cls.cordon.restart({("quarantine", "imap-url"): url})
        cls.cordon.wait_for_log("quarantine-proved", 30, start)

    def circle(self, seconds=60):
        """Held, shown, moved to Release, delivered once, filed."""
        message, held_id = self.hold()
        self.client.wait_in("", held_id, seconds)
        self.client.move(held_id, "", "Release")
        self.wait_delivered(message, seconds=seconds)
        self.client.wait_in("Released", held_id, seconds)
        wait_until(
            lambda: self.client.everywhere(held_id) == ["Released"], seconds, "one item in Released", 0.1
        )
        self.site.postfix.wait_empty()
        self.assertEqual(len(self.copies(message)), 1)


class WithoutExtensions(ThroughAProxy):
    hide = ("IDLE", "MOVE", "UIDPLUS", "NAMESPACE", "SASL-IR", "NOTIFY", "LITERAL+")

    def test_a_server_without_extensions_is_enough(self):
        self.circle()
        self.assertNotIn("IDLE", self.proxy.commands)
        self.assertNotIn("UID MOVE", self.proxy.commands)
        self.assertIn("UID COPY", self.proxy.commands)


class DroppedConnections(ThroughAProxy):
    runs = int(os.environ.get("CORDON_CUTS", "6"))

    def test_connections_dropped_anywhere_neither_lose_nor_double(self):
        chance = random.Random(3)
        for _ in range(self.runs):
            self.proxy.cut_after = chance.randrange(1, 9000)
            self.proxy.drop_all()
            self.circle()
        self.assertGreater(self.proxy.cuts, 0)

    def test_a_folder_that_is_refused_once_is_looked_at_again(self):
        message, held_id = self.held_item()
        self.proxy.refuse_next = rb"SELECT .*Release\"?\r\n"
        self.client.move(held_id, "", "Release")
        self.wait_delivered(message, seconds=60)
        self.assertIsNone(self.proxy.refuse_next)

    def test_refusals_at_random_neither_lose_nor_double(self):
        self.proxy.refuse = 0.06
        try:
            for _ in range(max(1, self.runs // 3)):
                message, held_id = self.hold()
                self.client.wait_in("", held_id, 120)
                self.client.move(held_id, "", "Release")
                self.wait_delivered(message, seconds=120)
        finally:
            self.proxy.refuse = 0.0
        self.client.wait_in("Released", held_id, 120)
        self.site.postfix.wait_empty()
        self.assertEqual(len(self.copies(message)), 1)
        self.assertGreater(self.proxy.refused, 0)


class Certificates(ReviewTest):
    dovecot = {"tls": True}

    def test_a_good_certificate_is_believed_and_an_expired_one_is_not(self):
        self.renew_certificate()
        dovecot = self.site.dovecot
        changes = {
            ("quarantine", "imap-url"): f"imaps://localhost:{dovecot.imaps_port}",
            ("quarantine", "imap-ca-file"): dovecot.directory / "authority.pem",
        }
        start = len(self.cordon.log_text())
        self.cordon.restart(changes)
        self.cordon.wait_for_log("quarantine-proved", 30, start)
        _, held_id = self.hold()
        self.client.wait_in("", held_id, 20)
        self.assert_trouble({("quarantine", "imap-ca-file"): None}, "certificate is refused")
        self.assert_trouble(
            {**changes, ("quarantine", "imap-url"): f"imaps://127.0.0.1:{dovecot.imaps_port}"},
            "certificate is refused: IP address mismatch",
        )
        self.renew_certificate(days=0)
        time.sleep(1)
        self.assert_trouble(changes, "certificate has expired")
        self.wait_doctor("certificate has expired")

    def test_starttls_is_used_and_what_somebody_puts_before_it_is_refused(self):
        self.renew_certificate()
        proxy = ImapProxy(self.site.dovecot.imap_port)
        self.addCleanup(proxy.close)
        changes = {
            ("quarantine", "imap-url"): f"imap://localhost:{proxy.port}",
            ("quarantine", "imap-ca-file"): self.site.dovecot.directory / "authority.pem",
        }
        start = len(self.cordon.log_text())
        self.cordon.restart(changes)
        self.cordon.wait_for_log("mailbox-opened", 20, start)
        self.assertIn("STARTTLS", proxy.commands)
        self.assertNotIn("AUTHENTICATE", proxy.commands)  # it went under TLS
        proxy.behind_starttls = b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n"
        self.assert_trouble({}, "more than its go-ahead before TLS")
        proxy.behind_starttls = b""
        proxy.hide = [b"STARTTLS"]
        self.assert_trouble({}, "offers no STARTTLS")
        self.assertNotIn("AUTHENTICATE", proxy.commands)

    def renew_certificate(self, days=30):
        self.site.dovecot.certificate.make(days)
        self.site.dovecot.stop()
        self.site.dovecot.start()
        self.client = ReviewClient(self.site.dovecot.imap_port)
        self.addCleanup(self.client.close)

    def assert_trouble(self, changes, words):
        start = len(self.cordon.log_text())
        self.cordon.restart(changes)
        self.cordon.wait_for_log(f"mailbox-trouble.*{words}", 20, start)
