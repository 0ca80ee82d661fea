# SPDX-License-Identifier: GPL-2.0-only
"""A private redis-server on a unix socket: stopped, paused, filled or restarted as a test wants it."""

import signal
import socket

from . import places
from .places import SERVERS, make_directory
from .process import Daemon


class Redis:
    def __init__(self, directory, user=None):
        self.directory = make_directory(directory, user)
        self.socket = directory / "redis.sock"
        self.log = directory / "redis.log"
        self.user = user
        self.process = None

    @property
    def url(self):
        return f"unix:{self.socket}"

    def start(self, *options):
        """What was saved before is there again; save "" keeps nothing."""
        self.process = Daemon(
            "redis-server",
            [SERVERS / "bin" / "redis-server", "--port", "0", "--unixsocket", self.socket,
             "--unixsocketperm", "777", "--dir", self.directory, "--save", "", *options],
            self.log,
            user=self.user,
        )  # fmt: skip
        self.process.wait_ready(self.answers)

    def answers(self):
        try:
            return self.ask("PING") == b"PONG"
        except OSError:
            return False

    def ask(self, *words):
        """One command and its simple answer."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(5)
            connection.connect(str(self.socket))
            command = b"*%d\r\n" % len(words)
            for word in (str(w).encode() for w in words):
                command += b"$%d\r\n%s\r\n" % (len(word), word)
            connection.sendall(command)
            answer = connection.recv(65536)
        return answer[1:].split(b"\r\n")[0] if answer[:1] in b"+-:" else answer

    def pause(self):
        self.process.signal(signal.SIGSTOP)

    def go_on(self):
        self.process.signal(signal.SIGCONT)

    def kill(self):
        self.process.signal(signal.SIGKILL)
        self.process.wait(10)

    def stop(self):
        if self.process:
            self.go_on()
            self.process.stop()


def is_there():
    return (SERVERS / "bin" / "redis-server").exists()


def require():
    if not is_there():
        raise places.RigError("redis-server is not unpacked; run 'make deps'")
