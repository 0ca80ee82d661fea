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
import hashlib
import json
import os
import random
import re
import signal
import smtplib
import sys
import threading
import time

import messages
from rig import MailSite, RigError
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
END_SECONDS = 150
# What is done with held mail, in parts of a hundred; the rest stays held.
BY_COMMAND, BY_IMAP = 45, 35
# Who waits for the reply to a release; of the keeper's death the one who waits knows.
WAIT_FOR_REPLY = ("cordon-review", "cordond")
MESSAGE_ID = re.compile(rb"^Message-ID: (\S+)", re.IGNORECASE | re.MULTILINE)


class Load:
    """Senders, an administrator at the command line and a person at a mail program."""

    def __init__(self, site, seed):
        self.site, self.chance = site, random.Random(f"{seed}/load")
        self.accepted, self.unclear = {}, set()  # Message-ID by SHA-256; those without an answer
        self.refusals = collections.Counter()
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

    def items(self):
        status, output, errors = self.quarantine("list", "--json", "--state", ALL_STATES)
        if status:
            raise RigError(errors)
        return {item["id"]: item for item in map(json.loads, output.splitlines())}

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

    def end(self):
        self.is_ending.set()
        for thread in self.threads:
            thread.join(60)


ALL_STATES = "held,sending,sent,filed,spam,failed"


class Kills:
    def __init__(self, site, seed):
        self.site, self.chance = site, random.Random(f"{seed}/kills")
        self.counts, self.moments = collections.Counter(), []  # (when, who)
        self.deaths = collections.Counter()  # of roles since cordond began

    def one(self):
        time.sleep(self.chance.expovariate(1 / MEAN_PAUSE))
        who = self.chance.choices(list(VICTIMS), list(VICTIMS.values()))[0]
        if max(self.deaths.values(), default=0) >= PATIENCE:
            who = "cordond"
        pids = self.site.cordon.all_pids()
        victims = pids[:1] if who == "cordond" else [pid for pid in pids if name_of(pid) == who]
        if not victims:
            return  # it is dead already
        pid = self.chance.choice(victims)
        self.moments.append((time.monotonic(), who))
        os.kill(pid, signal.SIGKILL)
        self.counts[who] += 1
        if who == "cordond":
            self.begin_anew(pids)
        elif "worker" not in who and "child" not in who:
            self.deaths[who] += 1

    def begin_anew(self, pids):
        cordon = self.site.cordon
        cordon.daemon.wait(10)
        wait_until(lambda: not any(map(is_there, pids)), 20, "the end of what cordond started")
        cordon.start(60)
        self.deaths.clear()


def is_there(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


class Account:
    def __init__(self, site, load, kills, proxy):
        self.site, self.load, self.kills, self.proxy = site, load, kills, proxy
        self.passages = collections.defaultdict(list)
        self.figures, self.wrong = collections.Counter(), []

    def settle(self):
        """Until all that was ordered is done, or it takes too long."""
        self.site.cordon.restart()
        deadline = time.monotonic() + END_SECONDS
        while time.monotonic() < deadline:
            self.load.move_items()
            self.load.command_releases()
            items = self.load.items()
            undone = [i for i in items if self.is_undone(i, items[i])]
            if not undone and not self.site.postfix.queued():
                break
        self.site.postfix.wait_empty(60)
        return items

    def is_undone(self, held_id, item):
        how = self.load.decisions.get(held_id)
        return how is None or (how != "kept" and item["state"] not in ("sent", "filed"))

    def copies(self):
        """Of each Message-ID in the mailbox of the one for whom all is held."""
        found = collections.Counter()
        for path in self.site.dovecot.mail_of("bob").rglob("*"):
            if path.is_file() and path.parent.name in ("new", "cur"):
                if name := MESSAGE_ID.search(path.read_bytes()):
                    found[name[1].decode()] += 1
        return found

    def check(self):
        items = self.settle()
        for passage in self.proxy.passages:
            self.passages[passage.held_id].append(passage)
        names = {item["sha256"]: held_id for held_id, item in items.items()}
        copies = self.copies()
        lost = [name for sha, name in self.load.accepted.items() if sha not in names]
        self.wrong += [f"lost: {name} was accepted" for name in lost]
        by_id = {held_id: self.load.accepted.get(item["sha256"]) for held_id, item in items.items()}
        for held_id, item in items.items():
            self.check_item(held_id, item, copies[by_id[held_id]] if by_id[held_id] else None)
        self.check_folders(items)
        self.figures["accepted"] = len(self.load.accepted)
        self.figures["nonces refused"] = self.site.cordon.log_text().count("release-forged")
        self.figures["held though the sender was told to come again"] = sum(
            item["sha256"] not in self.load.accepted for item in items.values()
        )

    def check_item(self, held_id, item, copies):
        how = self.load.decisions.get(held_id, "undecided")
        accepted = [p for p in self.passages[held_id] if p.is_accepted or not p.code]
        if copies is None:  # nobody was told that it is held; a release of it counts by the proxy
            copies = sum(p.is_accepted for p in self.passages[held_id])
        if how in ("kept", "undecided"):
            if copies:
                self.wrong.append(f"{held_id}: nobody released it, {copies} copies")
            self.figures["kept"] += 1
            return
        self.figures[f"released by {how}"] += 1
        self.figures[f"{copies} copies"] += 1
        if copies == 0 or item["state"] not in ("sent", "filed"):
            self.wrong.append(f"{held_id}: ordered, {item['state']}, {copies} copies")
            self.wrong += self.traces(held_id)
        for first, second in zip(accepted, accepted[1:]):
            self.check_second(held_id, first, second)

    def traces(self, held_id):
        """What the logs say of it, and what passed by."""
        lines = [f"    {passage}" for passage in self.passages[held_id]]
        for log in (self.site.cordon.log_text(), self.site.postfix.log_text()):
            queue_ids = re.findall(rf"id={held_id} qid=(\w+)", self.site.cordon.log_text())
            words = [held_id, *queue_ids]
            lines += [f"    {line}" for line in log.splitlines() if any(w in line for w in words)]
        return lines

    def check_second(self, held_id, first, second):
        between = [
            moment
            for moment, who in self.kills.moments
            if first.dot <= moment <= second.dot and who in WAIT_FOR_REPLY
        ]
        if not between:
            self.wrong.append(f"{held_id}: a second copy, and nobody was killed in between")
        else:
            self.figures["kills in the window"] += 1
            span = min(between) - first.dot
            self.figures["longest window, ms"] = max(
                self.figures["longest window, ms"], round(1000 * span)
            )

    def check_folders(self, items):
        """One item each, where its state says; none where the command line was faster than it."""
        homes = {"held": "", "sent": "Released", "filed": "Released", "failed": "Failed"}

        def misplaced():
            client = ReviewClient(self.site.dovecot.imap_port)
            places = collections.defaultdict(list)
            for folder in ("", "Release", "Release and allow", "Spam", "Released", "Failed"):
                for held_id, uids in client.items(folder).items():
                    places[held_id] += [folder] * len(uids)
            left = []
            if client.count("INBOX"):
                left = client.imap.fetch("1:*", "(BODY.PEEK[HEADER.FIELDS (X-Cordon-Id Subject)])")[1]
            client.close()
            found = [
                f"{held_id}: {item['state']}, lies in {places[held_id]}"
                for held_id, item in items.items()
                if places[held_id] != [homes.get(item["state"])]
                and (places[held_id] or self.load.decisions.get(held_id) != "command")
            ]
            found += [f"{held_id} is nobody's" for held_id in places if held_id not in items]
            return found + [f"a native copy is left: {part[1]}" for part in left if len(part) == 2]

        try:
            wait_until(lambda: not misplaced(), 60, "one item each", 1)
        except RigError:
            self.wrong += misplaced()


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
        account = Account(site, load, kills, proxy)
        account.check()
        proxy.close()
    print(json.dumps({"seed": options.seed, "seconds": round(time.monotonic() - begin)}))
    print(json.dumps({"kills": sum(kills.counts.values()), **kills.counts}))
    print(json.dumps({"wrong": len(account.wrong), **account.figures}))
    print(json.dumps({"refusals": load.refusals, "errors of the load": load.errors}))
    print("\n".join(account.wrong[:40]))
    return 1 if account.wrong or not account.figures["released by imap"] else 0


if __name__ == "__main__":
    sys.exit(main())
