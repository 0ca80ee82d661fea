# SPDX-License-Identifier: GPL-2.0-only
"""A private Cordon: its configuration, processes and log; starting, reloading, stopping."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess

from . import places
from .places import make_directory, write_file
from .process import Daemon, descendants, is_alive, parent_of, program_of, wait_until
from .sockets import MilterSocket

LOG_WORD = re.compile(r'([a-z][a-z_-]*)=("(?:[^"\\]|\\.)*"|\S*)')
STOP_SECONDS = 5


class Cordon:
    name = "cordon"

    def __init__(self, directory, milter_socket: MilterSocket, settings=None):
        """settings: {(section, key): value} on top of, or with None instead of, those below."""
        self.directory = make_directory(directory)
        self.socket = milter_socket
        self.log = directory / "cordond.log"
        self.config = directory / "cordon.conf"
        self.state = make_directory(directory / "state", places.CORDON_USER, 0o750)
        self.run = make_directory(directory / "run", places.CORDON_USER, 0o755)
        self.vault = self.state / "vault"
        self.database = directory / "clamav"
        self.rules = directory / "rules"
        self.daemon = None
        copy_tree(places.DATA / "clamav", self.database)
        copy_tree(places.TOP / "conf" / "rules", self.rules)
        self.settings = {**self._site_settings(), **(settings or {})}
        self.configure()

    def _site_settings(self):
        return {
            ("cordon", "state-directory"): self.state,
            ("cordon", "run-directory"): self.run,
            ("cordon", "user"): places.CORDON_USER,
            ("cordon", "authserv-id"): "mx.example.org",
            ("cordon", "own-domains"): "example.org",
            ("log", "target"): "stderr",
            ("log", "format"): "text",
            ("log", "level"): "info",
            ("milter", "socket"): self.socket.for_milter,
            ("milter", "socket-group"): places.POSTFIX_GROUP,
            ("milter", "socket-mode"): "0660",
            ("milter", "processes"): "2",
            ("milter", "deadline"): "30s",
            ("scanner", "workers"): "2",
            ("scanner", "timeout"): "10s",
            ("clamav", "enabled"): "yes",
            ("clamav", "database"): self.database,
            ("dns", "servers"): "none",
            ("quarantine", "mailbox"): "quarantine@example.org",
            ("quarantine", "vault"): self.vault,
            ("rules", "shipped"): self.rules,
            ("rules", "path"): make_directory(self.directory / "site-rules"),
        }

    def configure(self, changes=None, text=None):
        """Writes cordon.conf; a value of None leaves the key out. text replaces the whole file."""
        self.settings.update(changes or {})
        sections = {}
        for (section, key), value in self.settings.items():
            if value is not None:
                sections.setdefault(section, []).append(f"{key} = {value}")
        lines = [f"[{section}]\n" + "\n".join(keys) + "\n" for section, keys in sections.items()]
        write_file(self.config, "\n".join(lines) if text is None else text)

    def start(self, seconds=20):
        self.daemon = Daemon(
            "cordond",
            [
                places.reachable_program(places.BUILD / "cordond"),
                "--config",
                self.config,
                "--foreground",
            ],
            self.log,
        )
        self.daemon.wait_ready(self.socket.answers, seconds)

    def run_to_its_end(self, *arguments, seconds=15):
        """cordond that is expected to end by itself: (exit status, standard error)."""
        command = [
            places.reachable_program(places.BUILD / "cordond"),
            "--config",
            self.config,
            *arguments,
        ]
        result = subprocess.run(command, capture_output=True, text=True, timeout=seconds)
        return result.returncode, result.stderr

    def reload(self):
        self.daemon.signal(signal.SIGHUP)

    def stop(self):
        """True when it was gone within the time that the design promises."""
        if not self.daemon:
            return True
        family = self.all_pids()
        stopped = self.daemon.stop(STOP_SECONDS)
        self.daemon = None
        return stopped and not any(is_alive(pid) for pid in family)

    def restart(self, changes=None):
        self.stop()
        self.configure(changes)
        self.start()

    def all_pids(self):
        return [self.daemon.pid, *descendants(self.daemon.pid)] if self.daemon else []

    def pids_of(self, program):
        return [pid for pid in self.all_pids() if program_of(pid) == program]

    def milter_pids(self):
        return self.pids_of("cordon-milter")

    def scanner_pids(self):
        """Zygotes and workers of both pools."""
        return [*self.pids_of("cordon-scanner"), *self.pids_of("cordon-antivirus")]

    def worker_pids(self):
        """The scanner processes that have no scanner below them: workers, not zygotes."""
        scanners = self.scanner_pids()
        parents = {parent_of(pid) for pid in scanners}
        return [pid for pid in scanners if pid not in parents]

    def log_text(self):
        return self.log.read_text(errors="replace")

    def wait_for_log(self, pattern, seconds=10, start=0):
        """The first line from offset start on that matches."""
        return wait_until(
            lambda: re.search(f"^.*{pattern}.*$", self.log_text()[start:], re.MULTILINE),
            seconds,
            f"a log line that matches {pattern!r}",
        ).group(0)

    def verdicts(self, message_id):
        """The log's verdict lines for one message as dictionaries, one a recipient."""
        found = []
        for line in self.log_text().splitlines():
            if message_id.strip("<>") in line and re.search(r"\bverdict\b", line):
                found.append({key: value.strip('"') for key, value in LOG_WORD.findall(line)})
        return found

    def wait_for_verdicts(self, message_id, count=1, seconds=5):
        return wait_until(
            lambda: len(self.verdicts(message_id)) >= count and self.verdicts(message_id),
            seconds,
            f"{count} verdict line(s) for {message_id}",
        )

    def command(self, *arguments, data=None):
        """The command line `cordon`, as root: (exit status, standard output, standard error)."""
        result = subprocess.run(
            [places.reachable_program(places.BUILD / "cordon"), *arguments],
            input=data,
            capture_output=True,
            timeout=60,
        )
        return (
            result.returncode,
            result.stdout.decode(errors="replace"),
            result.stderr.decode(errors="replace"),
        )

    def figures(self):
        """{name and labels: number} of the running milter."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(30)
            connection.connect(str(self.run / "metrics.sock"))
            connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
            answer = b"".join(iter(lambda: connection.recv(65536), b"")).decode()
        head, _, body = answer.partition("\r\n\r\n")
        if not head.startswith("HTTP/1.0 200 "):
            raise AssertionError(f"the metrics: {head}")
        return {
            name: float(number)
            for name, _, number in (line.rpartition(" ") for line in body.splitlines())
            if name and not name.startswith("#")
        }

    def quarantine_list(self):
        """`cordon quarantine list --json`: one object a line."""
        status, output, errors = self.command(
            "quarantine", "list", "--json", "--config", str(self.config)
        )
        if status:
            raise AssertionError(f"cordon quarantine list: status {status}: {errors}")
        return [json.loads(line) for line in output.splitlines() if line.strip()]

    def vault_files(self):
        return (
            sorted(path for path in self.vault.rglob("*") if path.is_file())
            if self.vault.exists()
            else []
        )


def copy_tree(source, target):
    """A copy that Cordon's account can read wherever the tree lies."""
    shutil.copytree(source, target, dirs_exist_ok=True) if source.exists() else target.mkdir(
        exist_ok=True
    )
    for path in [target, *target.rglob("*")]:
        os.chmod(path, 0o755 if path.is_dir() else 0o644)
