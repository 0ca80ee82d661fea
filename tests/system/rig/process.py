# SPDX-License-Identifier: GPL-2.0-only
"""Starting, watching, measuring and ending processes; bounded waiting."""

import ctypes
import os
import pathlib
import signal
import subprocess
import time

from .places import RigError

PR_SET_PDEATHSIG = 1
TICKS = os.sysconf("SC_CLK_TCK")
_libc = ctypes.CDLL(None, use_errno=True)


def wait_until(condition, seconds, what, pause=0.02):
    """Polls until condition() is true, returns its value; a RigError names what did not happen."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise RigError(f"{what} did not happen within {seconds:g} s")
        time.sleep(pause)


def tail(path, lines=15):
    try:
        text = pathlib.Path(path).read_text(errors="replace")
    except OSError as error:
        return f"({error})"
    return "\n".join(text.splitlines()[-lines:])


class Daemon:
    """One server in the foreground of its own session; it ends with us, whatever happens to us."""

    def __init__(self, name, command, log, environment=None, user=None, group=None):
        self.name = name
        self.log = pathlib.Path(log)
        with open(log, "ab") as out:
            self.process = subprocess.Popen(
                [str(word) for word in command],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env={**os.environ, **(environment or {})},
                start_new_session=True,
                user=user,
                group=group,
                extra_groups=[] if user else None,
                preexec_fn=lambda: _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM),
            )

    @property
    def pid(self):
        return self.process.pid

    def is_running(self):
        return self.process.poll() is None

    def wait_ready(self, condition, seconds=15):
        def ready():
            if not self.is_running():
                raise RigError(
                    f"{self.name} ended with status {self.process.returncode}:\n{tail(self.log)}"
                )
            return condition()

        try:
            wait_until(ready, seconds, f"start of {self.name}")
        except RigError as error:
            self.stop()
            raise RigError(f"{error}\n{tail(self.log)}") from None

    def signal(self, number):
        if self.is_running():
            os.kill(self.pid, number)

    def wait(self, seconds):
        """Waits for the end; true when it came within that time."""
        try:
            self.process.wait(seconds)
            return True
        except subprocess.TimeoutExpired:
            return False

    def stop(self, seconds=8):
        """SIGTERM, then SIGKILL for what is left of it and its children; true when none was."""
        family = {pid: start_time(pid) for pid in descendants(self.pid)}
        self.signal(signal.SIGTERM)
        stopped = self.wait(seconds)
        if not stopped:
            self.signal(signal.SIGKILL)
            self.process.wait()
        for pid, started in family.items():
            if start_time(pid) == started and is_alive(
                pid
            ):  # the same process, not its number's next owner
                os.kill(pid, signal.SIGKILL)
        return stopped


def status_fields(pid):
    """The fields of /proc/PID/stat from the state on; empty when the process is gone."""
    try:
        text = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return []
    return text[text.rindex(")") + 2 :].split()


def parent_of(pid):
    fields = status_fields(pid)
    return int(fields[1]) if fields else 0


def start_time(pid):
    fields = status_fields(pid)
    return int(fields[19]) if fields else 0


def is_alive(pid):
    fields = status_fields(pid)
    return bool(fields) and fields[0] not in "ZX"


def descendants(root):
    """All living processes below root, parents before children."""
    children = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit() and is_alive(int(entry)):
            children.setdefault(parent_of(int(entry)), []).append(int(entry))
    found, todo = [], [root]
    while todo:
        below = children.get(todo.pop(0), [])
        found += below
        todo += below
    return found


def program_of(pid):
    """The file name of the program that the process runs, also while it names itself otherwise."""
    try:
        return os.path.basename(os.readlink(f"/proc/{pid}/exe")).removesuffix(" (deleted)")
    except OSError:
        return ""


def cpu_seconds(pids):
    """User and system time used so far, children that were waited for included."""
    total = 0
    for pid in pids:
        fields = status_fields(pid)
        if fields:
            total += sum(int(field) for field in fields[11:15])
    return total / TICKS


def memory_kilobytes(pid, field="Pss"):
    """Pss, Rss, Private_Dirty ... of one process, 0 when it is gone."""
    try:
        for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith(field + ":"):
                return int(line.split()[1])
    except OSError:
        pass
    return 0


def status_megabytes(pid, field="VmHWM"):
    """The most resident memory that a process ever had, 0 when it is gone."""
    try:
        for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(field + ":"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    return 0
