#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""kill -9 at each system call of holding, showing and releasing (strace injects it): what was accepted is
held, what is held has one item, what was ordered is delivered, and twice only where the kill fell between
the final dot and the record.

kill_figures.py [--most N]  needs strace; N system calls of each kind are tried (8).
"""

import argparse
import collections
import json
import subprocess
import threading
import time

import messages
from rig import MailSite, RigError
from rig.mailbox import ReviewClient
from rig.process import wait_until
from rig.site import end_on_signals
from site_test import BOB, POLICIES, SENDER

HOLDING = ("openat", "write", "fsync", "rename", "pwrite64", "sendmsg")
KEEPING = ("recvmsg", "pwrite64", "fdatasync", "write", "fsync", "rename", "sendmsg")
ANSWERING = ("sendmsg", "recvmsg", "write", "writev", "sendto")
SHOWING = ("sendto", "recvfrom", "write", "read", "sendmsg", "recvmsg", "rename")
SENDING = ("sendmsg", "recvmsg", "sendto", "recvfrom", "write", "read", "connect")
RESTARTS = 4  # then cordond begins anew, since its pauses grow with each death


class Killer:
    """Kills the program at its Nth call of one kind from now on."""

    def __init__(self, pid, call, number):
        self.pid = pid
        self.strace = subprocess.Popen(
            ["strace", "-f", "-q", "-o", "/dev/null", "-p", str(pid), "-e", f"trace={call}"]
            + ["-e", f"inject={call}:signal=KILL:when={number}"],
            stderr=subprocess.DEVNULL,
        )
        wait_until(lambda: status_of(pid, "TracerPid") != "0", 5, "strace is attached", 0.01)
        threading.Thread(target=self._let_go, daemon=True).start()

    def _let_go(self):
        """strace may sit on the zombie of what it killed."""
        while self.strace.poll() is None and not self.has_killed():
            time.sleep(0.02)
        self.strace.kill()

    def end(self):
        """True when it has killed."""
        killed = self.has_killed()
        self.strace.kill()
        self.strace.wait()
        return killed

    def has_killed(self):
        return status_of(self.pid, "State") in ("", "Z", "X")


def status_of(pid, field):
    """A word of /proc/PID/status, empty when there is no such process."""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii") as status:
            return next(line.split()[1] for line in status if line.startswith(field + ":"))
    except (OSError, StopIteration):
        return ""


class Experiment:
    def __init__(self, site):
        self.site, self.runs, self.counts = site, 0, collections.Counter()

    def command(self, *arguments):
        config = ("--config", str(self.site.cordon.config))
        return self.site.cordon.command("quarantine", *arguments, *config)

    def state(self, held_id):
        status, output, _ = self.command("show", held_id, "--json")
        return json.loads(output)["state"] if status == 0 else ""

    def is_sent(self, held_id):
        return self.state(held_id) in ("sent", "filed")

    def pid(self, program):
        """Of the milter its child: that one answers."""
        return wait_until(lambda: self.site.cordon.pids_of(program), 40, program)[-1]

    def killer(self, program, call, number):
        self.runs += 1
        if self.runs % RESTARTS == 0:
            self.site.cordon.restart()
        wait_until(lambda: self.command("list", "--state", "failed")[0] == 0, 40, "the keeper")
        wait_until(lambda: self.command("audit")[0] == 0, 40, "the keeper")
        return Killer(self.pid(program), call, number)

    def hold(self):
        """(Message-ID, id) of mail that is held."""
        message = messages.gtube()
        name = messages.message_id_of(message)
        outcome = self.site.deliver(SENDER, [BOB], message)
        if not outcome.is_accepted:
            raise RigError(f"not held: {outcome.answer}")
        return name, self.site.cordon.wait_for_verdicts(name, 1, 30)[0]["id"]

    def holding(self, program, call, number):
        killer = self.killer(program, call, number)
        message = messages.gtube()
        outcome = self.site.deliver(SENDER, [BOB], message)
        self.counts[f"kills of {program} while holding"] += killer.end()
        wait_until(lambda: self.command("audit")[0] == 0, 40, "the keeper again")
        if outcome.is_accepted:
            verdict = self.site.cordon.wait_for_verdicts(messages.message_id_of(message), 1, 30)[0]
            self.counts["accepted"] += 1
            self.counts["lost"] += self.state(verdict["id"]) != "held"

    def showing(self, call, number):
        """The reviewer dies while it makes an item of what has arrived."""
        killer = self.killer("cordon-review", call, number)
        _, held_id = self.hold()
        client = ReviewClient(self.site.dovecot.imap_port)
        try:
            wait_until(lambda: killer.has_killed() or client.items().get(held_id), 40, "the item", 0.1)
            self.counts["kills while showing"] += killer.end()
            wait_until(lambda: client.everywhere(held_id) == [""], 90, f"one item of {held_id}", 0.2)
            wait_until(lambda: client.count("INBOX") == 0, 90, "native copies go away", 0.2)
        finally:
            client.close()
        self.counts["shown once"] += 1

    def releasing(self, program, call, number):
        name, held_id = self.hold()
        killer = self.killer(program, call, number)
        wait_until(lambda: self.command("release", held_id, "--no-wait")[0] == 0, 40, "the order")
        wait_until(lambda: self.is_sent(held_id) or killer.has_killed(), 60, "it")
        self.counts[f"kills of {program} while releasing"] += killer.end()
        wait_until(lambda: self.is_sent(held_id), 120, f"{held_id} sent after {call} {number}")
        self.counts["released"] += 1
        self.site.postfix.wait_empty(60)
        copies = len(self.site.mailbox("bob").find(name))
        self.counts[f"releases with {copies} copies"] += 1
        if copies != 1:
            print(f"{program} {call} {number}: {copies} copies", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=8)
    most = parser.parse_args().most
    end_on_signals()
    settings = POLICIES | {("clamav", "enabled"): "no", ("milter", "processes"): "1"}
    with MailSite("kills", settings=settings, review=True) as site:
        experiment = Experiment(site)
        for number in range(1, most + 1):
            for call in HOLDING:
                experiment.holding("cordon-keeper", call, number)
            for call in ANSWERING:
                experiment.holding("cordon-milter", call, number)
            for call in SHOWING:
                experiment.showing(call, number)
            for program, calls in (("cordon-keeper", KEEPING), ("cordon-review", SENDING)):
                for call in calls:
                    experiment.releasing(program, call, number)
            print(json.dumps(experiment.counts), flush=True)


if __name__ == "__main__":
    main()
