# SPDX-License-Identifier: GPL-2.0-only
"""What tests ask of an MTA, whichever it is."""

import pathlib
import socket

from .process import wait_until


class Mta:
    """A subclass has port, log, start() and queued()."""

    daemon = None

    def answers(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
                return connection.recv(200).startswith(b"220")
        except OSError:
            return False

    def stop(self):
        if self.daemon:
            self.daemon.stop()
            self.daemon = None

    def restart(self, milter_socket, extra=""):
        self.stop()
        self.start(milter_socket, extra)

    def wait_empty(self, seconds=30):
        wait_until(lambda: not self.queued(), seconds, "delivery of all queued mail")

    def log_text(self):
        return pathlib.Path(self.log).read_text(errors="replace")
