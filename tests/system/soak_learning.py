#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Kills a keeper that is learning, again and again: nothing acknowledged is lost, nothing counts twice.

soak_learning.py [KILLS]. A keeper of its own on a private folder; the events are made up. At the end
the table must be byte for byte that of a keeper that was never killed, and every acknowledged event
must be known.
"""

import hashlib
import os
import pathlib
import random
import socket
import struct
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]
KEEPER = TOP / "build" / "cordon-keeper"
PROTOCOL, LEARN, VERSION = 2, 40, 1


def varint(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out + bytes([value]))


def features(places):
    out, before = varint(VERSION) + varint(len(places)), 0
    for place in places:
        out += varint(place - before)
        before = place
    return out


def text(value):
    return struct.pack("<I", len(value)) + value


def event(number):
    chance = random.Random(number)
    is_spam = number % 2
    own = range(500_000, 500_400) if is_spam else range(600_000, 600_400)
    places = sorted(chance.sample(range(270_000, 490_000), 60) + chance.sample(own, 20))
    identity = hashlib.sha256(b"%d" % number).hexdigest().encode()
    return (
        text(identity) + struct.pack("<QQ", is_spam, 1) + text(features(places)) + struct.pack("<Q", 1)
    )


class Keeper:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        (self.folder / "run").mkdir(exist_ok=True)
        config = self.folder / "config"
        config.write_text(
            f"[cordon]\nstate-directory = {folder}\nrun-directory = {folder}/run\n"
            "[log]\nlevel = error\n"
        )
        self.path = str(self.folder / "run" / "keeper.sock")
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.listener.bind(self.path)
        self.listener.listen(64)
        self.process = None

    def start(self):
        control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with open(self.folder / "config", "rb") as config:
            self.process = subprocess.Popen(
                [KEEPER, "--config-fd", str(config.fileno()), "--listen-fd",
                 str(self.listener.fileno()), "--control-fd", str(theirs.fileno())],
                pass_fds=[config.fileno(), self.listener.fileno(), theirs.fileno()],
            )
        theirs.close()
        notice = control.recv(65536)
        assert notice, "the keeper did not become ready"
        self.control = control

    def learn(self, numbers):
        """The outcomes, or nothing when the keeper died."""
        body = struct.pack("<I", len(numbers)) + b"".join(event(n) for n in numbers)
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as s:
                s.settimeout(2)
                s.connect(self.path)
                s.send(bytes([PROTOCOL, LEARN, 0]) + text(body))
                answer = s.recv(200_000)
        except OSError:
            return None
        if not answer:
            return None
        assert answer[1] == 1, answer
        reply = answer[7:]
        count = struct.unpack_from("<I", reply)[0]
        return list(struct.unpack_from(f"<{count}Q", reply, 4)), struct.unpack_from("<QQ", reply, 4 + 8 * count)

    def stop(self, hard):
        self.process.kill() if hard else self.process.terminate()
        self.process.wait()
        self.control.close()


def table_of(folder):
    return (pathlib.Path(folder) / "learning" / "weights.snapshot").read_bytes()


def run(kills):
    chance = random.Random(1)
    with tempfile.TemporaryDirectory() as killed, tempfile.TemporaryDirectory() as whole:
        keeper, number, acknowledged = Keeper(killed), 0, set()
        for _ in range(kills):
            keeper.start()
            pid, delay = keeper.process.pid, chance.uniform(0.0, 0.06)
            killer = subprocess.Popen(["sh", "-c", f"sleep {delay}; kill -9 {pid}"])
            while True:
                batch = list(range(number, number + chance.randint(1, 8)))
                answer = keeper.learn(batch)
                if answer is None:
                    break
                acknowledged.update(batch)
                number = batch[-1] + 1
            killer.wait()
            keeper.process.wait()
            keeper.control.close()
        keeper.start()
        for n in sorted(acknowledged):
            outcome = keeper.learn([n])[0]
            assert outcome == [2], f"event {n} was acknowledged and is lost"
        # The last batch may be in the log though nobody heard so.
        last = number + 8
        _, (ham, spam) = keeper.learn(list(range(number, last)))
        keeper.stop(False)
        other = Keeper(whole)
        other.start()
        for n in range(last):
            other.learn([n])
        other.stop(False)
        a, b = table_of(killed), table_of(whole)
        same = a == b
        if not same:
            print(a[:56].hex(), b[:56].hex(), sum(x != y for x, y in zip(a[4096:], b[4096:])))
        print(f"{kills} kills, {len(acknowledged)} acknowledged, table has {ham} ham {spam} spam, "
              f"same table as without kills: {'yes' if same else 'no'}")
        return 0 if same and ham + spam == last else 1


if __name__ == "__main__":
    sys.exit(run(int(sys.argv[1]) if len(sys.argv) > 1 else 200))
