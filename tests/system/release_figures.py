#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Are releases exact? Holds each mail of some folders through Postfix, releases it, compares SHA-256.

release_figures.py [--part I/N] FOLDER... prints how many of them came out of the release with the bytes
that went into the vault, and how many went into the vault with the bytes that were sent (an MTA repairs
some mail before a filter sees it). --part takes every Nth mail, so that a long run can be had in pieces.
"""

import argparse
import collections
import hashlib
import json
import pathlib
import queue
import subprocess
import sys
import threading
import time

from rig import MailSite, places
from rig.process import wait_until
from rig.site import end_on_signals
from rig.smtp_sink import SmtpSink

BOB = "bob@example.org"
SETTINGS = {("policy", key): "-1000" for key in ("tag", "quarantine")} | {
    ("policy", "reject"): "100000",
    ("policy", "virus"): "quarantine",
    ("policy", "unscanned"): "quarantine",
    ("policy", "encrypted"): "quarantine",
    ("clamav", "enabled"): "no",
    ("log", "level"): "warn",
}
# Nobody looks into the mailbox here.
NO_MAILBOX = "transport_maps = inline:{ quarantine@example.org=discard: }\n"
SESSIONS = 4
LARGEST = 30_000_000


def mails(folders, part, parts):
    files = [p for f in folders for p in sorted(pathlib.Path(f).rglob("*")) if p.is_file()]
    for path in files[part - 1 :: parts]:
        data = path.read_bytes()
        if 0 < len(data) < LARGEST:
            lines = data.replace(b"\r\n", b"\n").replace(b"\r", b"").replace(b"\n", b"\r\n")
            yield path, lines if lines.endswith(b"\r\n") else lines + b"\r\n"


class Holding:
    """Several SMTP sessions that take what is next; the digests of what Postfix took."""

    def __init__(self, site):
        self.site, self.todo = site, queue.Queue(SESSIONS)
        self.sent, self.refused = set(), []
        self.threads = [threading.Thread(target=self.run, daemon=True) for _ in range(SESSIONS)]

    def all(self, found):
        for thread in self.threads:
            thread.start()
        for mail in found:
            self.todo.put(mail)
        for _ in self.threads:
            self.todo.put(None)
        for thread in self.threads:
            thread.join()

    def run(self):
        session = self.site.session()
        while mail := self.todo.get():
            path, data = mail
            try:
                outcome = session.message("dana@example.net", [BOB], data)
                answer = "" if outcome.is_accepted else str(outcome.answer)
            except Exception as error:  # a session that Postfix ended
                answer, session = f"{type(error).__name__}: {error}", self.site.session()
            if answer:
                self.refused.append(f"{path}: {answer}")
            else:
                self.sent.add(hashlib.sha256(data).hexdigest())


class DigestSink(SmtpSink):
    """Keeps the digests of what arrives, since all of it would be much."""

    def __init__(self):
        super().__init__()
        self.digests = collections.Counter()

    def keep(self, mail):
        self.digests[hashlib.sha256(mail.original).hexdigest()] += 1


def release_all(site, ids):
    command = [places.reachable_program(places.BUILD / "cordon"), "quarantine", "release", "--no-wait"]
    for at in range(0, len(ids), 500):
        subprocess.run(
            [*command, "--config", site.cordon.config, *ids[at : at + 500]],
            stdout=subprocess.DEVNULL,
            check=True,
        )


def measure(site, sink, found):
    holding = Holding(site)
    holding.all(found)
    items = site.cordon.quarantine_list()
    begin = time.monotonic()
    release_all(site, [item["id"] for item in items])
    wait_until(lambda: sink.digests.total() >= len(items), 1800, "all releases", 0.2)
    seconds = time.monotonic() - begin
    held = collections.Counter(item["sha256"] for item in items)
    for line in holding.refused[:20]:
        print(line, file=sys.stderr)
    return {
        "held": len(items),
        "refused": len(holding.refused),
        "released": sink.digests.total(),
        "exact": (held & sink.digests).total(),
        "all_once": held == sink.digests,
        "as_sent": sum(digest in holding.sent for digest in held.elements()),
        "releases_per_second": round(len(items) / seconds, 1),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+")
    parser.add_argument("--part", default="1/1")
    arguments = parser.parse_args()
    part, parts = map(int, arguments.part.split("/"))
    end_on_signals()
    sink = DigestSink()
    settings = SETTINGS | {("quarantine", "release-via"): f"smtp://127.0.0.1:{sink.port}"}
    with MailSite("figures", settings=settings) as site:
        site.postfix.restart(site.socket.for_postfix, NO_MAILBOX)
        figures = measure(site, sink, mails(arguments.folders, part, parts))
    sink.close()
    print(json.dumps({"part": arguments.part, **figures}))
    return 0 if figures["all_once"] and figures["held"] else 1


if __name__ == "__main__":
    sys.exit(main())
