# SPDX-License-Identifier: GPL-2.0-only
"""Cordon without an MTA, for figures: the scripts here speak the milter protocol themselves."""

import contextlib
import pathlib
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "system"))

import messages  # noqa: E402
from rig import places  # noqa: E402
from rig.cordon import Cordon  # noqa: E402
from rig.milter_client import MilterClient  # noqa: E402
from rig.process import memory_kilobytes  # noqa: E402
from rig.site import end_on_signals  # noqa: E402
from rig.sockets import unix_socket  # noqa: E402

SENDER, RECIPIENT = "dana@example.net", "alice@example.org"

__all__ = [
    "SENDER",
    "RECIPIENT",
    "Memory",
    "descriptors",
    "lone_cordon",
    "messages",
    "one_message",
    "percentile",
]


@contextlib.contextmanager
def lone_cordon(purpose, settings=None):
    """A running Cordon in a private folder, ended and removed at the end."""
    end_on_signals()
    places.require_root()
    places.require_programs("cordond", "cordon")
    directory = places.private_directory(purpose)
    directory.chmod(0o755)
    cordon = Cordon(directory / "cordon", unix_socket(directory), settings)
    try:
        cordon.start(60)
        yield cordon
    finally:
        cordon.stop()
        places.remove_directory(directory)


def one_message(cordon, data, timeout=120, sender=SENDER, recipient=RECIPIENT):
    """(seconds from the connection to the answer, the answers) of one message."""
    begin = time.monotonic()
    client = MilterClient(cordon.socket, timeout)
    try:
        answers = client.message(sender, [recipient], data)
    finally:
        client.close()
    return time.monotonic() - begin, answers


def percentile(values, percent):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)] if ordered else 0.0


class Memory(threading.Thread):
    """The most memory (Pss, without files) of Cordon's processes while it watches."""

    def __init__(self, cordon):
        super().__init__(daemon=True)
        self.cordon, self.is_ending = cordon, threading.Event()
        self.most = {}

    def sample(self):
        for name, pids in (
            ("milter", self.cordon.milter_pids()),
            ("scanner", self.cordon.pids_of("cordon-scanner")),
        ):
            kilobytes = sum(memory_kilobytes(pid) for pid in pids)
            self.most[name] = max(self.most.get(name, 0), kilobytes)

    def run(self):
        while not self.is_ending.wait(0.5):
            self.sample()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *error):
        self.is_ending.set()
        self.join()


def descriptors(pid):
    """Open descriptors of a process, 0 when it is gone."""
    try:
        return sum(1 for _ in pathlib.Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return 0
