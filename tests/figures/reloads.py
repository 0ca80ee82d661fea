#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Reloads of the signatures while mail flows, every other one with a damaged database: how many
messages failed, and how long the slowest waited beside those of a run without reloads.

reloads.py [NUMBER]    (50)
"""

import pathlib
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "system"))

import messages  # noqa: E402
from rig import MailSite, RigError  # noqa: E402
from rig.site import end_on_signals  # noqa: E402

SENDERS, PAUSE, CALM_SECONDS, MOST_DELAY = 4, 0.05, 15, 1.0
MOST_SECONDS = 60
DAMAGE = ("", "this is no signature\n", "Other:0:*:000102030405060708\n", None)


class Sender(threading.Thread):
    """Clean mail and viruses in turn, until it is told to end."""

    def __init__(self, site):
        super().__init__(daemon=True)
        self.site, self.is_ending = site, threading.Event()
        self.seconds, self.failures = [], []

    def run(self):
        number = 0
        while not self.is_ending.wait(PAUSE):
            number += 1
            message = messages.eicar_attached() if number % 4 == 0 else messages.clean()
            try:
                outcome = self.site.deliver("a@example.net", ["alice@example.org"], message)
            except OSError as error:
                self.failures.append(str(error))
                continue
            self.seconds.append(outcome.seconds)
            expected = 554 if number % 4 == 0 else 250
            if outcome.final.code != expected:
                self.failures.append(str(outcome.final))


def send_while(site, action):
    """(seconds of each message, failures) while action() runs."""
    senders = [Sender(site) for _ in range(SENDERS)]
    for sender in senders:
        sender.start()
    action()
    for sender in senders:
        sender.is_ending.set()
        sender.join(60)
    return (
        sorted(second for sender in senders for second in sender.seconds),
        [failure for sender in senders for failure in sender.failures],
    )


def put(database, name, text):
    if text is None:
        (database / name).unlink()
        return
    beside = database / f"tmp.{name}"
    beside.write_text(text)
    beside.chmod(0o644)
    beside.rename(database / name)


def reload_often(cordon, number, outcomes):
    good = (cordon.database / "eicar.ndb").read_text()
    for turn in range(number):
        start = len(cordon.log_text())
        is_good = turn % 2 == 1
        put(
            cordon.database,
            "eicar.ndb",
            f"{good}Turn-{turn}:0:*:{turn:016x}\n" if is_good else DAMAGE[turn // 2 % len(DAMAGE)],
        )
        wanted = "signatures-reloaded" if is_good else "signatures-refused"
        cordon.wait_for_log(wanted, MOST_SECONDS, start)
        outcomes.append(wanted)


def main():
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    end_on_signals()
    outcomes = []
    with MailSite("reloads") as site:
        calm, calm_failures = send_while(site, lambda: time.sleep(CALM_SECONDS))
        busy, failures = send_while(site, lambda: reload_often(site.cordon, number, outcomes))
    delay = busy[-1] - calm[len(calm) // 2]
    taken = outcomes.count("signatures-reloaded")
    print(f"reloads   {taken} taken, {len(outcomes) - taken} refused")
    for name, seconds in (("without", calm), ("with", busy)):
        print(
            f"{name:<9} {len(seconds)} messages, seconds: half {seconds[len(seconds) // 2]:.3f}, "
            f"99 % {seconds[len(seconds) * 99 // 100]:.3f}, slowest {seconds[-1]:.3f}"
        )
    print(f"failed    {len(failures)} of {len(busy)} (without reloads {len(calm_failures)})")
    for failure in failures[:5]:
        print(f"          {failure}")
    late = sum(second > calm[len(calm) // 2] + MOST_DELAY for second in busy)
    print(f"delayed   {late} by more than {MOST_DELAY:g} s; the slowest by {delay:.3f} s")
    return 1 if failures or late else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except RigError as error:
        sys.exit(f"reloads: {error}")
