#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Messages while the DNS is in trouble: what they are answered, how long they wait.

dead_dns.py [NUMBER]    (1000)

Four runs of a Cordon of their own, NUMBER messages each, by six connections of the milter protocol:
a name server that answers; one that answers nothing; one that does, while every second message is
from a domain whose servers are dead; and ten lists whose answers take half a second. Exit 1 when a
message is tempfailed, a sender with good DNS is not known for it, or the waiting is longer than
dns.timeout for more than the first few.
"""

import pathlib
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "system"))

from rig import places  # noqa: E402
from rig.cordon import Cordon  # noqa: E402
from rig.dns import NameServer  # noqa: E402
from rig.milter_client import MilterClient  # noqa: E402
from rig.site import end_on_signals  # noqa: E402
from rig.sockets import inet_socket  # noqa: E402

CONNECTIONS, TIMEOUT = 6, 2.0
CLIENT = "198.51.100.7"
MESSAGE = (
    b"From: A <a@%s>\r\nTo: alice@example.org\r\nSubject: figures for Monday\r\n"
    b"Date: Mon, 23 Nov 2026 20:15:00 +0000\r\nMessage-ID: <%d@%s>\r\n\r\nThe figures are below.\r\n"
)
ZONE = {
    "good.example": {"TXT": [f"v=spf1 ip4:{CLIENT} -all"], "MX": ["10 mail.good.example"]},
    "mail.good.example": {"A": [CLIENT]},
    "7.100.51.198.in-addr.arpa": {"PTR": ["mail.good.example"]},
    "*.dead.example": "TIMEOUT",
    **{f"*.l{i}.lists.example": {"A": ["127.0.0.2"], "DELAY": 0.5} for i in range(10)},
}
LISTS = {
    (f"dnsbl.l{i}", key): value
    for i in range(10)
    for key, value in (
        ("zone", f"l{i}.lists.example"),
        ("looks-at", "client"),
        ("score", "-0.1"),
    )
}


class Results:
    def __init__(self):
        self.lock, self.rows = threading.Lock(), []

    def add(self, *row):
        with self.lock:
            self.rows.append(row)

    def seconds(self, kind=None):
        return sorted(row[2] for row in self.rows if kind in (None, row[0]))


def send_all(socket, senders, results):
    """Takes (number, domain, client) off the list until it is empty."""
    while True:
        with results.lock:
            if not senders:
                break
            number, domain, address = senders.pop()
        client = MilterClient(socket)
        client.connect_from(address, "mail.good.example", "mail.good.example")
        data = MESSAGE % (domain.encode(), number, domain.encode())
        begin = time.monotonic()
        answers = client.message(f"a@{domain}", ["alice@example.org"], data)
        headers = " ".join(str(answer) for answer in answers if answer[0] != "accept")
        kind = "dead" if "dead" in domain else "good"
        results.add(kind, answers[-1], time.monotonic() - begin, "spf=pass" in headers)
        client.close()


def run(name, senders, is_dead=False, settings=None):
    server = NameServer(ZONE)
    server.is_dead = is_dead
    folder = places.private_directory("dead-dns")
    socket = inet_socket()
    cordon = Cordon(
        folder / "cordon",
        socket,
        {
            ("clamav", "enabled"): "no",
            ("clamav", "database"): None,
            ("dns", "servers"): server.address,
            ("dns", "timeout"): f"{TIMEOUT:.0f}s",
            **(settings or {}),
        },
    )
    results = Results()
    try:
        cordon.start()
        threads = [
            threading.Thread(target=send_all, args=(socket, senders, results), daemon=True)
            for _ in range(CONNECTIONS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(600)
    finally:
        cordon.stop()
        server.stop()
        places.remove_directory(folder)
    seconds = results.seconds()
    late = sum(one > TIMEOUT / 2 for one in seconds)
    print(
        f"{name}: {len(seconds)} messages, p50 {1e3 * seconds[len(seconds) // 2]:.0f} ms, p99"
        f" {1e3 * seconds[len(seconds) * 99 // 100]:.0f} ms, longest {seconds[-1]:.2f} s, {late} over"
        f" {TIMEOUT / 2:.0f} s, {len(server.questions)} questions",
        flush=True,
    )
    return results, late


def check(results, number, problems, name):
    if len(results.rows) != number:
        problems.append(f"{name}: {number - len(results.rows)} messages without an answer")
    refused = {row[1] for row in results.rows} - {("accept",)}
    if refused:
        problems.append(f"{name}: answered {refused}")
    if results.seconds()[-1] > 2 * TIMEOUT + 1:
        problems.append(f"{name}: one waited {results.seconds()[-1]:.1f} s")


def main():
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    end_on_signals()
    problems = []
    good = [(i, "good.example", CLIENT) for i in range(number)]
    normal, usual = run("a server that answers", good[:])
    check(normal, number, problems, "normal")
    dead, late = run("a dead server", good[:], is_dead=True)
    check(dead, number, problems, "dead server")
    if late - usual > max(4 * CONNECTIONS, number // 20):
        problems.append(f"a dead server delayed {late - usual} messages")
    mixed = [
        (i, f"n{i}.dead.example" if i % 2 else "good.example", CLIENT) for i in range(number)
    ]
    attacked, _ = run("every second sender's servers are dead", mixed)
    check(attacked, number, problems, "dead zone")
    unknown = sum(row[0] == "good" and not row[3] for row in attacked.rows)
    slow = attacked.seconds("good")
    print(f"  the good ones among them: longest {slow[-1]:.2f} s, {unknown} without spf=pass")
    if unknown:
        problems.append(f"a dead zone cost {unknown} others their result")
    if unknown := sum(not row[3] for row in normal.rows):
        problems.append(f"{unknown} without spf=pass though the DNS answers")
    few = [(i, "good.example", f"203.0.113.{i % 250}") for i in range(min(number, 60))]
    slow_lists = {**LISTS, ("dns", "timeout"): "8s"}
    ten, _ = run("ten lists of half a second each, every client new", few, settings=slow_lists)
    check(ten, min(number, 60), problems, "ten lists")
    for problem in problems:
        print("FAILED:", problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
