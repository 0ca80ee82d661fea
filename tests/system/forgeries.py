#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Forged, replayed, altered and foreign seals, release headers and answers to digests.

forgeries.py [--count N]: how many of N attempts were accepted; none may be. At the end the genuine
ones work, so that the attempts failed for being forged.
"""

import argparse
import pathlib
import random
import re
import secrets
import socket
import string
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import messages  # noqa: E402
from rig import MailSite, deliver  # noqa: E402
from rig.mailbox import ReviewClient  # noqa: E402
from rig.process import wait_until  # noqa: E402
from rig.site import USERS, end_on_signals  # noqa: E402
from site_test import ALICE, BOB, POLICIES, QUARANTINE, SENDER  # noqa: E402
from test_digest import TOKEN, answer_mail  # noqa: E402

SETTINGS = {
    **POLICIES,
    ("cordon", "own-networks"): "192.0.2.0/24",
    (f"user.{BOB}", "digest"): "yes",
}
INSIDE, OUTSIDE = "192.0.2.20", "198.51.100.7"


class Wiretap:
    """Stands before the listener of releases and keeps what went by."""

    def __init__(self, target):
        self.target, self.seen = target, b""
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            client = self.listener.accept()[0]
            try:
                server = socket.create_connection(("127.0.0.1", self.target()))
            except OSError:  # not there yet
                client.close()
                continue
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=self._pass, args=(source, sink), daemon=True).start()

    def _pass(self, source, sink):
        try:
            while data := source.recv(65536):
                self.seen += data
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def nonces(self):
        return re.findall(rb"X-Cordon-Release: (v1\.[0-9a-f]{64})\r\n", self.seen)


def altered(text, chance):
    """Some characters of it are others."""
    place = chance.randrange(3, len(text))
    alphabet = string.hexdigits + "-_." + string.ascii_letters
    other = chance.choice([c for c in alphabet if c != text[place]])
    return text[:place] + other + text[place + 1 :]


class Attack:
    """What an attacker knows: an item's seal, releases that went by, and a digest of Bob's."""

    def __init__(self, site, wiretap, chance):
        self.site, self.chance = site, chance
        self.client = ReviewClient(site.dovecot.imap_port)
        self.held, self.held_id = self._hold()
        _, released_id = self._hold()
        self.seal = self._seal(self.held_id)
        self._command("release", released_id)
        wait_until(wiretap.nonces, 30, "a release to go by")
        self.nonces = [nonce.decode() for nonce in wiretap.nonces()]
        self._command("digest", BOB)
        self.token = self._token()
        self.sent = []

    def _command(self, *words):
        status, output, errors = self.site.cordon.command(
            "quarantine", *words, "--config", str(self.site.cordon.config)
        )
        if status:
            raise AssertionError(f"{words}: {errors}")
        return output

    def _hold(self):
        message = messages.gtube()
        self.site.deliver(SENDER, [BOB], message)
        verdict = self.site.cordon.wait_for_verdicts(messages.message_id_of(message))[0]
        self.client.wait_in("", verdict["id"], 30)
        return message, verdict["id"]

    def _seal(self, held_id):
        raw = self.client.raw("", self.client.wait_in("", held_id))
        value = re.search(rb"X-Cordon-Seal:((?:[^\n]|\n[ \t])*)", raw)[1]
        return "".join(value.decode().split())

    def _token(self):
        def find():
            with self.site.mailbox("bob")._connection() as imap:
                imap.select("INBOX", readonly=True)
                for number in imap.search(None, "HEADER", "Auto-Submitted", "gen")[1][0].split():
                    text = imap.fetch(number, "(BODY.PEEK[TEXT])")[1][0][1].decode()
                    text = text.replace("=\r\n", "").replace("=3D", "=")
                    for _, token in TOKEN.findall(text):
                        if self.held_id in token:
                            return token
            return None

        return wait_until(find, 30, "the digest")

    def _send(self, sender, recipients, message, port=None, **session):
        self.sent.append(messages.message_id_of(message))
        if port is None:
            return self.site.deliver(sender, recipients, message, **session)
        return deliver(port, sender, recipients, message, client=None)

    def release_header(self):
        """Spam that claims to be a release: a nonce that was invented, or used, or altered."""
        nonce = self.chance.choice(
            [
                "v1." + secrets.token_hex(32),
                self.chance.choice(self.nonces),
                altered(self.chance.choice(self.nonces), self.chance),
                "v1." + "0" * 64,
                "",
            ]
        )
        message = f"X-Cordon-Release: {nonce}\r\n".encode() + messages.gtube()
        sender, recipient = self.chance.choice([(SENDER, ALICE), ("", ALICE)])
        port = self.chance.choice([None, self.site.postfix.release_port])
        return self._send(sender, [recipient], message, port)

    def seal_header(self):
        """Mail with a seal that was invented, altered, of a foreign key, or a real one replayed."""
        kind = self.chance.randrange(4)
        seal = self.seal
        if kind == 0:
            seal = "v1.{}.{}".format(secrets.token_hex(4), secrets.token_urlsafe(300))
        elif kind == 1:
            seal = altered(seal, self.chance)
        elif kind == 2:
            version, _, rest = seal.split(".", 2)
            seal = ".".join([version, secrets.token_hex(4), rest])
        folds = "\r\n ".join(seal[i : i + 70] for i in range(0, len(seal), 70))
        fields = f"X-Cordon-Seal: {folds}\r\nX-Cordon-Id: {self.held_id}\r\n"
        recipients = self.chance.choice([[ALICE], [QUARANTINE], [QUARANTINE, ALICE]])
        return self._send(SENDER, recipients, fields.encode() + messages.gtube())

    def digest_answer(self):
        """Bob's own word from others, in his name from outside, by a program, or altered."""
        kind = self.chance.randrange(5)
        token, sender, extra = self.token, BOB, ""
        session = {"login": BOB, "client": INSIDE}
        if kind == 0:
            token = altered(token, self.chance)
        elif kind == 1:
            session = {"client": OUTSIDE}
        elif kind == 2:
            sender = self.chance.choice([ALICE, "mallory@example.net", "bobby@example.org"])
            session = {"login": sender, "client": INSIDE}
        elif kind == 3:
            extra = "Auto-Submitted: auto-replied\r\n"
        else:
            token = token[:-32] + secrets.token_hex(16)
        message = answer_mail(sender, token, extra)
        if kind == 1 and self.chance.random() < 0.5:
            sender = self.chance.choice(["", "mallory@example.net"])
        return self._send(sender, [QUARANTINE], message, **session)

    def accepted(self):
        """What got through: orders for the held message, and mail of ours in somebody's mailbox."""
        found = [
            line
            for line in self._command("audit", self.held_id).splitlines()
            if " release" in line or " sent" in line
        ]
        self.site.postfix.wait_empty(60)
        sent = set(self.sent)
        for user in USERS:
            if user == "quarantine":
                continue
            with self.site.mailbox(user)._connection() as imap:
                if imap.select("INBOX", readonly=True)[1] == [b"0"]:
                    continue
                parts = imap.fetch("1:*", "(BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])")[1]
                for part in parts:
                    if isinstance(part, tuple):
                        mid = part[1].decode().partition(":")[2].strip()
                        found += [f"{mid} reached {user}"] if mid in sent else []
        log = self.site.cordon.log_text()
        found += re.findall(r"^.*digest-answer.*action=released.*$", log, re.MULTILINE)
        return found

    def genuine(self):
        """The same token, by Bob, works; once."""
        message = answer_mail(BOB, self.token)
        for _ in range(2):
            self.site.deliver(BOB, [QUARANTINE], message, login=BOB, client=INSIDE)
        message_id = messages.message_id_of(self.held)
        mailbox = self.site.mailbox("bob")
        wait_until(lambda: mailbox.find(message_id), 30, "the genuine release")
        self.site.postfix.wait_empty(60)
        return len(mailbox.find(message_id))


KINDS = ("release_header", "seal_header", "digest_answer")


def attack(count, seed=4):
    """({kind: tried}, [what was accepted], copies of what was released in earnest)"""
    wiretap = Wiretap(lambda: site.postfix.release_port)
    site = MailSite(
        "forgeries",
        settings={**SETTINGS, ("quarantine", "release-via"): f"smtp://127.0.0.1:{wiretap.port}"},
        review=True,
    )
    with site:
        attempt = Attack(site, wiretap, random.Random(seed))
        tried = dict.fromkeys(KINDS, 0)
        for number in range(count):
            kind = KINDS[number % len(KINDS)]
            getattr(attempt, kind)()
            tried[kind] += 1
        accepted = attempt.accepted()
        copies = attempt.genuine()
        attempt.client.close()
    return tried, accepted, copies


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=500)
    count = parser.parse_args().count
    end_on_signals()
    tried, accepted, copies = attack(count)
    for kind, number in tried.items():
        print(f"{kind.replace('_', ' '):<16} {number:4} tried")
    for line in accepted:
        print("ACCEPTED", line)
    print(f"{len(accepted)} accepted; the genuine answer delivered {copies} copy")
    return 0 if not accepted and copies == 1 else 1


if __name__ == "__main__":
    sys.exit(main())
