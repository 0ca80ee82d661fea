# SPDX-License-Identifier: GPL-2.0-only
"""Folders of recipients: each sees what is held for him, and releases it for himself."""

from review_test import ReviewTest
from rig import MailSite, places
from rig.mailbox import Mailbox, ReviewClient
from rig.process import wait_until
from site_test import ALICE, BOB, POLICIES

SAMPLE = places.TOP / "conf" / "dovecot" / "user-folders.conf.sample"
SHARED = "shared/quarantine/Quarantine/Users/"


class UserClient:
    """A recipient's mail program on what the quarantine shares with him."""

    def __init__(self, port, user):
        self.user = user
        self.imap = Mailbox(port, user)._connection()

    def folder(self, address, below=""):
        return f'"{SHARED}{address.replace(".", "&ALc-")}{below}"'

    def listed(self):
        return sorted(
            line.decode().rpartition(" ")[2].strip('"')
            for line in self.imap.list('""', '"shared/*"')[1]
            if line and b"Users/" in line
        )

    def items(self, folder):
        status, _ = self.imap.select(folder, readonly=True)
        if status != "OK":
            return {}
        found = {}
        answer = self.imap.uid("FETCH", "1:*", "(BODY.PEEK[HEADER.FIELDS (X-Cordon-Review)])")[1]
        for part in answer:
            if isinstance(part, tuple) and (match := ReviewClient.REVIEW_ID.search(part[1])):
                found[match[1].decode()] = part[0].split()[2].decode()
        return found

    def move(self, held_id, source, target):
        uid = self.items(source)[held_id]
        self.imap.select(source)
        return self.imap.uid("MOVE", uid, target)[0]


class UserFoldersTest(ReviewTest):
    @classmethod
    def setUpClass(cls):
        cls.site = MailSite(
            "users",
            settings={
                **POLICIES,
                (f"user.{ALICE}", "quarantine"): "6",
                (f"user.{ALICE}", "reject"): "100000",
                ("quarantine", "user-folders"): "shared",
                ("quarantine", "user-login"): "local-part",
            },
            review=True,
        )
        text = SAMPLE.read_text()
        shipped = "/var/lib/dovecot/shared-mailboxes"
        assert text.count(shipped) == 1
        folder = cls.site.directory / "dovecot" / "mail"
        cls.site.dovecot.configure(text.replace(shipped, f"{folder}/shared-mailboxes"))
        cls.site.start()
        cls.addClassCleanup(cls.site.stop)
        cls.cordon = cls.site.cordon

    def user(self, name):
        client = UserClient(self.site.dovecot.imap_port, name)
        self.addCleanup(client.imap.logout)
        return client

    def wait_item(self, client, address, held_id, below=""):
        folder = client.folder(address, below)
        wait_until(lambda: held_id in client.items(folder), 30, f"{held_id} in {folder}")
        return folder

    def test_each_sees_and_releases_his_own_and_for_himself(self):
        message, held_id = self.hold(ALICE, BOB)
        # Dovecot remembers for 30 s what a session may not see.
        for address in (ALICE, BOB):
            self.cordon.wait_for_log(f"item-filed id={held_id} .*Users/{address[:4]}", 30)
        alice, bob = self.user("alice"), self.user("bob")
        hers = self.wait_item(alice, ALICE, held_id)
        his = self.wait_item(bob, BOB, held_id)

        # Neither sees, opens or fills the folders of the other, nor what reviewers see.
        self.assertTrue(alice.listed())
        for name in alice.listed():
            self.assertTrue(name.startswith(hers.strip('"')), name)
        for foreign in (his, bob.folder(BOB, "/Release"), '"shared/quarantine/Quarantine"'):
            self.assertEqual(alice.items(foreign), {})
            self.assertEqual(alice.move(held_id, hers, foreign), "NO")
        raw = self.raw(alice, hers, held_id)
        self.assertNotIn(b"bob@example.org", raw.split(b"held-")[0])

        self.assertEqual(alice.move(held_id, hers, alice.folder(ALICE, "/Release")), "OK")
        self.wait_delivered(message, "alice", 30)
        self.site.postfix.wait_empty()
        self.assertEqual(len(self.copies(message, "alice")), 1)
        self.assertEqual(self.copies(message, "bob"), [])
        wait_until(
            lambda: not alice.items(hers) and not alice.items(alice.folder(ALICE, "/Release")),
            30,
            "an empty folder of alice",
        )
        self.assertIn(held_id, bob.items(his))
        _, audit, _ = self.cordon.command(
            "quarantine", "audit", held_id, "--config", str(self.cordon.config)
        )
        self.assertIn(f"user:{ALICE}", audit)

        # An item that she makes up herself, in her own Release, releases nothing of Bob's.
        _, other = self.hold(BOB)
        forged = f"X-Cordon-Review: {other}\r\nSubject: x\r\n\r\n".encode()
        self.assertEqual(
            alice.imap.append(alice.folder(ALICE, "/Release"), None, None, forged)[0], "OK"
        )
        self.wait_item(bob, BOB, other)
        wait_until(
            lambda: alice.items(alice.folder(ALICE, "/Release")) in ({}, {other: "2"}), 30, "a look"
        )
        self.assertEqual(bob.move(held_id, his, bob.folder(BOB, "/Release")), "OK")
        self.wait_delivered(message, "bob", 30)
        self.assertIn(other, bob.items(his))

    @staticmethod
    def raw(client, folder, held_id):
        uid = client.items(folder)[held_id]
        client.imap.select(folder, readonly=True)
        return client.imap.uid("FETCH", uid, "(BODY.PEEK[])")[1][0][1]
