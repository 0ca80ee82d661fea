#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Two hosts learn over a real Redis, EVENTS on each, and the host that trains is killed in between.

shared_learning.py [EVENTS]. At the end both tables must be byte for byte the same and contain every
event; then the log of one host is built into a table anew, with the time that takes.
"""

import pathlib
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "system"))

from rig import places, redis  # noqa: E402
from rig.keeper import Keeper  # noqa: E402
from rig.process import wait_until  # noqa: E402

BATCH = 100


def teach(keeper, first, count):
    for number in range(first, first + count, BATCH):
        batch = range(number, min(number + BATCH, first + count))
        wait_until(lambda: keeper.learn(batch) is not None, 60, "an answer", pause=0.2)


def is_trainer(host):
    lines = [line for line in host.log_text().splitlines() if "learning-trainer" in line]
    return bool(lines) and "this host" in lines[-1]


def run(count):
    folder = places.private_directory("shared")
    store = redis.Redis(folder / "redis")
    store.start()
    settings = f"[learning]\nstore = {store.url}\n"
    hosts = [Keeper(folder / name, settings, "info") for name in ("one", "two")]
    try:
        for host in hosts:
            host.start()
        wait_until(lambda: any(map(is_trainer, hosts)), 30, "a trainer")
        begin = time.monotonic()
        teachers = [
            threading.Thread(target=teach, args=(host, i * count, count))
            for i, host in enumerate(hosts)
        ]
        for teacher in teachers:
            teacher.start()
        trainer = next(host for host in hosts if is_trainer(host))
        trained = wait_until(lambda: sum(trainer.table()[0]), 60, "a first event")
        wait_until(lambda: sum(trainer.table()[0]) > count // 2, 300, "half of them")
        trained = sum(trainer.table()[0])
        trainer.stop(hard=True)
        trainer.start()
        for teacher in teachers:
            teacher.join()
        taught = time.monotonic() - begin
        wanted = (count, count)
        wait_until(lambda: all(host.table()[0] == wanted for host in hosts), 600, "all events")
        wait_until(lambda: hosts[0].table() == hosts[1].table(), 60, "the same table")
        print(
            f"{count} events on each of two hosts, trainer killed after {trained}: taught in "
            f"{taught:.1f} s, both tables the same after {time.monotonic() - begin:.1f} s; "
            f"store uses {store.ask('INFO', 'memory').split(b'used_memory_human:')[1].split()[0].decode()}"
        )
    finally:
        for host in hosts:
            host.close()
        store.stop()
        places.remove_directory(folder)


if __name__ == "__main__":
    run(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
