#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""What overload does to Cordon, by the milter protocol alone.

overload.py [busy] [idle] [half] [slow]    (all four)

busy    200 ends of message of 25 MB at once, and 200 small ones more: memory, when the answers came,
        how many were deferred at once since the queue was full
idle    10,000 connections that say nothing: how long a fresh one waits
half    500 connections that sent half a packet: the same
slow    one scan of 10 s in each 100 messages at 5 a second, 8 workers: how long the others take
"""

import collections
import os
import pathlib
import resource
import signal
import sys
import threading
import time

from lone import Memory, lone_cordon, messages, one_message, percentile
from rig.milter_client import MilterClient
from rig.sockets import packet

DEADLINE = 60


def in_threads(actions):
    """The results of all, run at once; an exception is its result."""
    results = [None] * len(actions)

    def run(number, action):
        try:
            results[number] = action()
        except Exception as error:  # an answer that never came is a result here
            results[number] = error

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(actions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def kind_of(answers):
    if isinstance(answers, Exception):
        return type(answers).__name__
    last = answers[-1]
    return last[1][:3] if last[0] == "reply" else last[0]


def busy(count=200, size=25 << 20, more=200):
    """Everything is sent up to its end first; then all ends of message come at once."""
    settings = {
        ("milter", "deadline"): f"{DEADLINE}s",
        ("scanner", "workers"): "4",
        ("scanner", "timeout"): "20s",
        ("milter", "memory"): "256M",
    }
    data = messages.large(size)
    with lone_cordon("busy", settings) as cordon, Memory(cordon) as memory:
        clients = []
        for number in range(count + more):
            client = MilterClient(cordon.socket, 3 * DEADLINE)
            client.connect_from()
            body = data if number < count else messages.clean()
            client.begin("dana@example.net", ["alice@example.org"], body)
            clients.append(client)
        memory.sample()
        before = dict(memory.most)

        def end(client):
            begin = time.monotonic()
            try:
                answers = client.finish()
            except OSError as error:
                answers = error
            return time.monotonic() - begin, kind_of(answers)

        results = in_threads([lambda client=client: end(client) for client in clients])
        limit = 2 * (256 << 10)  # kB: two processes of 256 MB
        spooled = {name: f"{kilobytes >> 10} MB" for name, kilobytes in before.items()}
        print(f"busy      {count} of {size >> 20} MB and {more} small: {spooled} when all was sent")
        for name, kilobytes in memory.most.items():
            print(f"          most memory of {name}: {kilobytes >> 10} MB")
        kinds = collections.Counter(kind for _, kind in results)
        print(f"          answers: {dict(kinds)}")
        for kind in kinds:
            seconds = [second for second, found in results if found == kind]
            print(
                f"          {kind:<8} after {min(seconds):.3f} to {max(seconds):.1f} s, "
                f"half within {percentile(seconds, 50):.3f}"
            )
        slowest = max(second for second, _ in results)
        at_once = sum(second < 1 for second, kind in results if kind == "451")
        print(f"          slowest {slowest:.1f} s (deadline {DEADLINE}); {at_once} deferred within 1 s")
        seconds, answers = one_message(cordon, messages.clean())
        print(f"          afterwards: {kind_of(answers)} after {seconds:.3f} s")
        return slowest <= DEADLINE + 2 and memory.most["milter"] < limit + (100 << 10)


def fresh(cordon, count=50):
    """How long fresh connections take to be negotiated with, and whole messages."""
    greeted, judged = [], []
    for _ in range(count):
        begin = time.monotonic()
        client = MilterClient(cordon.socket, 60)
        greeted.append(time.monotonic() - begin)
        begin = time.monotonic()
        client.message("dana@example.net", ["alice@example.org"], messages.clean())
        judged.append(time.monotonic() - begin)
        client.close()
    return greeted, judged


def tell(name, figures):
    greeted, judged = figures
    for what, values in (("a connection", greeted), ("a message", judged)):
        print(
            f"          {name:<8} {what:<13} half within {1000 * percentile(values, 50):.1f} ms, "
            f"99 % {1000 * percentile(values, 99):.1f}, slowest {1000 * max(values):.1f}"
        )


def crowd(name, count, prepare):
    """Fresh connections without and with `count` others that prepare() made."""
    settings = {("milter", "processes"): "2", ("clamav", "enabled"): "no"}
    with lone_cordon(name, settings) as cordon, Memory(cordon) as memory:
        fresh(cordon, 20)
        memory.sample()
        alone, before = fresh(cordon), dict(memory.most)
        others = [prepare(cordon) for _ in range(count)]
        time.sleep(1)
        memory.most.clear()
        crowded = fresh(cordon)
        memory.sample()
        threads = sum(len(os.listdir(f"/proc/{pid}/task")) for pid in cordon.milter_pids())
        print(
            f"{name:<9} {count} connections: {memory.most['milter'] - before['milter']} kB more, "
            f"{threads} threads in {len(cordon.milter_pids())} processes"
        )
        tell("alone", alone)
        tell("crowded", crowded)
        for other in others:
            other.close()
        return percentile(crowded[0], 50) < 0.010


def idle():
    return crowd("idle", 10_000, lambda cordon: cordon.socket.negotiate(60))


def half_sent(cordon):
    connection = cordon.socket.negotiate(60)
    connection.sendall(packet(b"C", b"mail.example.net\0U")[:6])
    return connection


def half():
    return crowd("half", 500, half_sent)


class Stopper(threading.Thread):
    """Makes one scan take 10 s: it stops the worker that has the next large message in hand."""

    def __init__(self, cordon):
        super().__init__(daemon=True)
        self.cordon, self.stopped = cordon, 0

    def worker_with_a_message(self):
        for pid in self.cordon.worker_pids():
            try:
                links = [os.readlink(link) for link in pathlib.Path(f"/proc/{pid}/fd").iterdir()]
            except OSError:
                continue
            if any("memfd:cordon-m" in link for link in links):
                return pid
        return None

    def run(self):
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            if pid := self.worker_with_a_message():
                os.kill(pid, signal.SIGSTOP)
                self.stopped += 1
                time.sleep(10)
                os.kill(pid, signal.SIGCONT)
                return


def paced(cordon, count, rate, slow_every=0):
    """Seconds of `count` messages sent at `rate`, without those that were made slow."""
    seconds, slow, stoppers, threads = [], [], [], []

    def send(number):
        is_slow = slow_every and number % slow_every == slow_every // 2
        if is_slow:
            stoppers.append(Stopper(cordon))
            stoppers[-1].start()
        data = messages.large(1 << 20) if is_slow else messages.ordinary(number)
        (slow if is_slow else seconds).append(one_message(cordon, data)[0])

    begin = time.monotonic()
    for number in range(count):
        time.sleep(max(0.0, begin + number / rate - time.monotonic()))
        threads.append(threading.Thread(target=send, args=(number,)))
        threads[-1].start()
    for thread in [*threads, *stoppers]:
        thread.join()
    return seconds, slow, sum(stopper.stopped for stopper in stoppers)


def slow():
    settings = {("scanner", "workers"): "8", ("scanner", "timeout"): "20s", ("milter", "deadline"): "60s"}
    with lone_cordon("slow", settings) as cordon:
        paced(cordon, 30, 5)
        normal, _, _ = paced(cordon, 300, 5)
        beside, slow_ones, stopped = paced(cordon, 300, 5, slow_every=100)
    print(f"slow      {stopped} of {len(slow_ones)} scans stopped for 10 s: {[round(s, 1) for s in slow_ones]} s")
    for name, values in (("normal", normal), ("beside", beside)):
        print(
            f"          {name:<8} {len(values)} messages, half within {1000 * percentile(values, 50):.1f} ms, "
            f"99 % {1000 * percentile(values, 99):.1f}, slowest {1000 * max(values):.1f}"
        )
    return percentile(beside, 99) - percentile(normal, 99) < 0.050 and stopped > 0


def main():
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    known = {"busy": busy, "idle": idle, "half": half, "slow": slow}
    wanted = sys.argv[1:] or list(known)
    if set(wanted) - set(known):
        sys.exit(__doc__)
    missed = [name for name in wanted if not known[name]()]
    print(f"missed    {', '.join(missed) or 'none'}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
