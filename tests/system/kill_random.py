#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""kill -9 of Cordon's processes at random moments, while mail is held and released all the time, on the
command line and by moving items over IMAP.

kill_random.py [KILLS] [--seconds N] [--seed N]. At the end each message is accounted for: what was accepted is in the
vault, what was ordered was delivered, what was not ordered was not; a second copy is right only where a
process that was to record the reply died after the final dot. Each held message has one item.
"""

import argparse
import collections
import contextlib
import hashlib
import json
import os
import random
import select
import signal
import smtplib
import sys
import threading
import time

import messages
from quarantine_account import WAIT_FOR_REPLY, Account, Death
from rig import MailSite
from rig.mailbox import ReviewClient
from rig.process import wait_until
from rig.site import end_on_signals
from rig.smtp_proxy import SmtpProxy
from site_test import BOB, POLICIES, SENDER
from soak_damage import name_of

# Who dies, and how often in comparison. "cordond" takes all with it.
VICTIMS = {
    "cordon-review": 30,
    "cordon-keeper": 30,
    "milter child": 16,
    "milter parent": 5,
    "content-worker": 8,
    "content-zygote": 3,
    "cordond": 8,
}
MEAN_PAUSE = 0.12  # seconds between two kills
PATIENCE = 3  # deaths of one role before cordond begins anew: its pauses double each time
RATE = 10  # messages a second
DEATH = 20  # seconds at most, also of what ends by itself when cordond has died
# What is done with held mail, in parts of a hundred; the rest stays held.
BY_COMMAND, BY_IMAP = 45, 35


class Load:
    """Senders, an administrator at the command line and a person at a mail program."""

    def __init__(self, site, seed):
        self.site, self.chance = site, random.Random(f"{seed}/load")
        self.accepted, self.unclear = {}, set()  # Message-ID by SHA-256; those without an answer
        self.refusals = collections.Counter()
        self.forgotten = ()
        self.decisions = {}  # id: "command", "imap" or "kept"
        self.is_ending = threading.Event()
        self.threads = [
            threading.Thread(target=self.loop, args=(what,), daemon=True)
            for what in (self.send, self.send, self.command_releases, self.move_items)
        ]
        self.errors = collections.Counter()

    def start(self):
        for thread in self.threads:
            thread.start()

    def loop(self, what):
        while not self.is_ending.is_set():
            try:
                what()
            except Exception as error:  # what is being killed answers as it likes
                self.errors[f"{what.__name__}: {type(error).__name__}"] += 1
                time.sleep(0.1)

    def send(self):
        time.sleep(self.chance.expovariate(RATE / 2))
        message = messages.gtube()
        name = messages.message_id_of(message)
        try:
            outcome = self.site.deliver(SENDER, [BOB], message)
        except (OSError, smtplib.SMTPException):
            self.unclear.add(name)
            raise
        if outcome.is_accepted:
            self.accepted[hashlib.sha256(message).hexdigest()] = name
        else:
            self.refusals[outcome.answer.code] += 1

    def quarantine(self, *arguments):
        config = ("--config", str(self.site.cordon.config))
        return self.site.cordon.command("quarantine", *arguments, *config)

    def wanted(self, how):
        return [held_id for held_id, decision in self.decisions.items() if decision == how]

    def command_releases(self):
        time.sleep(0.5)
        status, output, _ = self.quarantine("list", "--json", "--state", "held")
        if status:
            return
        held = [json.loads(line)["id"] for line in output.splitlines()]
        for held_id in held:
            if held_id not in self.decisions:
                number = self.chance.randrange(100)
                how = "command" if number < BY_COMMAND else "imap"
                self.decisions[held_id] = how if number < BY_COMMAND + BY_IMAP else "kept"
        ordered = [held_id for held_id in held if self.decisions[held_id] == "command"]
        if ordered:
            self.quarantine("release", "--no-wait", *ordered)

    def move_items(self):
        time.sleep(0.5)
        client = ReviewClient(self.site.dovecot.imap_port)
        try:
            items = client.items()
            uids = [uid for held_id in self.wanted("imap") for uid in items.get(held_id, [])]
            if uids:
                client.imap.select(client.path(""))
                client.imap.uid("MOVE", ",".join(map(str, uids)), client.path("Release"))
        finally:
            client.close()

    def work(self):
        self.move_items()
        self.command_releases()

    def end(self):
        self.is_ending.set()
        for thread in self.threads:
            thread.join(60)


class Kills:
    def __init__(self, site, seed):
        self.site, self.chance = site, random.Random(f"{seed}/kills")
        self.counts, self.deaths = collections.Counter(), []
        self.restarts = collections.Counter()  # of roles since cordond began

    def one(self):
        time.sleep(self.chance.expovariate(1 / MEAN_PAUSE))
        who = self.chance.choices(list(VICTIMS), list(VICTIMS.values()))[0]
        if max(self.restarts.values(), default=0) >= PATIENCE:
            who = "cordond"
        pids = self.site.cordon.all_pids()
        victims = pids[:1] if who == "cordond" else [pid for pid in pids if name_of(pid) == who]
        if not victims:
            return  # it is dead already
        pid = self.chance.choice(victims)
        self.deaths.append(kill(pid, who, pids))
        self.counts[who] += 1
        if who == "cordond":
            self.begin_anew(pids)
        elif "worker" not in who and "child" not in who:
            self.restarts[who] += 1

    def begin_anew(self, pids):
        cordon = self.site.cordon
        cordon.daemon.wait(10)
        wait_until(lambda: not any(map(is_there, pids)), DEATH, "the end of what cordond started")
        cordon.start(60)
        self.restarts.clear()


def kill(pid, who, pids):
    """Waits until it is gone, and the one whom cordond takes with it while a reply is due."""
    waiting = [each for each in pids if who == "cordond" and name_of(each) in WAIT_FOR_REPLY]
    ends = []
    for each in {pid, *waiting}:
        with contextlib.suppress(ProcessLookupError):
            ends.append(os.pidfd_open(each))
    begin = time.monotonic()
    os.kill(pid, signal.SIGKILL)
    for end in ends:
        select.select([end], [], [], DEATH)
        os.close(end)
    return Death(begin, time.monotonic(), who)


def is_there(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kills", type=int, nargs="?", default=2000)
    parser.add_argument("--seconds", type=float, default=3600, help="an end before that many kills")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    options = parser.parse_args()
    end_on_signals()
    settings = POLICIES | {("clamav", "enabled"): "no"}
    begin = time.monotonic()
    with MailSite("random-kills", settings=settings, review=True) as site:
        proxy = SmtpProxy(site.postfix.release_port)
        site.cordon.restart({("quarantine", "release-via"): f"smtp://127.0.0.1:{proxy.port}"})
        load, kills = Load(site, options.seed), Kills(site, options.seed)
        load.start()
        told = begin
        while sum(kills.counts.values()) < options.kills and (
            time.monotonic() < begin + options.seconds
        ):
            kills.one()
            if time.monotonic() > told + 15:
                told = time.monotonic()
                count = sum(kills.counts.values())
                print(f"{told - begin:5.0f} s  {count} kills, {len(load.accepted)} accepted", flush=True)
        load.end()
        site.cordon.restart()
        account = Account(site, load, proxy.passages, kills.deaths)
        account.check()
        proxy.close()
    print(json.dumps({"seed": options.seed, "seconds": round(time.monotonic() - begin)}))
    print(json.dumps({"kills": sum(kills.counts.values()), **kills.counts}))
    print(json.dumps({"wrong": len(account.wrong), **account.figures}))
    print(json.dumps({"refusals": load.refusals, "errors of the load": load.errors}))
    print("\n".join(account.wrong[:120]))
    return 1 if account.wrong or not account.figures["released by imap"] else 0


if __name__ == "__main__":
    sys.exit(main())
