#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""holding.py [N]: what it adds to the SMTP dialogue that a message is held: milliseconds from the final dot
to the reply, the same message in turn for one who has it tagged and one for whom it is held, N times (300)
at each size. fsync: of as many bytes into the same folder, without Cordon."""

import os
import pathlib
import statistics
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "system"))

import messages  # noqa: E402
from rig import MailSite  # noqa: E402
from rig.site import end_on_signals  # noqa: E402
from site_test import BOB, DAVE, POLICIES, SENDER  # noqa: E402

SIZES = {"1 kB": 0, "100 kB": 100_000, "2 MB": 2_000_000}


def message_of(size):
    filler = b"".join(b"%072d\r\n" % number for number in range(size // 74))
    return messages.gtube() + filler


def write_and_flush(folder, size):
    path = folder / "fsync.part"
    begin = time.perf_counter()
    fd = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    os.write(fd, b"x" * max(size, 1000))
    os.fsync(fd)
    os.close(fd)
    os.rename(path, folder / "fsync.done")
    folder_fd = os.open(folder, os.O_RDONLY)
    os.fsync(folder_fd)
    os.close(folder_fd)
    seconds = time.perf_counter() - begin
    (folder / "fsync.done").unlink()
    return seconds


def percentiles(seconds):
    """p50 and p95 in milliseconds."""
    cuts = statistics.quantiles(seconds, n=20)
    return 1000 * cuts[9], 1000 * cuts[18]


def measure(site, session, size, count):
    times = {"tagged": [], "held": [], "fsync": []}
    for _ in range(count):
        for what, recipient in (("tagged", DAVE), ("held", BOB)):
            outcome = session.message(SENDER, [recipient], message_of(size))
            assert outcome.is_accepted, outcome.answer
            times[what].append(outcome.seconds)
        times["fsync"].append(write_and_flush(site.cordon.state, size))
        site.postfix.wait_empty(60)
    return {what: percentiles(seconds) for what, seconds in times.items()}


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    end_on_signals()
    settings = POLICIES | {("clamav", "enabled"): "no"}
    with MailSite("holding", settings=settings) as site, site.session() as session:
        for name, size in SIZES.items():
            found = measure(site, session, size, count)
            words = [f"{what} {p50:5.1f} / {p95:5.1f}" for what, (p50, p95) in found.items()]
            added = [held - tagged for held, tagged in zip(found["held"], found["tagged"])]
            print(f"{name:>6}  p50 / p95 in ms: {'   '.join(words)}   "
                  f"added {added[0]:5.1f} / {added[1]:5.1f}", flush=True)


if __name__ == "__main__":
    main()
