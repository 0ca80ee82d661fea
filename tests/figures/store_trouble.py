#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""What a shared store of learning that fails costs mail: nothing but the evidence.

store_trouble.py [SECONDS] [RATE]    (15 s of each kind of trouble, 20 messages a second)

Mail runs all the time, and the classifier is taught all the time, while Redis is well, paused
(SIGSTOP), out of memory, killed, and back. Printed for each: how long an end of message took beside
the time when all was well, and what was deferred. At the end everything that was acknowledged must
be in the store and in the table.
"""

import collections
import sys
import threading
import time

from lone import lone_cordon, messages, one_message, percentile
from rig import places, redis
from rig.keeper import Keeper
from rig.process import wait_until

CATCH_UP_SECONDS = 120
ALLOWED_MS = 5  # more than when all is well


class Taught(Keeper):
    """The keeper of a Cordon that runs, as somebody who teaches it."""

    def __init__(self, cordon):
        self.path = str(cordon.run / "keeper.sock")
        self.count = 0
        self.is_ending = threading.Event()

    def teach(self):
        while not self.is_ending.wait(0.2):
            if self.learn(range(self.count, self.count + 4)) is not None:
                self.count += 4

    def known(self):
        return sum(self.learn([0])[1])


def phase(cordon, seconds, rate, seed):
    """Milliseconds of each message, and the answers by kind."""
    taken, answers, begin = [], collections.Counter(), time.monotonic()
    for number in range(int(seconds * rate)):
        time.sleep(max(0.0, begin + number / rate - time.monotonic()))
        elapsed, got = one_message(cordon, messages.ordinary(seed * 100_000 + number))
        taken.append(1000 * elapsed)
        answers[got[-1][0]] += 1
    return taken, answers


def run(seconds, rate):
    folder = places.private_directory("store")
    folder.chmod(0o755)
    store = redis.Redis(folder / "redis")
    store.start()
    settings = {
        ("learning", "store"): store.url,
        ("learning", "automatic"): "yes",
        ("clamav", "enabled"): "no",
        ("quarantine", "mailbox"): None,
    }
    troubles = [
        ("well", lambda: None, lambda: None),
        ("paused", store.pause, store.go_on),
        (
            "out of memory",
            lambda: store.ask("CONFIG", "SET", "maxmemory", "1mb"),
            lambda: store.ask("CONFIG", "SET", "maxmemory", "0"),
        ),
        ("killed", store.kill, store.start),
        ("back", lambda: None, lambda: None),
    ]
    is_good = True
    try:
        with lone_cordon("store", settings) as cordon:
            taught = Taught(cordon)
            teacher = threading.Thread(target=taught.teach)
            teacher.start()
            phase(cordon, 3, rate, 99)  # caches
            normal = None
            for number, (name, begin, end) in enumerate(troubles):
                begin()
                taken, answers = phase(cordon, seconds, rate, number)
                end()
                middle, late = percentile(taken, 50), percentile(taken, 95)
                normal = normal or (middle, late)
                is_good = is_good and set(answers) <= {"accept", "continue"}
                is_good = is_good and middle <= normal[0] + ALLOWED_MS
                print(f"{name:14} {len(taken)} messages, half within {middle:.1f} ms, 95 % within "
                      f"{late:.1f} ms, longest {max(taken):.1f} ms; {dict(answers)}", flush=True)  # fmt: skip
            taught.is_ending.set()
            teacher.join()
            begin = time.monotonic()
            wait_until(
                lambda: taught.known() == taught.count, CATCH_UP_SECONDS, "all that was taught"
            )
            print(f"{taught.count} events taught, all learned {time.monotonic() - begin:.1f} s after "
                  f"the last")  # fmt: skip
            for line in cordon.log_text().splitlines():
                if "learning-store" in line:
                    print("  " + line.partition(" ")[2])
    finally:
        store.process.stop()
        places.remove_directory(folder)
    print("good" if is_good else "NOT GOOD")
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(run(*(float(word) for word in (sys.argv[1:] + ["15", "20"][len(sys.argv) - 1 :]))))
