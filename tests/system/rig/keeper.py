# SPDX-License-Identifier: GPL-2.0-only
"""A cordon-keeper by itself, as cordond would start it, that is taught events which are made up."""

import contextlib
import hashlib
import os
import pathlib
import random
import select
import socket
import sqlite3
import struct
import subprocess

from . import places

PROTOCOL, LEARN, VERSION = 4, 40, 1
SENT_MAIL, BEHAVIOUR = 44, 45
LEARNED, CORRECTED, KNOWN, OVERRULED = range(4)


def varint(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out + bytes([value]))


def features(numbers):
    out, before = varint(VERSION) + varint(len(numbers)), 0
    for place in numbers:
        out += varint(place - before)
        before = place
    return out


def text(value):
    return struct.pack("<I", len(value)) + value


def event(number, is_spam=None):
    """Always the same one for a number; the odd ones are spam unless something else is said."""
    chance = random.Random(number)
    is_spam = number % 2 if is_spam is None else is_spam
    own = range(500_000, 500_400) if is_spam else range(600_000, 600_400)
    numbers = sorted(chance.sample(range(270_000, 490_000), 60) + chance.sample(own, 20))
    identity = hashlib.sha256(b"%d" % number).hexdigest().encode()
    return (
        text(identity)
        + struct.pack("<QQ", is_spam, 1)
        + text(features(numbers))
        + struct.pack("<Q", 1)
    )


class Keeper:
    process = None

    def __init__(self, folder, settings="", log_level="error"):
        self.folder = pathlib.Path(folder)
        (self.folder / "run").mkdir(parents=True, exist_ok=True)
        self.log = self.folder / "log"
        (self.folder / "config").write_text(
            f"[cordon]\nstate-directory = {folder}\nrun-directory = {folder}/run\n"
            f"[log]\nlevel = {log_level}\n{settings}"
        )
        self.path = str(self.folder / "run" / "keeper.sock")
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.listener.bind(self.path)
        self.listener.listen(64)
        self.control = None

    def start(self):
        control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with open(self.folder / "config", "rb") as config, open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [places.BUILD / "cordon-keeper", "--config-fd", str(config.fileno()),
                 "--listen-fd", str(self.listener.fileno()), "--control-fd", str(theirs.fileno())],
                pass_fds=[config.fileno(), self.listener.fileno(), theirs.fileno()],
                stderr=log,
            )  # fmt: skip
        theirs.close()
        if not control.recv(65536):
            raise places.RigError(f"the keeper did not become ready:\n{self.log.read_text()}")
        self.control = control

    def has_answered(self, connection):
        """The listener is ours and outlives a keeper: a dead one would be waited for in vain."""
        if not self.process:  # it belongs to a whole Cordon
            return True
        death = os.pidfd_open(self.process.pid)
        try:
            select.select([connection, death], [], [], 30)
            return bool(select.select([connection], [], [], 0)[0])
        finally:
            os.close(death)

    def ask(self, kind, body):
        """What is answered, or nothing when the keeper died."""
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
                connection.settimeout(30)
                connection.connect(self.path)
                connection.send(bytes([PROTOCOL, kind, 0]) + text(body))
                answer = connection.recv(200_000) if self.has_answered(connection) else b""
        except OSError:
            return None
        if not answer:
            return None
        if answer[1] != 1:
            raise places.RigError(f"the keeper says {answer[7:]}")
        return answer[7:]

    def learn(self, numbers, is_spam=None):
        """The outcomes and how much is learned, or nothing when the keeper died."""
        body = struct.pack("<I", len(numbers)) + b"".join(event(n, is_spam) for n in numbers)
        reply = self.ask(LEARN, body)
        if reply is None:
            return None
        count = struct.unpack_from("<I", reply)[0]
        outcomes = list(struct.unpack_from(f"<{count}Q", reply, 4))
        return outcomes, struct.unpack_from("<QQ", reply, 4 + 8 * count)

    def see_sender(self, identity, is_spam):
        body = struct.pack("<I", 1) + text(identity.encode()) + struct.pack("<Q", is_spam)
        return self.ask(BEHAVIOUR, body)

    def see_sent(self, recipient, message_id):
        body = struct.pack("<I", 1) + text(recipient.encode()) + text(message_id.encode())
        return self.ask(SENT_MAIL, body)

    def senders(self):
        """All that is remembered of senders, without what waits for a shared store."""
        with contextlib.closing(sqlite3.connect(self.folder / "senders.db")) as database:
            return database.execute("SELECT * FROM memory ORDER BY kind, key").fetchall()

    def stop(self, hard=False):
        if not self.process:
            return
        if hard:
            self.process.kill()
        else:
            self.process.terminate()
        self.process.wait()
        self.control.close()
        self.process = None

    def close(self):
        self.stop()
        self.listener.close()

    def table(self):
        """Numbers of ham and spam, and the weights, as the workers see them."""
        content = (self.folder / "run" / "weights").read_bytes()
        return struct.unpack_from("<QQ", content, 32), content[4096:]

    def log_text(self):
        return self.log.read_text(errors="replace")
