# SPDX-License-Identifier: GPL-2.0-only
"""A man in the middle between an IMAP client and its server, who makes the server worse.

It hides capabilities, refuses commands, says BYE, and drops the connection after a number of bytes.
It understands lines and literals, nothing else.
"""

import random
import re
import socket
import threading

from . import places

VALIDITY = re.compile(rb"\[(UIDVALIDITY|APPENDUID|COPYUID) (\d+)")
LITERAL = re.compile(rb"\{(\d+)\+?\}\r\n$")


class ImapProxy:
    """hide: capabilities that the client shall not see. cut_after: bytes of both directions after
    which the next connection is dropped, once. refuse: chance that a command is answered NO, BAD or
    BYE. refuse_next: the next command that this expression finds is answered NO. All may be changed
    while it runs."""

    def __init__(self, server_port, hide=(), seed=0):
        self.server_port = server_port
        self.hide = [word.encode() for word in hide]
        self.cut_after = None
        self.refuse = 0.0
        self.refuse_next = None
        self.behind_starttls = b""  # what somebody in between puts behind the go-ahead
        self.validity = 0  # what is added to each UIDVALIDITY
        self.refused = 0
        self.cuts = 0
        self.bytes = 0  # of the last connection that ended or still lives
        self.commands = []  # words of the commands, in order
        self._random = random.Random(seed)
        self._connections = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self._listener.close()
        self.drop_all()

    def drop_all(self):
        """The server restarted, as its clients see it."""
        for connection in list(self._connections):
            connection.end()

    def longest(self):
        """Bytes of the longest connection that still lives."""
        return max((connection.count for connection in list(self._connections)), default=0)

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.server_port), timeout=10)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            for end in (client, server):  # else each line waits for a delayed acknowledgement
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            Connection(self, client, server).start()

    def command_word(self, line):
        words = line.split()
        word = words[1].upper() if len(words) > 1 else b""
        if word == b"UID" and len(words) > 2:
            word += b" " + words[2].upper()
        return word.decode(errors="replace")


class Connection:
    def __init__(self, proxy, client, server):
        self.proxy, self.client, self.server = proxy, client, server
        self.left = proxy.cut_after
        proxy.cut_after = None
        self.count = 0
        self.starttls_tag = b""
        self.lock = threading.Lock()
        proxy._connections.add(self)

    def start(self):
        for target in (self._from_client, self._from_server):
            threading.Thread(target=self._run, args=(target,), daemon=True).start()

    def _run(self, target):
        try:
            target()
        except OSError:
            pass
        self.end()

    def end(self):
        self.proxy._connections.discard(self)
        for end in (self.client, self.server):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            end.close()

    def _pass(self, to, data):
        with self.lock:
            if self.left is not None:
                if len(data) >= self.left:
                    to.sendall(data[: self.left])
                    self.proxy.cuts += 1
                    raise OSError("cut")
                self.left -= len(data)
            self.count += len(data)
            self.proxy.bytes = self.count
            to.sendall(data)

    def _from_client(self):
        stream = self.client.makefile("rb")
        while line := stream.readline():
            self.proxy.commands.append(self.proxy.command_word(line))
            if self._refuses(line):
                continue
            if self.proxy.commands[-1] == "STARTTLS":
                self.starttls_tag = line.split()[0]
                self._pass(self.server, line)
                self._pass_bytes(self.server, stream)
                return
            self._pass(self.server, line)
            while literal := LITERAL.search(line):
                left = int(literal[1])
                while left:
                    data = stream.read1(min(left, 65536))
                    if not data:
                        return
                    left -= len(data)
                    self._pass(self.server, data)
                line = stream.readline()
                self._pass(self.server, line)

    def _pass_bytes(self, target, stream):
        """From here on it is TLS, which has no lines."""
        while data := stream.read1(65536):
            self._pass(target, data)

    def _refuses(self, line):
        proxy = self.proxy
        if proxy.refuse_next and re.search(proxy.refuse_next, line):
            proxy.refuse_next = None
            self._pass(self.client, line.split()[0] + b" NO the proxy says so, once\r\n")
            return True
        if line.strip().upper() == b"DONE" or proxy._random.random() >= proxy.refuse:
            return False
        proxy.refused += 1
        tag = line.split()[0]
        kind = proxy._random.choice([b"NO", b"NO", b"BAD", b"BYE"])
        if kind == b"BYE":
            self._pass(self.client, b"* BYE the proxy says so\r\n")
            raise OSError("bye")
        self._pass(self.client, tag + b" " + kind + b" the proxy says so\r\n")
        return True

    def _another_validity(self, match):
        return b"[%s %d" % (match[1], int(match[2]) + self.proxy.validity)

    def _from_server(self):
        stream = self.server.makefile("rb")
        while line := stream.readline():
            if line.startswith(b"* CAPABILITY "):
                words = [w for w in line.split() if w not in self.proxy.hide]
                line = b" ".join(words) + b"\r\n"
            if self.proxy.validity:
                line = VALIDITY.sub(self._another_validity, line)
            if self.starttls_tag and line.startswith(self.starttls_tag):
                self._pass(self.client, line + self.proxy.behind_starttls)
                self._pass_bytes(self.client, stream)
                return
            self._pass(self.client, line)
            if literal := LITERAL.search(line):
                left = int(literal[1])
                while left:
                    data = stream.read1(min(left, 65536))
                    if not data:
                        return
                    left -= len(data)
                    self._pass(self.client, data)
