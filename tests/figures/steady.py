#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Steady mail with a reload every 30 s: do memory and descriptors grow?

steady.py [SECONDS] [RATE]    (1200 s, 20 messages a second)

Sampled after each minute, when no reload is under way: memory (Pss) and descriptors of each role,
summed over its processes. The first two minutes warm caches up; after them nothing may grow by more
than a tenth.
"""

import collections
import sys
import threading
import time

from lone import descriptors, lone_cordon, messages, one_message, percentile
from rig.process import memory_kilobytes

RELOAD_SECONDS, SAMPLE_SECONDS, WARM_SAMPLES = 30, 60, 2
ROLES = ("cordond", "cordon-milter", "cordon-keeper", "cordon-scanner", "cordon-antivirus")
GROWTH, SLACK_KB, SLACK_FDS = 1.10, 4096, 8


class Sender(threading.Thread):
    def __init__(self, cordon, rate, number):
        super().__init__(daemon=True)
        self.cordon, self.rate, self.number = cordon, rate, number
        self.is_ending = threading.Event()
        self.seconds, self.answers = [], collections.Counter()

    def run(self):
        begin, count = time.monotonic(), 0
        while not self.is_ending.is_set():
            wait = begin + count / self.rate - time.monotonic()
            if wait > 0 and self.is_ending.wait(wait):
                return
            count += 1
            kind = count % 10
            data = (
                messages.eicar_attached()
                if kind == 3
                else messages.gtube()
                if kind == 6
                else messages.ordinary(count * 100 + self.number)
            )
            try:
                seconds, answers = one_message(self.cordon, data, 60)
            except OSError as error:
                self.answers[type(error).__name__] += 1
                continue
            self.seconds.append(seconds)
            last = answers[-1]
            self.answers[last[1][:3] if last[0] == "reply" else last[0]] += 1


def sample(cordon):
    out = {}
    for role in ROLES:
        pids = cordon.pids_of(role)
        if pids:
            out[role] = (
                sum(memory_kilobytes(pid) for pid in pids),
                sum(descriptors(pid) for pid in pids),
                len(pids),
            )
    return out


def main():
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 1200
    rate = float(sys.argv[2]) if len(sys.argv) > 2 else 20
    samples, reloads = [], 0
    settings = {("quarantine", "mailbox"): None}
    with lone_cordon("steady", settings) as cordon:
        senders = [Sender(cordon, rate / 4, number) for number in range(4)]
        for sender in senders:
            sender.start()
        end = time.monotonic() + seconds
        next_reload = time.monotonic() + RELOAD_SECONDS
        next_sample = time.monotonic() + SAMPLE_SECONDS - 2  # between two reloads
        while time.monotonic() < end:
            time.sleep(0.5)
            if time.monotonic() >= next_reload:
                cordon.reload()
                reloads += 1
                next_reload += RELOAD_SECONDS
            if time.monotonic() >= next_sample:
                samples.append(sample(cordon))
                next_sample += SAMPLE_SECONDS
                print(f"{len(samples):3} min  {samples[-1]}", flush=True)
        for sender in senders:
            sender.is_ending.set()
        for sender in senders:
            sender.join(70)
        done = cordon.log_text().count("milter-reloaded")
    answers = sum((sender.answers for sender in senders), collections.Counter())
    times = [second for sender in senders for second in sender.seconds]
    print(f"messages  {sum(answers.values())}: {dict(answers)}; {reloads} reloads asked, {done} done")
    print(
        f"seconds   half within {percentile(times, 50):.3f}, 99 % {percentile(times, 99):.3f}, "
        f"slowest {max(times):.3f}"
    )
    return judge(samples)


def judge(samples):
    """A role has grown when the last third needs more than the first third after warming up."""
    steady = samples[WARM_SAMPLES:]
    third = max(1, len(steady) // 3)
    grown = []
    for role in ROLES:
        first = [one[role] for one in steady[:third] if role in one]
        last = [one[role] for one in steady[-third:] if role in one]
        if not first or not last:
            continue
        for index, (what, slack) in enumerate((("kB", SLACK_KB), ("descriptors", SLACK_FDS))):
            before = sum(one[index] for one in first) / len(first)
            after = sum(one[index] for one in last) / len(last)
            is_grown = after > before * GROWTH + slack
            print(f"{'GROWN ' if is_grown else 'steady'}    {role:<16} {before:9.0f} -> {after:9.0f} {what}")
            if is_grown:
                grown.append(role)
    return 1 if grown else 0


if __name__ == "__main__":
    sys.exit(main())
