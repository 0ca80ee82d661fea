#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Kills a keeper that is learning, again and again: nothing acknowledged is lost, nothing counts twice.

soak_learning.py [KILLS]. A keeper of its own on a private folder; the events are made up. At the end
the table must be byte for byte that of a keeper that was never killed, and every acknowledged event
must be known.
"""

import pathlib
import random
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from rig.keeper import KNOWN, Keeper  # noqa: E402


def table_of(folder):
    return (pathlib.Path(folder) / "learning" / "weights.snapshot").read_bytes()


def run(kills):
    chance = random.Random(1)
    with tempfile.TemporaryDirectory() as killed, tempfile.TemporaryDirectory() as whole:
        keeper, number, acknowledged = Keeper(killed), 0, set()
        for _ in range(kills):
            keeper.start()
            pid, delay = keeper.process.pid, chance.uniform(0.0, 0.06)
            killer = subprocess.Popen(["sh", "-c", f"sleep {delay}; kill -9 {pid}"])
            while True:
                batch = list(range(number, number + chance.randint(1, 8)))
                answer = keeper.learn(batch)
                if answer is None:
                    break
                acknowledged.update(batch)
                number = batch[-1] + 1
            killer.wait()
            keeper.process.wait()
            keeper.control.close()
        keeper.start()
        for n in sorted(acknowledged):
            outcome = keeper.learn([n])[0]
            assert outcome == [KNOWN], f"event {n} was acknowledged and is lost"
        # The last batch may be in the log though nobody heard so.
        last = number + 8
        _, (ham, spam) = keeper.learn(list(range(number, last)))
        keeper.close()
        other = Keeper(whole)
        other.start()
        for n in range(last):
            other.learn([n])
        other.close()
        a, b = table_of(killed), table_of(whole)
        same = a == b
        if not same:
            print(a[:56].hex(), b[:56].hex(), sum(x != y for x, y in zip(a[4096:], b[4096:])))
        print(f"{kills} kills, {len(acknowledged)} acknowledged, table has {ham} ham {spam} spam, "
              f"same table as without kills: {'yes' if same else 'no'}")
        return 0 if same and ham + spam == last else 1


if __name__ == "__main__":
    sys.exit(run(int(sys.argv[1]) if len(sys.argv) > 1 else 200))
