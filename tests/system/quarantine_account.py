# SPDX-License-Identifier: GPL-2.0-only
"""What became of held mail, message by message: in the vault, delivered or not, its item. For the long
runs that kill processes and cut connections."""

import collections
import json
import re
import time
import typing

from rig import RigError
from rig.mailbox import ReviewClient
from rig.process import wait_until

END_SECONDS = 150
ALL_STATES = "held,sending,sent,filed,spam,failed"
MESSAGE_ID = re.compile(rb"^Message-ID: (\S+)", re.IGNORECASE | re.MULTILINE)
HELD_ID = re.compile(rb"X-Cordon-Id: (\w+)")
# Who waits for the reply to a release; of the keeper's death the one who waits knows.
WAIT_FOR_REPLY = ("cordon-review", "cordond")
WRITES_DOWN = ("cordon-keeper", "cordond")
KEEPER_START = 4.0  # seconds until it is there again, the pause before its restart included
RECORD_TIME = 1.0  # far more than a flush of the disk takes
NOTED = 0.1  # the proxy notes a dot that late; the next process is not there before (its first pause)
LAST_DOT = 0.25  # until those whom cordond takes with it have heard of it, and send no dot any more


class Death(typing.NamedTuple):
    begin: float  # before the signal was sent
    end: float  # when the process is gone, and with cordond the one who waited for a reply
    who: str


class Account:
    """load: accepted ({sha256: Message-ID}), decisions ({id: "command", "imap" or "kept"}), forgotten (ids
    of items that a person deleted), work() (another round). passages: of the SmtpProxy before the listener
    for releases."""

    def __init__(self, site, load, passages, deaths=()):
        self.site, self.load, self.deaths = site, load, deaths
        self.all_passages, self.passages = passages, collections.defaultdict(list)
        self.figures, self.wrong = collections.Counter(), []

    def settle(self):
        """Until all that was ordered is done, or it takes too long."""
        deadline = time.monotonic() + END_SECONDS
        while time.monotonic() < deadline:
            self.load.work()
            items = self.items()
            undone = [i for i in items if self.is_undone(i, items[i])]
            if not undone and not self.site.postfix.queued():
                break
        self.site.postfix.wait_empty(60)
        return items

    def items(self):
        config = ("--config", str(self.site.cordon.config))
        arguments = ("list", "--json", "--state", ALL_STATES)
        status, output, errors = self.site.cordon.command("quarantine", *arguments, *config)
        if status:
            raise RigError(errors)
        return {item["id"]: item for item in map(json.loads, output.splitlines())}

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
        for passage in self.all_passages:
            self.passages[passage.held_id].append(passage)
        names = {item["sha256"]: held_id for held_id, item in items.items()}
        copies = self.copies()
        lost = [name for sha, name in self.load.accepted.items() if sha not in names]
        self.wrong += [f"lost: {name} was accepted" for name in lost]
        by_id = {held_id: self.load.accepted.get(item["sha256"]) for held_id, item in items.items()}
        for held_id, item in items.items():
            self.check_item(held_id, item, copies[by_id[held_id]] if by_id[held_id] else None)
        self.check_folders(items)
        self.wrong += late_dots(self.all_passages, self.deaths)
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
        pairs = zip(accepted, accepted[1:])
        windows = [w for w in (window(self.deaths, *pair) for pair in pairs) if w is not None]
        self.figures["kills in the window"] += len(windows)
        longest = round(1000 * max(windows, default=0))
        self.figures["longest window, ms"] = max(self.figures["longest window, ms"], longest)
        if copies - 1 > len(windows):
            self.wrong.append(f"{held_id}: {copies} copies, and nobody was killed in between")
            self.wrong += self.traces(held_id)

    def traces(self, held_id):
        """What the logs say of it, and what passed by."""
        lines = [f"    {passage}" for passage in self.passages[held_id]]
        for log in (self.site.cordon.log_text(), self.site.postfix.log_text()):
            queue_ids = re.findall(rf"id={held_id} qid=(\w+)", self.site.cordon.log_text())
            words = [held_id, *queue_ids]
            lines += [f"    {line}" for line in log.splitlines() if any(w in line for w in words)]
        return lines

    def may_be_absent(self, held_id):
        """The command line was faster than its item, or a person has deleted it."""
        return self.load.decisions.get(held_id) == "command" or held_id in self.load.forgotten

    def check_folders(self, items):
        """One item each, where its state says."""
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
                and not (places[held_id] == [] and self.may_be_absent(held_id))
            ]
            found += [f"{held_id} is nobody's" for held_id in places if held_id not in items]
            ids = [HELD_ID.search(part[1]) for part in left if len(part) == 2]
            for held_id in [match[1].decode() for match in ids if match]:
                state = items.get(held_id, {}).get("state", "unknown")
                found += [f"{held_id}: {state}, its native copy is left", *self.traces(held_id)]
            return found

        try:
            wait_until(lambda: not misplaced(), 60, "one item each", 1)
        except RigError:
            self.wrong += misplaced()
            self.wrong += self.site.cordon.log_text().splitlines()[-20:]


def window(deaths, first, second):
    """Seconds from the final dot of an attempt to the death of who waited for its reply (below zero: the
    dot was noted while it was dying), None when nobody died before the next one, or only long after the
    reply: then it was recorded."""
    spans = [
        death.begin - first.dot
        for death in deaths
        if first.dot <= death.end + NOTED
        and death.begin <= second.dot
        and death.who in WAIT_FOR_REPLY
        and not is_recorded(deaths, first, death.begin)
    ]
    return min(spans, key=abs, default=None)


def is_recorded(deaths, passage, moment):
    """The reply had come by then, and a keeper was there long enough to write it down."""
    if not passage.reply or passage.reply > moment:
        return False
    ends = [death.end for death in deaths if death.who in WRITES_DOWN and death.begin < moment]
    return moment - max([passage.reply, *[end + KEEPER_START for end in ends]]) > RECORD_TIME


def late_dots(passages, deaths):
    """Sent by the reviewer although cordond had died, and the keeper with it."""
    return [
        f"{passage.held_id}: its final dot {1000 * (passage.dot - death.begin):.0f} ms after the end of cordond"
        for death in deaths
        for passage in passages
        if death.who == "cordond" and death.begin + LAST_DOT < passage.dot <= death.end + NOTED
    ]
