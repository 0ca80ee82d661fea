# SPDX-License-Identifier: GPL-2.0-only
"""The null milter of tests/bench: proves the rig without Cordon and is the floor of the bench."""

import subprocess

from . import places
from .places import RigError
from .process import Daemon, descendants
from .sockets import MilterSocket

SOURCE = places.TOP / "tests" / "bench" / "null_milter.cc"


def program():
    """The compiled null milter, built when it is missing or older than its source."""
    target = places.BUILD / "null_milter"
    if not target.exists() or target.stat().st_mtime < SOURCE.stat().st_mtime:
        target.parent.mkdir(parents=True, exist_ok=True)
        result = subprocess.run(
            ["g++", "-std=c++20", "-O2", "-o", target, SOURCE, "-lmilter", "-lpthread"],
            capture_output=True,
            text=True,
        )
        if result.returncode:
            raise RigError(f"cannot build {target}: {result.stderr.strip()}")
    return places.reachable_program(target)


class NullMilter:
    name = "null"

    def __init__(self, directory, milter_socket: MilterSocket):
        self.socket = milter_socket
        self.log = places.make_directory(directory) / "null_milter.log"
        self.daemon = None

    def start(self):
        # As Postfix's own account, so that the unix socket is one that smtpd may use.
        self.daemon = Daemon(
            "null_milter",
            [program(), self.socket.for_milter],
            self.log,
            user=places.POSTFIX_USER,
            group=places.POSTFIX_GROUP,
        )
        self.daemon.wait_ready(self.socket.answers)

    def milter_pids(self):
        return [self.daemon.pid, *descendants(self.daemon.pid)]

    def all_pids(self):
        return self.milter_pids()

    def log_text(self):
        return self.log.read_text(errors="replace")

    def stop(self):
        if self.daemon:
            self.daemon.signal(15)
            self.socket.answers()  # wakes libmilter, which else notices the signal after 5 s
            self.daemon.stop()
            self.daemon = None
