#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The reviewer's IMAP session, cut at every single byte, against a real server.

imap_offsets.py [--first N] [--last N] [--step N] [--seconds N]. A reviewer is started for each offset with
something to show and something to release, its session is cut after that many bytes of both directions,
and it is killed when it has noticed. The offsets end where no session is that long. At the end all was
delivered exactly once, each message has one item, and none is anybody's.
"""

import argparse
import itertools
import json
import os
import signal
import subprocess
import sys
import time

from imap_figures import Site
from quarantine_account import Account
from rig import MailSite, RigError, places
from rig.dovecot import PASSWORD
from rig.imap_proxy import ImapProxy
from rig.mailbox import ReviewClient
from rig.process import wait_until
from rig.site import end_on_signals
from rig.smtp_proxy import SmtpProxy
from site_test import POLICIES

TIDY = 40  # runs between two rounds of a person who deletes old items
SHORTER = 25  # sessions in a row that ended before their offset: it is the end
IMAP_KEYS = ("imap-url", "imap-user", "imap-password-file")


class LoneReviewer:
    """cordon-review as cordond starts it, but without releases, which another one does."""

    def __init__(self, site, imap_port):
        settings = {
            **site.cordon.settings,
            ("quarantine", "imap-url"): f"imap://127.0.0.1:{imap_port}",
            ("quarantine", "imap-user"): "quarantine@example.org",
            ("quarantine", "release-via"): None,
        }
        sections = {}
        for (section, key), value in settings.items():
            if value is not None:
                sections.setdefault(section, []).append(f"{key} = {value}\n")
        self.text = "".join(f"[{name}]\n{''.join(keys)}" for name, keys in sections.items())
        self.program = places.reachable_program(places.BUILD / "cordon-review")
        self.log = site.directory / "reviewer.log"
        self.process, self.mark = None, 0

    def start(self):
        self.mark = self.log.stat().st_size if self.log.exists() else 0
        files = []
        for name, text in (("config", self.text), ("secret", PASSWORD + "\n")):
            fd = os.memfd_create(name, 0)
            os.write(fd, text.encode())
            os.lseek(fd, 0, os.SEEK_SET)
            files.append(fd)
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [self.program, "--config-fd", str(files[0]), "--secret-fd", str(files[1])],
                pass_fds=files,
                user=places.CORDON_USER,
                stderr=log,
            )
        for fd in files:
            os.close(fd)

    def has_said(self, word):
        with open(self.log, "rb") as log:
            log.seek(self.mark)
            return word.encode() in log.read()

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


class Person(Site):
    """Keeps one message waiting to be shown and one waiting to be released, where there is none."""

    def __init__(self, site, imap):
        super().__init__(site, imap, 0)
        self.client = ReviewClient(site.dovecot.imap_port)

    def prepare(self):
        if not self.client.count("INBOX"):
            self.hold()
        if self.client.items("Release"):
            return
        items = self.client.items()
        if len(items) > 1:
            chosen = min(items)
            self.decisions[chosen] = "imap"
            self.on_uids(self.client, "", [chosen], items, True)

    def tidy(self):
        filed = self.client.items("Released")
        self.on_uids(self.client, "Released", list(filed), filed, False)
        self.forgotten.update(filed)


def cut_at(offset, person, imap, reviewer):
    """False when the session ended before that byte."""
    person.prepare()
    cuts, imap.cut_after = imap.cuts, offset
    reviewer.start()
    begin = time.monotonic()
    opened_at = 0
    while imap.cuts == cuts and time.monotonic() < begin + 30:
        if not opened_at and reviewer.has_said("mailbox-opened"):
            opened_at = time.monotonic()
        if opened_at and time.monotonic() > opened_at + 2.5:
            break
        time.sleep(0.002)
    was_cut = imap.cuts > cuts
    if was_cut:
        wait_until(lambda: reviewer.has_said("mailbox-trouble"), 30, "it notices", 0.005)
    reviewer.kill()
    imap.cut_after = None
    imap.drop_all()
    return was_cut


def run(options, person, imap, reviewer):
    begin, shorter, done = time.monotonic(), 0, 0
    for offset in itertools.count(options.first, options.step):
        if options.last and offset > options.last or shorter == SHORTER:
            break
        if time.monotonic() > begin + options.seconds:
            break
        was_cut = cut_at(offset, person, imap, reviewer)
        shorter = 0 if was_cut else shorter + 1
        person.counts["sessions cut"] += was_cut
        if was_cut:
            person.counts["last byte"] = offset
        done += 1
        if done % TIDY == 0:
            person.tidy()
        if done % 200 == 0:
            print(f"{time.monotonic() - begin:5.0f} s  up to byte {offset}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--last", type=int, default=0)
    parser.add_argument("--step", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=36000, help="an end before the last byte")
    options = parser.parse_args()
    end_on_signals()
    settings = POLICIES | {("clamav", "enabled"): "no"}
    begin = time.monotonic()
    with MailSite("offsets", settings=settings, review=True) as site:
        smtp = SmtpProxy(site.postfix.release_port)
        imap = ImapProxy(site.dovecot.imap_port)
        site.cordon.restart(
            {
                **{("quarantine", key): None for key in IMAP_KEYS},
                ("quarantine", "release-via"): f"smtp://127.0.0.1:{smtp.port}",
            }
        )
        person, reviewer = Person(site, imap), LoneReviewer(site, imap.port)
        try:
            run(options, person, imap, reviewer)
        except RigError:
            print(reviewer.log.read_text(errors="replace")[-3000:])
            raise
        reviewer.start()
        account = Account(site, person, smtp.passages)
        account.check()
        reviewer.kill()
        imap.close()
        smtp.close()
    print(json.dumps({"seconds": round(time.monotonic() - begin), **person.counts}))
    print(json.dumps({"wrong": len(account.wrong), **account.figures}))
    print("\n".join(account.wrong[:40]))
    return 1 if account.wrong or not account.figures["released by imap"] else 0


if __name__ == "__main__":
    sys.exit(main())
