# SPDX-License-Identifier: GPL-2.0-only
"""An SMTP server that keeps every command and every byte, and answers as a test tells it."""

import dataclasses
import socketserver
import ssl
import threading

from . import places

EXTENSIONS = ("SIZE 100000000", "8BITMIME", "DSN", "SMTPUTF8", "ENHANCEDSTATUSCODES")


@dataclasses.dataclass
class Received:
    mail: str
    recipients: list
    data: bytes  # dots taken away again

    @property
    def original(self):
        """Without the fields that a release puts before the message."""
        head, received, rest = self.data.split(b"\r\n", 2)
        assert head.startswith(b"X-Cordon-Release: v1."), head
        assert received.startswith(b"Received: by "), received
        return rest.split(b"\r\n", 1)[1]


class SmtpSink:
    """replies: [(start of a command, reply, how often)], the first that fits answers; "." is the end
    of data. A reply of None closes the connection. at_data() is called before DATA is answered, at_dot()
    before the end of data is, at_quit(what the session has brought) before QUIT is.
    certificate: (chain, key), with which STARTTLS is offered; behind_starttls: bytes that follow its
    go-ahead in plain; is_deaf: no handshake follows it."""

    def __init__(self, extensions=EXTENSIONS, certificate=None):
        self.context, self.behind_starttls, self.is_deaf = None, b"", False
        self.commands, self.handshakes = [], 0
        if certificate:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(*certificate)
        self.extensions, self.replies, self.received, self.connections = extensions, [], [], 0
        self.at_data, self.at_dot, self.at_quit = lambda: None, lambda: None, lambda kept: None
        sink = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                sink.connections += 1
                try:
                    sink.serve(self)
                except (ConnectionError, ssl.SSLError, _Closed):
                    pass

        self.port = places.free_port()
        socketserver.ThreadingTCPServer.allow_reuse_address = True
        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", self.port), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def keep(self, mail):
        self.received.append(mail)
        return mail

    def answer(self, command, reply, times=1):
        self.replies.append([command, reply, times])

    def _reply_to(self, command, usual):
        for entry in self.replies:
            if entry[2] and command.upper().startswith(entry[0].upper()):
                entry[2] -= 1
                return entry[1]
        return usual

    def _send(self, handler, command, usual):
        reply = self._reply_to(command, usual)
        if reply is None:
            raise _Closed
        handler.wfile.write(reply.encode() + b"\r\n")
        return reply

    def _encrypt(self, handler):
        reply = self._reply_to("STARTTLS", "220 go")
        handler.wfile.write(reply.encode() + b"\r\n" + self.behind_starttls)
        if not reply.startswith("220"):
            return
        if self.is_deaf:
            handler.wfile.write(b"no handshake of mine\r\n")
            raise _Closed
        handler.connection = self.context.wrap_socket(handler.connection, server_side=True)
        self.handshakes += 1
        handler.rfile = handler.connection.makefile("rb")
        handler.wfile = handler.connection.makefile("wb", buffering=0)

    def serve(self, handler):
        mail, recipients, kept = "", [], []
        self._send(handler, "connect", "220 sink")
        while line := handler.rfile.readline():
            command = line.decode(errors="surrogateescape").rstrip("\r\n")
            self.commands.append(command)
            if command.startswith("EHLO"):
                may_encrypt = self.context and not isinstance(handler.connection, ssl.SSLSocket)
                lines = ["sink", *self.extensions, *(["STARTTLS"] if may_encrypt else [])]
                usual = "\r\n".join(f"250{' ' if x is lines[-1] else '-'}{x}" for x in lines)
                self._send(handler, command, usual)
            elif command.startswith("MAIL"):
                mail, recipients = command, []
                self._send(handler, command, "250 ok")
            elif command.startswith("RCPT"):
                if self._send(handler, command, "250 ok").startswith("250"):
                    recipients.append(command)
            elif command == "STARTTLS":
                self._encrypt(handler)
            elif command == "DATA":
                self.at_data()
                if not self._send(handler, command, "354 go").startswith("354"):
                    continue
                data = read_data(handler.rfile)
                self.at_dot()
                if self._send(handler, ".", "250 kept").startswith("250"):
                    kept.append(self.keep(Received(mail, recipients, data)))
            else:
                if command == "QUIT":
                    self.at_quit(kept)
                self._send(handler, command, "221 bye" if command == "QUIT" else "250 ok")


class _Closed(Exception):
    pass


def read_data(stream):
    lines = []
    while True:
        line = stream.readline()
        if line == b".\r\n":
            return b"".join(lines)
        if not line:
            raise _Closed  # a message without its final dot is none
        lines.append(line[1:] if line.startswith(b".") else line)
