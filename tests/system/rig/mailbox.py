# SPDX-License-Identifier: GPL-2.0-only
"""Reading mail back over IMAP, as a person's client would."""

import dataclasses
import email
import email.policy
import imaplib
import re

from .dovecot import PASSWORD
from .process import wait_until

LIST_LINE = re.compile(rb'\((?P<flags>[^)]*)\) "(?P<separator>[^"]*)" (?P<name>.+)')


@dataclasses.dataclass(frozen=True)
class StoredMessage:
    folder: str
    raw: bytes

    @property
    def headers(self):
        return email.message_from_bytes(self.raw, policy=email.policy.compat32)

    def header(self, name):
        values = self.headers.get_all(name)
        return str(values[0]) if values else None

    def count(self, name):
        return len(self.headers.get_all(name) or [])


class Mailbox:
    def __init__(self, port, user):
        self.port, self.user = port, user

    def _connection(self):
        connection = imaplib.IMAP4("127.0.0.1", self.port, timeout=60)
        connection.login(f"{self.user}@example.org", PASSWORD)
        return connection

    def folders(self):
        with self._connection() as imap:
            return self._folders(imap)

    @staticmethod
    def _folders(imap):
        lines = [LIST_LINE.match(line) for line in imap.list()[1] if line]
        names = [
            line["name"].decode().strip('"')
            for line in lines
            if not {b"\\noselect", b"\\nonexistent"} & set(line["flags"].lower().split())
        ]
        return sorted(names, key=lambda name: (name != "INBOX", name))

    def find(self, message_id):
        """All copies of the message with this Message-ID, whatever folder they lie in."""
        return self.search("HEADER", "Message-ID", f'"{message_id}"')

    def search(self, *criteria):
        """All messages that meet the criteria of IMAP, whatever folder they lie in."""
        found = []
        with self._connection() as imap:
            for folder in self._folders(imap):
                imap.select(f'"{folder}"', readonly=True)
                numbers = imap.search(None, *criteria)[1][0].split()
                for number in numbers:
                    found.append(
                        StoredMessage(folder, imap.fetch(number, "(BODY.PEEK[])")[1][0][1])
                    )
        return found

    def wait_for(self, message_id, seconds=15):
        """The one copy that has to be there; fails when there are several."""
        copies = wait_until(
            lambda: self.find(message_id),
            seconds,
            f"arrival of {message_id} in the mailbox of {self.user}",
        )
        if len(copies) != 1:
            raise AssertionError(f"{self.user} has {len(copies)} copies of {message_id}")
        return copies[0]

    def count(self):
        with self._connection() as imap:
            return sum(
                int(imap.select(f'"{folder}"', readonly=True)[1][0])
                for folder in self._folders(imap)
            )


class ReviewClient:
    """A person's mail program on the quarantine mailbox. A folder is named as below Quarantine; the
    one itself is ""."""

    REVIEW_ID = re.compile(rb"X-Cordon-Review: (\w+)", re.IGNORECASE)

    def __init__(self, port, user="quarantine"):
        self.imap = Mailbox(port, user)._connection()

    @staticmethod
    def path(folder):
        if folder.startswith("INBOX"):
            return f'"{folder}"'
        return f'"Quarantine/{folder}"' if folder else '"Quarantine"'

    def items(self, folder=""):
        """{review id: [uid, ...]}"""
        status, _ = self.imap.select(self.path(folder), readonly=True)
        if status != "OK":
            return {}
        found = {}
        answer = self.imap.uid("FETCH", "1:*", "(BODY.PEEK[HEADER.FIELDS (X-Cordon-Review)])")[1]
        for part in answer:
            if not isinstance(part, tuple):
                continue
            uid = int(re.search(rb"UID (\d+)", part[0])[1])
            if match := self.REVIEW_ID.search(part[1]):
                found.setdefault(match[1].decode(), []).append(uid)
        return found

    def everywhere(self, review_id):
        """The folders in which items of this id lie, one entry a copy."""
        folders = ("", "Release", "Release and allow", "Spam", "Released", "Failed", "Virus")
        return [name for name in folders for _ in self.items(name).get(review_id, [])]

    def wait_in(self, folder, review_id, seconds=15):
        return wait_until(
            lambda: self.items(folder).get(review_id),
            seconds,
            f"arrival of item {review_id} in {self.path(folder)}",
            0.05,
        )[0]

    def raw(self, folder, uid):
        self.imap.select(self.path(folder), readonly=True)
        return self.imap.uid("FETCH", str(uid), "(BODY.PEEK[])")[1][0][1]

    def move(self, review_id, source, target, command="MOVE"):
        uid = self.items(source)[review_id][0]
        self.imap.select(self.path(source))
        status, answer = self.imap.uid(command, str(uid), self.path(target))
        if status != "OK":
            raise AssertionError(f"{command}: {answer}")

    def copy(self, review_id, source, target):
        self.move(review_id, source, target, "COPY")

    def append(self, folder, raw):
        status, answer = self.imap.append(self.path(folder), None, None, raw)
        if status != "OK":
            raise AssertionError(f"APPEND: {answer}")

    def delete(self, review_id, source=""):
        uid = self.items(source)[review_id][0]
        self.imap.select(self.path(source))
        self.imap.uid("STORE", str(uid), "+FLAGS", "(\\Deleted)")
        self.imap.expunge()

    def count(self, folder):
        return int(self.imap.select(self.path(folder), readonly=True)[1][0])

    def close(self):
        try:
            self.imap.logout()
        except (imaplib.IMAP4.error, OSError):
            pass
