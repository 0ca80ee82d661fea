# SPDX-License-Identifier: GPL-2.0-only
"""The whole private site, started in the order of dependence and ended in the reverse one."""

import os
import signal
import sys
import threading

from . import places
from .cordon import Cordon
from .dovecot import PASSWORD, Dovecot
from .mailbox import Mailbox
from .places import RigError
from .postfix import Postfix
from .process import tail
from .sendmail import Sendmail
from .smtp import Session, deliver
from .sockets import inet_socket, unix_socket

__all__ = ["MailSite", "RigError", "end_on_signals"]

USERS = ["alice", "bob", "carol", "dave", "postmaster", "quarantine"]
ALIASES = {
    "sales@example.org": "alice@example.org, bob@example.org",
    "team@example.org": "carol@example.org",
}


def end_on_signals():
    """Signals unwind like Ctrl-C does, so that everything that was started is ended."""

    def leave(number, _frame):
        sys.exit(128 + number)

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in a script's background
        signal.signal(signal.SIGTERM, leave)
        signal.signal(signal.SIGHUP, leave)


class MailSite:
    def __init__(
        self,
        purpose="test",
        transport="unix",
        filter_class=Cordon,
        settings=None,
        review=False,
        dovecot=None,
        mta="postfix",
        beside=None,
    ):
        """review: Cordon reviews the quarantine mailbox over IMAP and releases over SMTP. dovecot:
        more arguments of its rig. beside: another site, whose Dovecot this one has too."""
        places.require_root()
        places.require_servers()
        if filter_class is Cordon:
            places.require_programs("cordond", "cordon")
        self.directory = places.private_directory(purpose)
        self.filter_class, self.settings = filter_class, settings
        self.beside = beside
        self.dovecot = (
            beside.dovecot
            if beside
            else Dovecot(self.directory / "dovecot", USERS, **(dovecot or {}))
        )
        mta_class = {"postfix": Postfix, "sendmail": Sendmail}[mta]
        self.mta = mta_class(self.directory / mta, self.dovecot.lmtp_port, USERS, ALIASES)
        # Sendmail wants no folder on the way that others may write to.
        folder = self.mta.queue if mta == "postfix" else self.mta.run
        self.socket = unix_socket(folder) if transport == "unix" else inet_socket()
        self.filter = None
        self.is_reviewed = review
        if review:
            self.settings = {**self._review_settings(), **(self.settings or {})}

    def _review_settings(self):
        password = places.write_file(self.directory / "imap-password", PASSWORD + "\n", 0o600)
        return {
            ("quarantine", "imap-url"): f"imap://127.0.0.1:{self.dovecot.imap_port}",
            ("quarantine", "imap-user"): "quarantine@example.org",
            ("quarantine", "imap-password-file"): password,
            ("quarantine", "release-via"): f"smtp://127.0.0.1:{self.postfix.release_port}",
            ("quarantine", "unseen-append"): "3s",
        }

    @property
    def postfix(self):
        """The MTA, whichever it is: both answer the same questions."""
        return self.mta

    @property
    def cordon(self):
        return self.filter

    def make_filter(self):
        arguments = [self.directory / self.filter_class.name, self.socket]
        if self.filter_class is Cordon:
            arguments.append(self.settings)
        return self.filter_class(*arguments)

    def start(self):
        try:
            if not self.beside:
                self.dovecot.start()
            if self.filter_class:
                self.filter = self.make_filter()
                self.filter.start()
            name = self.socket.name_for(self.mta)
            self.mta.start(name if self.filter else "")
            if self.is_reviewed:
                self.filter.wait_for_log("quarantine-proved", 30)
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self):
        for server in (self.mta, self.filter, None if self.beside else self.dovecot):
            if server:
                server.stop()
        if os.environ.get("CORDON_KEEP_LOGS"):
            print(f"logs are kept in {self.directory}", file=sys.stderr)
        else:
            places.remove_directory(self.directory)

    def __enter__(self):
        end_on_signals()
        return self.start()

    def __exit__(self, *error):
        self.stop()

    def deliver(self, sender, recipients, data, **session):
        return deliver(self.postfix.port, sender, recipients, data, **session)

    def session(self, **options):
        return Session(self.postfix.port, **options)

    def mailbox(self, user):
        return Mailbox(self.dovecot.imap_port, user)

    def report(self):
        """The ends of all logs, for a failing test."""
        logs = [self.postfix.log, self.dovecot.log, *([self.filter.log] if self.filter else [])]
        return "\n".join(f"--- {log.name}\n{tail(log, 12)}" for log in logs)
