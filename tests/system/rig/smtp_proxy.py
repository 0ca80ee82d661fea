# SPDX-License-Identifier: GPL-2.0-only
"""Between a release and its SMTP server: notes when the final dot of each held message went by, and
when the server's reply to it did. It changes nothing."""

import dataclasses
import re
import socket
import threading
import time

HELD_ID = re.compile(rb"Received: by \S+ \(Cordon\) id (\w+);")
END_OF_DATA = b"\r\n.\r\n"


@dataclasses.dataclass
class Passage:
    held_id: str
    dot: float
    reply: float = 0.0
    code: str = ""

    @property
    def is_accepted(self):
        return self.code == "250"


class SmtpProxy:
    def __init__(self, server_port):
        self.server_port, self.passages = server_port, []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self._listener.close()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        try:
            server = socket.create_connection(("127.0.0.1", self.server_port), timeout=10)
        except OSError:
            client.close()
            return
        server.settimeout(None)
        connection = _Connection(self, client, server)
        threading.Thread(target=connection.from_server, daemon=True).start()
        connection.from_client()


class _Connection:
    def __init__(self, proxy, client, server):
        self.proxy, self.client, self.server = proxy, client, server
        self.is_data = False
        self.passage = None

    def end(self):
        for each in (self.client, self.server):
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def from_client(self):
        tail, head = b"", b""
        try:
            while data := self.client.recv(65536):
                if self.is_data:
                    head = (head + data)[:4096]
                    if (tail + data).endswith(END_OF_DATA) and (found := HELD_ID.search(head)):
                        self.passage = Passage(found[1].decode(), time.monotonic())
                        self.proxy.passages.append(self.passage)
                        self.is_data, head = False, b""
                    tail = (tail + data)[-len(END_OF_DATA) :]
                self.server.sendall(data)
        except OSError:
            pass
        self.end()

    def from_server(self):
        try:
            while data := self.server.recv(65536):
                if data.startswith(b"354"):
                    self.is_data = True
                elif self.passage and not self.passage.code:
                    self.passage.reply, self.passage.code = time.monotonic(), data[:3].decode()
                self.client.sendall(data)
        except OSError:
            pass
        self.end()
        self.client.close()
        self.server.close()
