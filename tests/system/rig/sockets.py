# SPDX-License-Identifier: GPL-2.0-only
"""Names of a milter's socket as each side spells them, and raw connections to it."""

import dataclasses
import pathlib
import socket
import struct

from . import places

MILTER_VERSION, ALL_ACTIONS, ALL_STEPS = 6, 0x1FF, 0x1FFFFF


@dataclasses.dataclass(frozen=True)
class MilterSocket:
    family: str
    path: pathlib.Path | None = None
    port: int = 0
    queue: pathlib.Path | None = None

    @property
    def for_milter(self):
        return f"unix:{self.path}" if self.family == "unix" else f"inet:{self.port}@127.0.0.1"

    @property
    def for_postfix(self):
        """Relative to the queue directory for unix, as a chrooted smtpd needs it."""
        if self.family == "unix":
            return f"unix:{self.path.relative_to(self.queue)}"
        return f"inet:127.0.0.1:{self.port}"

    @property
    def for_sendmail(self):
        return f"local:{self.path}" if self.family == "unix" else f"inet:{self.port}@127.0.0.1"

    def name_for(self, mta):
        return self.for_sendmail if type(mta).__name__ == "Sendmail" else self.for_postfix

    def connect(self, timeout=10):
        if self.family == "unix":
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            connection.settimeout(timeout)
            try:
                connection.connect(str(self.path))
            except OSError:
                connection.close()
                raise
            return connection
        return socket.create_connection(("127.0.0.1", self.port), timeout=timeout)

    def answers(self):
        try:
            self.connect(timeout=5).close()
            return True
        except OSError:
            return False

    def negotiate(self, timeout=10):
        """A connection that has gone as far as an MTA's does between two clients."""
        connection = self.connect(timeout)
        connection.sendall(
            packet(b"O", struct.pack("!III", MILTER_VERSION, ALL_ACTIONS, ALL_STEPS))
        )
        read_packet(connection)
        return connection


def packet(command, payload=b""):
    return struct.pack("!I", len(payload) + 1) + command + payload


def read_packet(connection):
    length = struct.unpack("!I", read_exactly(connection, 4))[0]
    data = read_exactly(connection, length)
    return data[:1], data[1:]


def read_exactly(connection, count):
    data = b""
    while len(data) < count:
        chunk = connection.recv(count - len(data))
        if not chunk:
            raise ConnectionError("the milter closed the connection")
        data += chunk
    return data


def unix_socket(queue):
    """Below Postfix's queue directory, in a folder that Cordon may write and Postfix may enter."""
    folder = places.make_directory(
        queue / "cordon", places.CORDON_USER, 0o2770, places.POSTFIX_GROUP
    )
    return MilterSocket("unix", path=folder / "milter.sock", queue=queue)


def inet_socket():
    return MilterSocket("inet", port=places.free_port())


def unix_socket_answers(path):
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(5)
            connection.connect(str(path))
        return True
    except OSError:
        return False
