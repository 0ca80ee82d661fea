# SPDX-License-Identifier: GPL-2.0-only
"""What soak.py does to Cordon while mail flows, and what it measures of Cordon's processes.

Processes are killed by number, and only those below this site's own cordond.
"""

import collections
import os
import pathlib
import random
import re
import signal
import time

from rig.process import is_alive, memory_kilobytes, parent_of, start_time, wait_until

# What happens, and how often in comparison. Workers die often, what restarts them seldom: cordond
# makes longer pauses for a role that dies again within a minute.
EVENTS = {
    "content-worker": 6,
    "av-worker": 6,
    "milter child": 4,
    "content-zygote": 1,
    "av-zygote": 1,
    "milter parent": 1,
    "cordon-keeper": 1,
    "reload": 4,
}
MEAN_PAUSE = 1.2  # seconds between two events
PROGRESS_SECONDS = 15
RELOAD_SECONDS = 40
SETTLE_SECONDS = 60
RELOADED = re.compile(r"(?<![\w-])(reloaded|reload-failed)(?![\w-]).*")

# Bounds of growth between two samples, a kind of process: the heap of a fresh process warms up.
MORE_DESCRIPTORS = 4
MORE_KILOBYTES, MORE_SHARE = 8192, 0.25


def name_of(pid):
    """content-zygote, av-worker, milter parent, milter child, cordon-keeper, cordond."""
    try:
        name = pathlib.Path(f"/proc/{pid}/comm").read_text().strip()
        parent = pathlib.Path(f"/proc/{parent_of(pid)}/comm").read_text().strip()
    except OSError:
        return "gone"
    if name == "cordon-milter":
        return "milter child" if parent == name else "milter parent"
    return name


class Damage:
    def __init__(self, cordon, seed, verbose):
        self.cordon, self.verbose = cordon, verbose
        self.chance = random.Random(f"{seed}/damage")
        self.kills = collections.Counter()
        self.outcomes = collections.Counter()
        self.reloads = 0
        self.begin = self.told = time.monotonic()
        self.wrong = []  # reloads that did not end as they should
        self.seen = {}  # every process there ever was: {pid: start time}

    def do_for(self, seconds, progress):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            time.sleep(self.chance.expovariate(1 / MEAN_PAUSE))
            self.happen(self.chance.choices(list(EVENTS), list(EVENTS.values()))[0])
            if time.monotonic() > self.told + PROGRESS_SECONDS:
                self.told = time.monotonic()
                progress(self.told - self.begin)

    def happen(self, event):
        if event == "reload":
            self.reload()
            return
        pids = self.cordon.all_pids()
        self.seen.update({pid: start_time(pid) for pid in pids})
        victims = [pid for pid in pids if name_of(pid) == event]
        number = self.chance.random()  # also when there is nobody: the same seed, the same run
        if not victims:
            return
        victim = victims[int(number * len(victims))]
        try:
            os.kill(victim, signal.SIGKILL)
        except ProcessLookupError:
            return
        self.kills[event] += 1
        if self.verbose:
            print(f"        killed {event} {victim}", flush=True)

    def reload(self):
        self.reloads += 1
        if self.reloads % 2:
            timeout = f"{self.chance.randint(10, 15)}s"
            self.cordon.configure({("scanner", "timeout"): timeout})
            self.ask("good configuration", "reloaded")
            return
        name = self.chance.choice(sorted(BAD))
        restore = BAD[name](self.cordon)
        try:
            self.ask(name, "reload-failed")
        finally:
            restore()

    def ask(self, what, expected):
        """SIGHUP, and the word that the log gives for what came of it."""
        start = len(self.cordon.log_text())
        self.cordon.reload()
        try:
            line = wait_until(
                lambda: RELOADED.search(self.cordon.log_text()[start:]),
                RELOAD_SECONDS,
                f"an answer to a reload with a {what}",
            )
        except Exception as error:  # told among the results; the mail goes on
            self.wrong.append(str(error))
            return
        self.outcomes[f"{what} {line[1].replace('reload-', '')}"] += 1
        if self.verbose:
            print(f"        reload with a {what}: {line[0][:120]}", flush=True)
        if line[1] != expected:
            self.wrong.append(f"with a {what}: {line[0]}")


def break_configuration(cordon):
    good = cordon.config.read_text()
    cordon.configure(text=good + "\n[policy]\ntag = very much\n")
    return cordon.configure


def replace_signatures(content):
    """The database with this in place of the signature that the canaries look for."""

    def damage(cordon):
        path = cordon.database / "eicar.ndb"
        good = path.read_bytes()
        path.write_bytes(content)
        return lambda: path.write_bytes(good)

    return damage


BAD = {
    "broken configuration": break_configuration,
    "garbled database": replace_signatures(b"this is no signature\n" * 3),
    "emptied database": replace_signatures(b""),
}


class Census:
    """Counts Cordon's processes, their descriptors and their memory, by kind."""

    def __init__(self, cordon):
        self.cordon = cordon
        self.kinds = None
        self.kinds = self.wait_for_rest()

    def count(self):
        return collections.Counter(name_of(pid) for pid in self.cordon.all_pids())

    def wait_for_rest(self):
        """The processes, once they are the same for two seconds and as many as at the start."""
        last, since = None, time.monotonic()

        def is_settled():
            nonlocal last, since
            now = self.cordon.all_pids()
            if now != last:
                last, since = now, time.monotonic()
            return time.monotonic() > since + 2 and self.kinds in (None, self.count())

        wait_until(is_settled, SETTLE_SECONDS, f"{self.kinds}, not {self.count()}", pause=0.2)
        return self.count()

    def settled(self):
        """{kind: (processes, most descriptors of one, kilobytes of all)}"""
        self.wait_for_rest()
        sample = {}
        for pid in self.cordon.all_pids():
            processes, descriptors, kilobytes = sample.get(name_of(pid), (0, 0, 0))
            sample[name_of(pid)] = (
                processes + 1,
                max(descriptors, len(os.listdir(f"/proc/{pid}/fd"))),
                kilobytes + memory_kilobytes(pid),
            )
        return sample

    @staticmethod
    def growth(middle, end):
        findings = []
        for kind, (_, descriptors, kilobytes) in end.items():
            _, before, less = middle.get(kind, (0, 0, 0))
            if descriptors > before + MORE_DESCRIPTORS:
                findings.append(f"{kind}: {before} descriptors, then {descriptors}")
            if kilobytes > less * (1 + MORE_SHARE) + MORE_KILOBYTES:
                findings.append(f"{kind}: {less} KB, then {kilobytes} KB")
        return findings

    @staticmethod
    def leftovers(seen):
        """Processes of this run that outlive cordond."""
        return [
            f"process {pid} is left"
            for pid, started in seen.items()
            if is_alive(pid) and start_time(pid) == started
        ]

    @staticmethod
    def tell(middle, end):
        print("processes     kind, number, most descriptors and PSS in KB: middle -> end")
        for kind, (count, descriptors, kilobytes) in sorted(end.items()):
            _, before, less = middle.get(kind, (0, 0, 0))
            print(f"    {kind:<15} {count}  {before} -> {descriptors}  {less} -> {kilobytes}")
