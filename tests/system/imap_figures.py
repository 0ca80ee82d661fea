#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The reviewer against a bad IMAP server, through a proxy before the real one.

imap_figures.py [RUNS] [--seconds N] [--seed N]. In each run, while the agent is away, a message is held and a person
moves earlier items to Release; then it connects, and its session is cut after a number of bytes that no other
run has, refused at random (NO, BAD, BYE), or meets another UIDVALIDITY, or the server restarts. At the end all
was delivered exactly once, each message has one item, and none is anybody's.
"""

import argparse
import collections
import hashlib
import json
import random
import sys
import time

import messages
from quarantine_account import Account
from rig import MailSite, RigError
from rig.imap_proxy import ImapProxy
from rig.mailbox import ReviewClient
from rig.process import wait_until
from rig.site import end_on_signals
from rig.smtp_proxy import SmtpProxy
from site_test import BOB, POLICIES, SENDER

KINDS = {"cut": 70, "refused": 12, "uidvalidity": 12, "dropped": 4, "restart": 2}
REFUSE = 0.08
KEEP_FILED = 10  # more in Released would only make each session longer
KEPT = 0.15  # this share of the mail stays held


class Site:
    def __init__(self, site, imap, seed):
        self.site, self.imap, self.chance = site, imap, random.Random(seed)
        self.accepted, self.decisions, self.forgotten = {}, {}, set()
        self.counts, self.mark = collections.Counter(), 0

    def hold(self):
        message = messages.gtube()
        outcome = self.site.deliver(SENDER, [BOB], message)
        assert outcome.is_accepted, outcome.answer
        self.accepted[hashlib.sha256(message).hexdigest()] = messages.message_id_of(message)

    def work(self):
        """What a person does: decides on what lies there, and tidies up."""
        client = ReviewClient(self.site.dovecot.imap_port)
        try:
            items = client.items()
            for held_id in items:
                if held_id not in self.decisions:
                    is_kept = self.chance.random() < KEPT
                    self.decisions[held_id] = "kept" if is_kept else "imap"
            self.on_uids(client, "", [i for i in items if self.decisions[i] == "imap"], items, True)
            filed = client.items("Released")
            old = sorted(filed)[:-KEEP_FILED]
            self.on_uids(client, "Released", old, filed, False)
            self.forgotten.update(old)
        finally:
            client.close()

    @staticmethod
    def on_uids(client, folder, ids, items, is_release):
        uids = ",".join(str(uid) for held_id in ids for uid in items[held_id])
        if not uids:
            return
        client.imap.select(client.path(folder))
        if is_release:
            client.imap.uid("MOVE", uids, client.path("Release"))
        else:
            client.imap.uid("STORE", uids, "+FLAGS", "(\\Deleted)")
            client.imap.expunge()

    def opened(self, seconds=90):
        """The agent has come back and has looked at everything."""
        with open(self.site.cordon.log, encoding="utf-8", errors="replace") as log:

            def is_there():
                log.seek(self.mark)
                return "mailbox-opened" in log.read()

            wait_until(is_there, seconds, "the agent's next session", 0.1)

    def begin(self):
        self.mark = self.site.cordon.log.stat().st_size
        self.imap.drop_all()
        self.hold()
        self.work()

    def run(self, kind, offset):
        if kind == "uidvalidity":
            self.imap.validity += 1
        self.imap.cut_after = offset if kind in ("cut", "uidvalidity") else None
        cuts = self.imap.cuts
        self.begin()
        if kind == "refused":
            self.imap.refuse = REFUSE
            time.sleep(3)
            self.imap.refuse = 0.0
        elif kind == "restart":
            self.site.dovecot.stop()
            self.site.dovecot.start()
        elif kind == "dropped":
            time.sleep(1 + self.chance.random())
            self.imap.drop_all()
        else:
            self.wait_for_cut(cuts)
        self.opened()
        self.counts[kind] += 1

    def wait_for_cut(self, cuts):
        try:
            wait_until(lambda: self.imap.cuts > cuts, 7, "the cut", 0.05)
            self.counts["sessions cut"] += 1
        except RigError:
            self.imap.cut_after = None  # longer than the session was

    def length(self):
        """Bytes of a session in which something is held, shown, released and filed."""
        for _ in range(3):
            self.begin()
            self.opened()
            time.sleep(1.5)
        return self.imap.longest()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", type=int, nargs="?", default=1000)
    parser.add_argument("--seconds", type=float, default=36000, help="an end before that many runs")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    options = parser.parse_args()
    end_on_signals()
    settings = POLICIES | {("clamav", "enabled"): "no"}
    begin = time.monotonic()
    with MailSite("imap", settings=settings, review=True) as site:
        smtp = SmtpProxy(site.postfix.release_port)
        imap = ImapProxy(site.dovecot.imap_port, seed=options.seed)
        changes = {
            ("quarantine", "imap-url"): f"imap://127.0.0.1:{imap.port}",
            ("quarantine", "release-via"): f"smtp://127.0.0.1:{smtp.port}",
        }
        start = len(site.cordon.log_text())
        site.cordon.restart(changes)
        site.cordon.wait_for_log("quarantine-proved", 60, start)
        person = Site(site, imap, options.seed)
        length = person.length()
        chance = random.Random(f"{options.seed}/runs")
        offsets = chance.sample(range(1, max(length, options.runs + 2)), options.runs)
        for number, offset in enumerate(offsets):
            if time.monotonic() > begin + options.seconds:
                break
            kind = chance.choices(list(KINDS), list(KINDS.values()))[0]
            person.run(kind, offset)
            if number % 20 == 19:
                print(f"{time.monotonic() - begin:5.0f} s  {number + 1} runs", flush=True)
        imap.refuse, imap.cut_after = 0.0, None
        account = Account(site, person, smtp.passages)
        account.check()
        imap.close()
        smtp.close()
    seconds = round(time.monotonic() - begin)
    print(json.dumps({"seed": options.seed, "seconds": seconds, "session": length, **person.counts}))
    print(json.dumps({"wrong": len(account.wrong), "refused": imap.refused, **account.figures}))
    print("\n".join(account.wrong[:40]))
    return 1 if account.wrong or not account.figures["released by imap"] else 0


if __name__ == "__main__":
    sys.exit(main())
