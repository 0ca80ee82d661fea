# SPDX-License-Identifier: GPL-2.0-only
"""The balance of a soak: where each message ended, against where its answers said it would."""

import collections
import hashlib
import imaplib
import re

from rig.dovecot import PASSWORD
from rig.site import ALIASES, USERS
from site_test import CAROL, DAVE

TAKES_SPAM = (CAROL, DAVE)  # whose policy is to get it marked


def users_of(address):
    """The mailboxes that an address of this site leads to."""
    targets = ALIASES.get(address, address).split(", ")
    return [target.split("@")[0] for target in targets]


Copy = collections.namedtuple("Copy", "user cordon_id flag")
FIELDS = "(BODY.PEEK[HEADER.FIELDS (Message-ID X-Cordon-Id X-Spam-Flag)])"
FIELD = re.compile(r"(?m)^([\w-]+):\s*(\S+)")


def copies_in_mailboxes(site):
    """{Message-ID: [Copy]} over all folders of all users."""
    found = collections.defaultdict(list)
    for user in USERS:
        folders = site.mailbox(user).folders()
        with imaplib.IMAP4("127.0.0.1", site.dovecot.imap_port, timeout=60) as imap:
            imap.login(f"{user}@example.org", PASSWORD)
            for folder in folders:
                count = int(imap.select(f'"{folder}"', readonly=True)[1][0])
                for answer in imap.fetch("1:*", FIELDS)[1] if count else []:
                    if isinstance(answer, tuple):
                        fields = dict(FIELD.findall(answer[1].decode(errors="replace").lower()))
                        found[fields.get("message-id", "none")].append(
                            Copy(user, fields.get("x-cordon-id"), fields.get("x-spam-flag"))
                        )
    return found


class Account:
    """Where each message ended, against where it had to; findings by kind."""

    def __init__(self, mails, copies, vault):
        self.findings = collections.defaultdict(list)
        self.vault = vault
        self.held = self.delivered = self.held_twice = 0
        self.held_ids = set()
        for mail in mails:
            self.check(mail, copies.pop(mail.id, []))
        for message_id, strays in copies.items():
            self.add("unknown", f"{message_id} lies with {[copy.user for copy in strays]}")
        self.check_vault(mails)

    def add(self, what, text):
        self.findings[what].append(text)

    def check(self, mail, copies):
        expected, got = collections.Counter(), collections.Counter()
        held = self.held_recipients(mail, copies)
        for recipient in [*mail.accepted, *held]:
            left = mail.accepted[recipient] - held[recipient]
            if left < 0:
                self.add("stray", f"{mail.id} is held for {recipient}, accepted or not")
            if left > 0 and mail.kind == "spam" and recipient not in TAKES_SPAM:
                self.add("spam", f"{mail.id} was to be held for {recipient}")
        for recipient, count in mail.accepted.items():
            for user in users_of(recipient):
                # Dovecot stores one copy, also where two recipients lead to the same mailbox.
                copies_due = expected[user] + count - held[recipient]
                expected[user] = min(copies_due, mail.transactions)
        for copy in copies:
            if copy.flag is None or copy.cordon_id is None:
                self.add("unfiltered", f"{mail.id} with {copy.user} has no header of ours")
            if copy.user != "quarantine":
                got[copy.user] += 1
        self.compare(mail, expected, got)

    def held_recipients(self, mail, copies):
        held, seen = collections.Counter(), set()
        for copy in copies:
            if copy.user != "quarantine":
                continue
            item = self.vault.get(copy.cordon_id)
            if copy.cordon_id in seen:
                self.add("duplicate", f"{mail.id} lies twice in the quarantine")
            elif not item:
                self.add("lost", f"{mail.id}: {copy.cordon_id} is not in the vault")
            else:
                held.update(item["to"])
            seen.add(copy.cordon_id)
        self.held_ids |= seen
        self.held += bool(held)
        return held

    def compare(self, mail, expected, got):
        self.delivered += sum(got.values())
        if mail.kind == "infected" and got:
            self.add("infected", f"{mail.id} lies with {dict(got)}")
        for user in {*expected, *got}:
            lost, extra = expected[user] - got[user], got[user] - expected[user]
            if lost > 0:
                self.add("lost", f"{mail.id}: {lost} for {user}, was told 250")
            if extra > 0 and not expected[user] and not mail.unclear:
                self.add("stray", f"{mail.id} lies with {user}")
            elif extra > mail.unclear:
                self.add("duplicate", f"{mail.id}: {extra} too many for {user}")
        if mail.refusal and mail.kind in ("clean", "encrypted"):
            self.add("refused", f"{mail.id}, {mail.kind}: {mail.refusal}")
        if mail.pending:
            self.add("given up", f"{mail.id}, {mail.kind}: {mail.deferrals} deferrals")

    def check_vault(self, mails):
        """Exact bytes; what is held of a message that was deferred then is no loss, only a copy."""
        by_hash = {hashlib.sha256(mail.data).hexdigest(): mail for mail in mails}
        for held_id, item in self.vault.items():
            mail = by_hash.get(item["sha256"])
            if not mail:
                self.add("changed", f"{held_id} in the vault has bytes that nobody sent")
            elif held_id not in self.held_ids:
                self.held_twice += 1
                if not mail.deferrals:
                    self.add("lost", f"{mail.id}: {held_id} is only in the vault")


CHECKS = {
    "lost": "every message answered 250 lies where it has to",
    "duplicate": "no mailbox has a message twice",
    "stray": "nobody has a message that he was no recipient of",
    "unknown": "no mailbox has a message that nobody sent",
    "infected": "no infected message was delivered",
    "spam": "no spam went past the policy of its recipient",
    "unfiltered": "every delivered message has been through Cordon",
    "refused": "no clean message was refused for good",
    "given up": "every deferred message was answered in the end",
    "changed": "the vault has the bytes that were sent",
}
