# SPDX-License-Identifier: GPL-2.0-only
"""Sending: SMTP sessions that keep every reply, speak for any client address, and measure."""

import dataclasses
import smtplib
import socket
import time


@dataclasses.dataclass(frozen=True)
class Reply:
    code: int
    text: str

    def __str__(self):
        return f"{self.code} {self.text}"


@dataclasses.dataclass
class Outcome:
    """What the sender of one message was told."""

    sender: Reply
    recipients: dict
    final: Reply
    seconds: float = 0.0

    @property
    def answer(self):
        """What the sender goes by: the reply after the final dot, or one that came before it."""
        if self.final.code:
            return self.final
        refused = [reply for reply in self.recipients.values() if reply.code != 250]
        return self.sender if self.sender.code != 250 else refused[0]

    @property
    def is_accepted(self):
        return self.final.code == 250


NOT_SENT = Reply(0, "not sent")


class Session(smtplib.SMTP):
    """One connection to Postfix; client is the address that XCLIENT pretends."""

    def __init__(
        self, port, client="198.51.100.7", helo="mail.example.net", name=None, timeout=150, login=None
    ):
        """login: as if this user had authenticated."""
        super().__init__("127.0.0.1", port, local_hostname=helo, timeout=timeout)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.ehlo()
        if client:
            who = f" LOGIN={login}" if login else ""
            self._reply(f"XCLIENT ADDR={client} NAME={name or '[UNAVAILABLE]'} HELO={helo}{who}")
            self.ehlo()

    def _reply(self, command):
        code, text = self.docmd(command)
        return Reply(code, text.decode(errors="replace").replace("\n", " "))

    def message(self, sender, recipients, data, before_dot=None, parameters=""):
        """One transaction; data must have CRLF line ends. before_dot runs before the final dot.
        parameters: of MAIL, with a blank before each."""
        outcome = Outcome(self._reply(f"MAIL FROM:<{sender}>{parameters}"), {}, NOT_SENT)
        for recipient in recipients if outcome.sender.code == 250 else []:
            outcome.recipients[recipient] = self._reply(f"RCPT TO:<{recipient}>")
        if not any(reply.code == 250 for reply in outcome.recipients.values()):
            self.rset()
            return outcome
        go_ahead = self._reply("DATA")
        if go_ahead.code != 354:
            outcome.final = go_ahead
            return outcome
        self.sock.sendall(stuffed(data))
        if before_dot:
            before_dot()
        start = time.perf_counter()
        self.sock.sendall(b".\r\n")
        code, text = self.getreply()
        outcome.seconds = time.perf_counter() - start
        outcome.final = Reply(code, text.decode(errors="replace").replace("\n", " "))
        return outcome

    def __exit__(self, *error):
        try:
            self.quit()
        except (smtplib.SMTPException, OSError):
            pass
        self.close()


def stuffed(data):
    """RFC 5321 4.5.2: a dot before each line that begins with one; the last line ends in CRLF."""
    data = data if data.endswith(b"\r\n") else data + b"\r\n"
    data = data.replace(b"\r\n.", b"\r\n..")
    return b"." + data if data.startswith(b".") else data


def deliver(port, sender, recipients, data, **session):
    """One message over a connection of its own."""
    with Session(port, **session) as connection:
        return connection.message(sender, recipients, data)
