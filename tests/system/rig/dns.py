# SPDX-License-Identifier: GPL-2.0-only
"""A small name server on loopback, over UDP and TCP, which misbehaves when it is told to.

Records are {name: {type: [value]}}; a name may instead be "TIMEOUT", "SERVFAIL" or "TRUNCATED" (whole
only over TCP); "DELAY" among its types is how many seconds its answers take. What begins with "*."
matches all names below.
"""

import contextlib
import queue
import socket
import struct
import threading
import time

from .places import RigError

TYPES = {1: "A", 2: "NS", 12: "PTR", 15: "MX", 16: "TXT", 28: "AAAA"}
NOERROR, SERVFAIL, NXDOMAIN = 0, 2, 3


def encode_name(name):
    labels = [label.encode() for label in name.split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def encode_value(kind, value):
    if kind == "A":
        return socket.inet_aton(value)
    if kind == "AAAA":
        return socket.inet_pton(socket.AF_INET6, value)
    if kind == "TXT":
        data = value.encode()
        parts = [data[i : i + 255] for i in range(0, len(data), 255)] or [b""]
        return b"".join(bytes([len(part)]) + part for part in parts)
    if kind == "MX":
        preference, host = value.split()
        return struct.pack(">H", int(preference)) + encode_name(host)
    return encode_name(value)


def same_port():
    """A UDP and a TCP socket with one number, which the other protocol's may have taken already."""
    for _ in range(100):
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.bind(("127.0.0.1", 0))
        try:
            return udp, socket.create_server(udp.getsockname())
        except OSError:
            udp.close()
    raise RigError("no port is free for both protocols")


class NameServer:
    def __init__(self, zone):
        self.zone, self.is_dead = zone, False
        self.questions, self.over_tcp = [], 0
        # Answers below this name are kept back until so many questions are waiting for them.
        self.gathered, self.gather_below, self.kept = 0, None, []
        self.udp, self.tcp = same_port()
        self.port = self.udp.getsockname()[1]
        self.late = queue.SimpleQueue()
        for serve in (self._serve_udp, self._serve_tcp, self._serve_late):
            threading.Thread(target=serve, daemon=True).start()

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def stop(self):
        for listener in (self.udp, self.tcp):
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()

    def asked(self, name):
        return sum(question == name for question, _ in self.questions)

    def _serve_udp(self):
        with contextlib.suppress(OSError):
            while True:
                query, client = self.udp.recvfrom(4096)
                answer = self._answer(query, over_tcp=False)
                name = self.questions[-1][0] if self.questions else ""
                if not answer:
                    continue
                if self.gather_below and name.endswith(self.gather_below):
                    self._keep_back(answer, client)
                elif delay := self._delay_of(name):
                    self.late.put((time.monotonic() + delay, answer, client))
                else:
                    self._send(answer, client)

    def _serve_late(self):
        """In the order of the questions: delays of one zone are alike."""
        while True:
            due, answer, client = self.late.get()
            time.sleep(max(0.0, due - time.monotonic()))
            self._send(answer, client)

    def _send(self, answer, client):
        with contextlib.suppress(OSError):
            self.udp.sendto(answer, client)

    def _keep_back(self, answer, client):
        self.kept.append((answer, client))
        if len(self.kept) >= self.gathered:
            for one in self.kept:
                self._send(*one)
            self.kept = []

    def _delay_of(self, name):
        records = self._find(name)
        return records.get("DELAY", 0) if isinstance(records, dict) else 0

    def _serve_tcp(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.tcp.accept()
                with connection, contextlib.suppress(OSError):
                    connection.settimeout(5)
                    (size,) = struct.unpack(">H", connection.recv(2, socket.MSG_WAITALL))
                    self.over_tcp += 1
                    answer = self._answer(connection.recv(size, socket.MSG_WAITALL), over_tcp=True)
                    if answer:
                        connection.sendall(struct.pack(">H", len(answer)) + answer)

    def _find(self, name):
        if name in self.zone:
            return self.zone[name]
        parents = (name.split(".", i)[-1] for i in range(1, name.count(".") + 1))
        return next((self.zone["*." + p] for p in parents if "*." + p in self.zone), None)

    def _answer(self, query, over_tcp):
        if len(query) < 17:
            return None
        at, labels = 12, []
        while query[at]:
            labels.append(query[at + 1 : at + 1 + query[at]].decode("latin-1").lower())
            at += query[at] + 1
        name, (kind,) = ".".join(labels), struct.unpack(">H", query[at + 1 : at + 3])
        self.questions.append((name, TYPES.get(kind, kind)))
        records = self._find(name)
        if self.is_dead or records == "TIMEOUT":
            return None
        code, flags, values = NOERROR, 0x8180, []
        if name and records is None:
            code = NXDOMAIN
        elif records == "SERVFAIL":
            code = SERVFAIL
        elif isinstance(records, dict):
            if "TRUNCATED" in records and not over_tcp:
                flags |= 0x0200
            else:
                values = records.get(TYPES.get(kind), [])
        head = query[:2] + struct.pack(">5H", flags | code, 1, len(values), 0, 0)
        answers = b"".join(
            b"\xc0\x0c" + struct.pack(">2HIH", kind, 1, 60, len(data)) + data
            for data in (encode_value(TYPES[kind], value) for value in values)
        )
        return head + query[12 : at + 5] + answers
