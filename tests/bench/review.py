#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""review.py [N]: the reviewer with N held messages (10,000): how long it takes to put them all into the
mailbox, how long its sweep at a start, its memory, and MOVE to delivered with all of them there."""

import pathlib
import re
import shutil
import statistics
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "system"))

import messages  # noqa: E402
from rig import MailSite, places  # noqa: E402
from rig.mailbox import ReviewClient  # noqa: E402
from rig.process import cpu_seconds, memory_kilobytes, wait_until  # noqa: E402
from site_test import BOB, POLICIES, SENDER  # noqa: E402

ITEM_SECONDS = 0.05  # far more than one takes; only bounds the waiting


def hold(site):
    message = messages.gtube()
    outcome = site.deliver(SENDER, [BOB], message)
    assert outcome.is_accepted, outcome.answer
    verdict = site.cordon.wait_for_verdicts(messages.message_id_of(message))[0]
    return message, verdict["id"]


def multiply(vault, held_id, count):
    """Held messages as the keeper writes them, but for their ids all the same."""
    source = vault / f"{held_id}.held"
    text = source.read_bytes()
    for number in range(count):
        new_id = f"{held_id[:8]}{number:010d}"
        path = vault / f"{new_id}.held"
        path.write_bytes(text.replace(f"id={held_id}\n".encode(), f"id={new_id}\n".encode(), 1))
        shutil.copystat(source, path)
        shutil.chown(path, places.CORDON_USER)


def restart_reviewer(site):
    """Seconds from its start to the end of its sweep, with a resolution of the log's: by polling."""
    start = len(site.cordon.log_text())
    begin = time.monotonic()
    site.cordon.restart()
    site.cordon.wait_for_log("review-started", 60, start)
    begin = time.monotonic()
    site.cordon.wait_for_log("mailbox-opened", 120, start)
    return time.monotonic() - begin


def move_to_delivered(site, client):
    message, held_id = hold(site)
    client.wait_in("", held_id, 30)
    uid = client.items()[held_id][0]  # not in the span: a mail program knows it
    client.imap.select(client.path(""))
    time.sleep(0.7)
    begin = time.monotonic()
    client.imap.uid("MOVE", str(uid), client.path("Release"))
    wait_until(
        lambda: site.mailbox("bob").find(messages.message_id_of(message)), 20, "delivery", 0.01
    )
    return time.monotonic() - begin


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with MailSite("bench", settings=POLICIES, review=True) as site:
        client = ReviewClient(site.dovecot.imap_port)
        _, held_id = hold(site)
        client.wait_in("", held_id, 30)
        site.cordon.stop()
        multiply(site.cordon.vault, held_id, count)
        site.cordon.start(120)
        begin = time.monotonic()
        wait_until(lambda: client.count("") >= count, 60 + ITEM_SECONDS * count, "all items", 0.5)
        print(f"{count} items put into the mailbox in {time.monotonic() - begin:.1f} s", flush=True)
        seconds = restart_reviewer(site)
        pid = site.cordon.pids_of("cordon-review")[0]
        print(f"sweep at the start: {seconds:.2f} s, CPU of the reviewer {cpu_seconds([pid]):.2f} s")
        print(f"memory of the reviewer: {memory_kilobytes(pid) / 1024:.1f} MB (PSS)", flush=True)
        spans = sorted(1000 * move_to_delivered(site, client) for _ in range(7))
        print(
            f"MOVE to delivered: median {statistics.median(spans):.0f} ms, "
            f"{spans[0]:.0f} to {spans[-1]:.0f}"
        )
        print(f"memory after that: {memory_kilobytes(pid) / 1024:.1f} MB (PSS)")
        rest = re.findall(r"mailbox-trouble.*", site.cordon.log_text())
        print(f"{len(rest)} lines of trouble in the log")


if __name__ == "__main__":
    main()
