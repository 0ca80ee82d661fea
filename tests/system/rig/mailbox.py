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
        names = [
            LIST_LINE.match(line)["name"].decode().strip('"') for line in imap.list()[1] if line
        ]
        return sorted(names, key=lambda name: (name != "INBOX", name))

    def find(self, message_id):
        """All copies of the message with this Message-ID, whatever folder they lie in."""
        found = []
        with self._connection() as imap:
            for folder in self._folders(imap):
                imap.select(f'"{folder}"', readonly=True)
                numbers = imap.search(None, "HEADER", "Message-ID", f'"{message_id}"')[1][0].split()
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
