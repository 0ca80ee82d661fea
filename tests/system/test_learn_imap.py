# SPDX-License-Identifier: GPL-2.0-only
"""The first training from a mailbox: `cordon learn --from-imap` against a real Dovecot."""

import imaplib
import subprocess
import unittest

import messages
from rig import places
from rig.dovecot import PASSWORD, Dovecot

USER = "carol"


class LearnFromMailbox(unittest.TestCase):
    def setUp(self):
        self.folder = places.private_directory("learn")
        self.addCleanup(places.remove_directory, self.folder)
        self.dovecot = Dovecot(self.folder / "dovecot", [USER])
        self.dovecot.start()
        self.addCleanup(self.dovecot.stop)
        (self.folder / "run").mkdir()
        self.config = places.write_file(
            self.folder / "cordon.conf",
            f"[cordon]\nstate-directory = {self.folder}\nrun-directory = {self.folder}/run\n"
            "[clamav]\nenabled = no\n",
        )
        self.password = places.write_file(self.folder / "password", PASSWORD + "\n", 0o600)

    def put(self, folder, mails):
        with imaplib.IMAP4("127.0.0.1", self.dovecot.imap_port, timeout=60) as imap:
            imap.login(f"{USER}@example.org", PASSWORD)
            imap.create(folder)
            for mail in mails:
                self.assertEqual(imap.append(folder, None, None, mail)[0], "OK")

    def unseen(self, folder):
        with imaplib.IMAP4("127.0.0.1", self.dovecot.imap_port, timeout=60) as imap:
            imap.login(f"{USER}@example.org", PASSWORD)
            imap.select(folder, readonly=True)
            return len(imap.search(None, "UNSEEN")[1][0].split())

    def learn(self, label, *folders, password=None):
        words = [word for name in folders for word in ("--from-imap", name)]
        return subprocess.run(
            [places.BUILD / "cordon", "learn", label, "--config", self.config, *words,
             "--imap-url", f"imap://127.0.0.1:{self.dovecot.imap_port}", "--imap-plaintext",
             "--imap-user", f"{USER}@example.org",
             "--imap-password-file", password or self.password],
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip

    def test_folders_are_learned_once_and_nothing_changes_there(self):
        self.put("INBOX", [messages.clean() for _ in range(3)])
        self.put("&AMQ-ltere", [messages.clean() for _ in range(2)])
        self.put("Junk", [messages.gtube()])
        done = self.learn("ham", "INBOX", "Ältere")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("5 learned, 0 corrected, 0 known already, 0 not read", done.stdout)
        self.assertEqual(self.unseen("INBOX"), 3)
        done = self.learn("ham", "INBOX")
        self.assertIn("0 learned, 0 corrected, 3 known already", done.stdout)
        done = self.learn("spam", "Junk")
        self.assertIn("in all 5 ham, 1 spam", done.stdout)

    def test_what_is_wrong_is_said(self):
        done = self.learn("ham", "Nowhere")
        self.assertEqual(done.returncode, 66)
        self.assertIn("Nowhere", done.stderr)
        wrong = places.write_file(self.folder / "wrong", "wrong\n", 0o600)
        done = self.learn("ham", "INBOX", password=wrong)
        self.assertEqual(done.returncode, 66)
        self.assertIn("imap-password-file", done.stderr)


if __name__ == "__main__":
    unittest.main()
