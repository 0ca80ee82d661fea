#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""make bench: what Cordon costs, beside a null milter, in one run through one Postfix.

Both filters sit behind the same Postfix, each on SMTP ports of its own, and take the same messages
in turn, so that what the machine does meanwhile hits both. Processor time is user plus system time
of all processes of a filter; memory is the proportional set size (PSS): shared pages count once.
"""

import concurrent.futures
import pathlib
import random
import re
import resource
import shutil
import statistics
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "system"))

import messages  # noqa: E402
from rig import Cordon, NullMilter, RigError, places  # noqa: E402
from rig.postfix import Postfix  # noqa: E402
from rig.process import cpu_seconds, memory_kilobytes, tail  # noqa: E402
from rig.site import end_on_signals  # noqa: E402
from rig.smtp import Session  # noqa: E402
from rig.sockets import MilterSocket, inet_socket, unix_socket  # noqa: E402

MESSAGE_BYTES = 5000
LATENCY_MESSAGES, LOAD_MESSAGES, WARM_UP = 400, 1200, 40
BATCH, CONCURRENCY = 10, 8
TRANSPORTS = ("unix", "inet")
IDLE_CONNECTIONS, IDLE_TOLERANCE = 5000, 0.5
SIGNATURES = 300_000
DESCRIPTORS = 20_000
SENDER, RECIPIENT = "writer@example.net", "alice@example.org"


class Filter:
    """One filter behind one SMTP port."""

    def __init__(self, server, port):
        self.server, self.port = server, port
        self.seconds = []

    def send(self, session, message):
        outcome = session.message(SENDER, [RECIPIENT], message)
        if not outcome.is_accepted:
            raise RigError(
                f"the {self.server.name} filter answered {outcome.final} to ordinary mail"
            )
        return outcome.seconds

    def send_batch(self, batch):
        with Session(self.port) as session:
            self.seconds += [self.send(session, message) for message in batch]

    def percentile(self, percent):
        return statistics.quantiles(self.seconds, n=100)[percent - 1] * 1000

    def cpu_seconds(self):
        return cpu_seconds(self.server.all_pids())


class Bench:
    def __init__(self):
        self.directory = places.private_directory("bench")
        self.postfix = Postfix(self.directory / "postfix", 1, ["alice"], {})
        self.rows = []
        self.servers = []
        self.mail = [messages.ordinary(seed, MESSAGE_BYTES) for seed in range(100)]

    def add(self, figure, null="", cordon="", difference="", target="", is_met=None):
        self.rows.append(
            (figure, null, cordon, difference, target, {True: "ok", False: "OVER"}.get(is_met, ""))
        )

    def close(self):
        self.postfix.stop()
        for server in reversed(self.servers):
            server.stop()
        places.remove_directory(self.directory)

    def socket(self, name, transport):
        if transport == "inet":
            return inet_socket()
        folder = unix_socket(self.postfix.queue).path.parent
        return MilterSocket("unix", path=folder / f"{name}.sock", queue=self.postfix.queue)

    def batches(self, count):
        chosen = [self.mail[number % len(self.mail)] for number in range(count)]
        return [chosen[at : at + BATCH] for at in range(0, count, BATCH)]

    def start(self, server):
        self.servers.append(server)
        server.start()
        return server

    def stop(self, server):
        self.servers.remove(server)
        server.stop()

    def run(self):
        self.start_floor()
        for antivirus in ("no", "yes"):
            for transport in TRANSPORTS:
                self.measure(transport, antivirus)
        self.memory()

    def start_floor(self):
        """Postfix with a port for each filter and transport, and both null milters."""
        self.sockets = {
            (name, transport): self.socket(name, transport)
            for name in ("null", "cordon")
            for transport in TRANSPORTS
        }
        self.ports = {
            key: self.postfix.add_listener(socket.for_postfix)
            for key, socket in self.sockets.items()
        }
        self.postfix.start("", "virtual_transport = discard:\n")
        self.nulls = {}
        for transport in TRANSPORTS:
            directory = self.directory / f"null-{transport}"
            null = self.start(NullMilter(directory, self.sockets["null", transport]))
            self.nulls[transport] = Filter(null, self.ports["null", transport])

    def measure(self, transport, antivirus):
        cordon = self.start_cordon(transport, {("clamav", "enabled"): antivirus})
        words = f"{transport}, {'with' if antivirus == 'yes' else 'without'} antivirus"
        self.latency(self.nulls[transport], cordon, words)
        if transport == "unix":
            target = 1.5 if antivirus == "no" else None
            self.load(self.nulls[transport], cordon, words, target)
        if (transport, antivirus) == ("unix", "no"):
            self.idle_connections(self.nulls[transport], cordon)
        self.stop(cordon.server)

    def start_cordon(self, transport, settings, signatures=0):
        """Cordon after its first messages, which it must have taken for ordinary mail."""
        directory = self.directory / f"cordon-{len(list(self.directory.iterdir()))}"
        cordon = Cordon(directory, self.sockets["cordon", transport], settings)
        if signatures:
            write_signatures(cordon.database / "bench.hdb", signatures)
        self.start(cordon)
        tested = Filter(cordon, self.ports["cordon", transport])
        for batch in self.batches(WARM_UP):
            tested.send_batch(batch)
        if re.search(r"\bverdict\b.* action=(?!accept)", cordon.log_text()):
            raise RigError(f"Cordon does not accept the bench's mail:\n{tail(cordon.log)}")
        return tested

    def take_turns(self, null, cordon, count):
        null.seconds, cordon.seconds = [], []
        for batch in self.batches(count):
            null.send_batch(batch)
            cordon.send_batch(batch)

    def latency(self, null, cordon, words):
        self.take_turns(null, cordon, LATENCY_MESSAGES)
        for percent, target in ((50, 2.0), (99, None)):
            ours, floor = cordon.percentile(percent), null.percentile(percent)
            self.add(
                f"dot to reply p{percent} ms ({words})",
                f"{floor:.2f}",
                f"{ours:.2f}",
                f"{ours - floor:+.2f}",
                f"+{target:.1f}" if target else "",
                ours - floor <= target if target else None,
            )

    def load(self, null, cordon, words, target):
        used = [self.cpu_milliseconds(tested) for tested in (null, cordon)]
        self.add(
            f"filter CPU ms per 5 KB message ({words})",
            f"{used[0]:.2f}",
            f"{used[1]:.2f}",
            f"{used[1] - used[0]:+.2f}",
            f"{target:.1f}" if target else "",
            used[1] <= target if target else None,
        )

    def cpu_milliseconds(self, tested):
        before = tested.cpu_seconds()
        with concurrent.futures.ThreadPoolExecutor(CONCURRENCY) as pool:
            list(pool.map(tested.send_batch, self.batches(LOAD_MESSAGES)))
        return (tested.cpu_seconds() - before) / LOAD_MESSAGES * 1000

    def idle_connections(self, null, cordon):
        """What Cordon adds to the floor without and with many idle connections at its milters."""
        before = self.added_milliseconds(null, cordon)
        connections = []
        try:
            for _ in range(IDLE_CONNECTIONS):
                connections.append(cordon.server.socket.negotiate())
            during = self.added_milliseconds(null, cordon)
            pss = sum(memory_kilobytes(pid) for pid in cordon.server.milter_pids()) / 1024
        finally:
            for connection in connections:
                connection.close()
        words = f"{IDLE_CONNECTIONS:,} idle connections"
        self.add(f"milter processes PSS MB, {words}", "", f"{pss:.1f}", "", "25.0", pss <= 25)
        difference = during - before
        self.add(
            f"dot to reply p50 ms over null, {words} (left: none)",
            f"{before:.2f}",
            f"{during:.2f}",
            f"{difference:+.2f}",
            f"+{IDLE_TOLERANCE:.1f}",
            difference <= IDLE_TOLERANCE,
        )

    def added_milliseconds(self, null, cordon):
        self.take_turns(null, cordon, LATENCY_MESSAGES // 2)
        return cordon.percentile(50) - null.percentile(50)

    def memory(self):
        """Scanner memory with two and six workers in each pool."""
        totals, workers = [], (2, 6)
        for count in workers:
            settings = {("scanner", "workers"): str(count), ("milter", "processes"): "1"}
            tested = self.start_cordon("unix", settings, SIGNATURES)
            with concurrent.futures.ThreadPoolExecutor(CONCURRENCY) as pool:
                list(pool.map(tested.send_batch, self.batches(300)))
            scanners = tested.server.scanner_pids()
            total = sum(memory_kilobytes(pid) for pid in scanners) / 1024
            database = max(memory_kilobytes(pid, "Rss") for pid in scanners) / 1024
            self.stop(tested.server)
            target = database + 10 * count
            words = f"{count} workers, {SIGNATURES:,} signatures"
            self.add(
                f"scanner PSS MB ({words})",
                "",
                f"{total:.0f}",
                "",
                f"{target:.0f}",
                total <= target,
            )
            totals.append(total)
        slope = (totals[1] - totals[0]) / (workers[1] - workers[0])
        self.add(
            "scanner PSS MB for each further worker", "", f"{slope:.1f}", "", "10.0", slope <= 10
        )


def write_signatures(path, count):
    """Hash signatures of files that nobody has, the same in each run."""
    chance = random.Random(7)
    with open(path, "w") as out:
        for number in range(count):
            out.write(
                f"{chance.getrandbits(128):032x}:{chance.randint(100, 9_000_000)}:Bench-{number}\n"
            )
    path.chmod(0o644)


def print_rows(rows, head=("figure", "null", "Cordon", "difference", "at most", "")):
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    for row in (head, tuple("-" * width for width in widths), *rows):
        first, *others = [
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths))
        ]
        print("  ".join([first, *others]).rstrip())


def main():
    end_on_signals()
    places.require_root()
    places.require_servers()
    places.require_programs("cordond")
    resource.setrlimit(
        resource.RLIMIT_NOFILE,
        (DESCRIPTORS, max(DESCRIPTORS, resource.getrlimit(resource.RLIMIT_NOFILE)[1])),
    )
    bench = Bench()
    try:
        bench.run()
    finally:
        bench.close()
        print_rows(bench.rows)
    return 0


if __name__ == "__main__":
    if shutil.which("g++") is None:
        sys.exit("bench: g++ is missing (the null milter is built with it); run 'make deps'")
    try:
        sys.exit(main())
    except RigError as error:
        sys.exit(f"bench: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
