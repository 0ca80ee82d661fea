# SPDX-License-Identifier: GPL-2.0-only
"""clamav-milter and clamd of Debian, as a pair to be measured beside Cordon."""

import shutil

from . import places
from .places import RigError
from .process import Daemon, descendants
from .sockets import MilterSocket, unix_socket_answers


class ClamavMilter:
    name = "clamav-milter"

    def __init__(self, directory, milter_socket: MilterSocket, database):
        self.directory = places.make_directory(directory)
        self.socket, self.database = milter_socket, database
        self.log = self.directory / "clamav.log"
        self.clamd = self.milter = None

    @staticmethod
    def require():
        for program in ("clamd", "clamav-milter"):
            if shutil.which(program) is None:
                raise RigError(f"{program} is missing; install clamav-daemon and clamav-milter")

    def start(self, seconds=300):
        local = self.directory / "clamd.sock"
        clamd = places.write_file(
            self.directory / "clamd.conf",
            f"Foreground yes\nLocalSocket {local}\nDatabaseDirectory {self.database}\n"
            f"TemporaryDirectory {places.make_directory(self.directory / 'tmp')}\n"
            "MaxThreads 4\nAlertExceedsMax yes\nAlertEncryptedArchive yes\nAlertOLE2Macros yes\n",
        )
        milter = places.write_file(
            self.directory / "milter.conf",
            f"Foreground yes\nMilterSocket {self.socket.for_milter}\nMilterSocketMode 666\n"
            f"ClamdSocket unix:{local}\nOnInfected Reject\nOnFail Defer\nLogInfected Basic\n",
        )
        self.clamd = Daemon("clamd", ["clamd", "--config-file", clamd], self.log)
        self.clamd.wait_ready(lambda: unix_socket_answers(local), seconds)
        self.milter = Daemon("clamav-milter", ["clamav-milter", "--config-file", milter], self.log)
        self.milter.wait_ready(self.socket.answers, 30)

    def all_pids(self):
        running = [daemon.pid for daemon in (self.clamd, self.milter) if daemon]
        return [pid for root in running for pid in (root, *descendants(root))]

    def log_text(self):
        return self.log.read_text(errors="replace")

    def stop(self):
        for daemon in (self.milter, self.clamd):
            if daemon:
                daemon.signal(15)
                self.socket.answers()  # wakes libmilter
                daemon.stop()
        self.clamd = self.milter = None
