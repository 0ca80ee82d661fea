#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""clamav.py [--signatures N] [--logical SHARE] [--image-hashes] [--database FOLDER] [--mail FOLDER]
[--count N]: what the virus scan costs, beside clamav-milter and clamd of Debian, in one run with one
database behind one Postfix.

Both take the same messages in turn, with the settings of their packages. Processor time is user plus
system time of all processes of a filter, those of workers that ended included. FOLDER holds messages,
one a file; without it, mail written for the bench stands for a corpus. Attachments of 20 to 200 KB come
from documents.py, the five kinds in equal numbers, each once, and then again, byte for byte, in other
messages. Detection: the test virus in the same attachments.

clamd computes the fuzzy hash of every picture; Cordon does so only where the database has signatures
of that kind. The database of the bench has none; --image-hashes adds one, and both compute it.
--database takes the signatures of a folder instead; they have to find the test virus.
"""

import argparse
import gzip
import itertools
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "system"))

import documents  # noqa: E402
import messages  # noqa: E402
import signatures  # noqa: E402
from bench import Filter, print_rows  # noqa: E402
from rig import Cordon, RigError, places  # noqa: E402
from rig.clamav_milter import ClamavMilter  # noqa: E402
from rig.cordon import copy_tree  # noqa: E402
from rig.postfix import Postfix  # noqa: E402
from rig.process import cpu_seconds, program_of  # noqa: E402
from rig.site import end_on_signals  # noqa: E402
from rig.smtp import Session  # noqa: E402
from rig.sockets import MilterSocket, unix_socket  # noqa: E402

SENDER, RECIPIENT = "writer@example.net", "alice@example.org"
BATCH, WARM_UP = 10, 40
AGAIN_AT_MOST = 0.2
_numbers = itertools.count(1)


def with_attachment(kind, seed):
    chance = random.Random(seed)
    name, make = documents.KINDS[kind]
    content = make(chance, chance.randint(20_000, 200_000))
    text = f"Hello Alice,\n\nhere is {name}, which you asked for {next(_numbers)} days ago.\n\nDana\n"
    parts = [messages.text_part(text), messages.attachment(name, content)]
    return messages.multipart(f"The file {name}", parts)


def corpus(folder, count):
    if folder is None:
        return [messages.ordinary(seed, 5000) for seed in range(count)]
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    random.Random(7).shuffle(paths)
    found = []
    for path in paths:
        content = path.read_bytes()
        if 500 < len(content) < 100_000:
            found.append(content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
        if len(found) == count:
            break
    return found


def times(pids):
    """Processor seconds by program, children that ended included."""
    out = {}
    for pid in pids:
        program = program_of(pid)
        out[program] = out.get(program, 0) + cpu_seconds([pid])
    return out


class Comparison:
    def __init__(self, arguments):
        self.arguments = arguments
        self.directory = places.private_directory("clamav-bench")
        self.postfix = Postfix(self.directory / "postfix", 1, ["alice"], {})
        self.rows, self.servers = [], []

    def close(self):
        self.postfix.stop()
        for server in reversed(self.servers):
            server.stop()
        places.remove_directory(self.directory)

    def start(self):
        folder = unix_socket(self.postfix.queue).path.parent
        sockets = [
            MilterSocket("unix", path=folder / f"{name}.sock", queue=self.postfix.queue)
            for name in ("clamav", "cordon")
        ]
        ports = [self.postfix.add_listener(socket.for_postfix) for socket in sockets]
        self.postfix.start("", "virtual_transport = discard:\n")
        # Whatever else Cordon thinks of old mail, it shall be accepted as the other accepts it; and
        # with one worker it is known whose cache an attachment is in.
        self.cordon = Cordon(
            self.directory / "cordon", sockets[1], {("milter", "mode"): "shadow", ("scanner", "workers"): "1"}
        )
        if self.arguments.database:
            copy_tree(self.arguments.database, self.cordon.database)
        else:
            signatures.write(
                self.cordon.database, self.arguments.signatures, self.arguments.logical
            )
        if self.arguments.image_hashes:
            signatures.write_image_hash(self.cordon.database)
        database = self.directory / "database"
        copy_tree(self.cordon.database, database)
        self.clamav = ClamavMilter(self.directory / "clamav", sockets[0], database)
        for server in (self.clamav, self.cordon):
            self.servers.append(server)
            server.start(seconds=300)
        self.filters = [Filter(self.clamav, ports[0]), Filter(self.cordon, ports[1])]

    def run(self):
        self.start()
        count = self.arguments.count
        mail = corpus(self.arguments.mail, count + WARM_UP)
        self.cost(mail[:WARM_UP])
        self.add("corpus mail" if self.arguments.mail else "5 KB mail", self.cost(mail[WARM_UP:]), 0.5)
        first = self.attachments(count // 20)
        self.add("mail with 20-200 KB attachments", first, 1 / 3)
        again = self.attachments(count // 20)
        self.add("the same attachments again", again, None)
        worker = [costs[1]["cordon-antivirus"] for costs in (first, again)]
        self.rows.append(
            (
                "antivirus worker: first, again",
                f"{worker[0]:.2f}",
                f"{worker[1]:.2f}",
                f"{worker[1] / worker[0]:.2f}",
                f"{AGAIN_AT_MOST:.2f}",
                "ok" if worker[1] <= AGAIN_AT_MOST * worker[0] else "OVER",
            )
        )
        retired = self.cordon.log_text().count("worker-retired")
        self.rows.append(("workers replaced for growth", "", str(retired), "", "", ""))
        self.detection()

    def attachments(self, each):
        """The mean over all kinds; what each costs is printed."""
        sums = [{}, {}]
        for kind, (name, _) in enumerate(documents.KINDS):
            costs = self.cost([with_attachment(kind, seed) for seed in range(each)])
            self.tell(name, costs)
            for total, by_program in zip(sums, costs):
                for program, ms in by_program.items():
                    total[program] = total.get(program, 0) + ms / len(documents.KINDS)
        return sums

    def cost(self, mail):
        """For each filter, milliseconds a message by program."""
        before = [times(tested.server.all_pids()) for tested in self.filters]
        for at in range(0, len(mail), BATCH):
            for tested in self.filters:
                with Session(tested.port) as session:
                    for message in mail[at : at + BATCH]:
                        session.message(SENDER, [RECIPIENT], message)
        after = [times(tested.server.all_pids()) for tested in self.filters]
        return [
            {program: (now[program] - was[program]) * 1000 / len(mail) for program in now}
            for was, now in zip(before, after)
        ]

    def add(self, figure, costs, at_most):
        theirs, ours = (sum(by_program.values()) for by_program in costs)
        verdict = "" if at_most is None else "ok" if ours <= at_most * theirs else "OVER"
        target = "" if at_most is None else f"{at_most:.2f}"
        self.rows.append(
            (f"CPU ms, {figure}", f"{theirs:.2f}", f"{ours:.2f}", f"{ours / theirs:.2f}", target, verdict)
        )
        self.tell(figure, costs)

    @staticmethod
    def tell(figure, costs):
        theirs, ours = (sum(by_program.values()) for by_program in costs)
        parts = " ".join(f"{p} {ms:.2f}" for by_program in costs for p, ms in by_program.items())
        print(f"{figure}: ratio {ours / theirs:.2f}: {parts}", flush=True)

    def detection(self):
        virus = messages.EICAR
        hidden = [messages.eicar_attached(), messages.eicar_zipped(), with_virus("letter.docx", virus)]
        hidden += [with_virus(name, virus) for name in ("note.txt", "page.html", "x.gz", "x.zip")]
        marks = [len(tested.server.log_text()) for tested in self.filters]
        self.cost(hidden)
        found = [
            tested.server.log_text()[mark:].count(word)
            for tested, mark, word in zip(self.filters, marks, ("infected by", "virus=Eicar"))
        ]
        self.rows.append(
            (
                f"test virus found, of {len(hidden)}",
                str(found[0]),
                str(found[1]),
                "",
                "",
                "ok" if found[1] >= found[0] else "FEWER",
            )
        )


def with_virus(name, virus):
    kind = name.rsplit(".", 1)[-1]
    content = {
        "docx": lambda: messages.zipped("word/vbaProject.bin", virus),
        "html": lambda: b"<html><body><p>Hello</p></body></html>",
        "gz": lambda: gzip.compress(virus),
        "zip": lambda: messages.zipped("inner.zip", messages.zipped("a.com", virus)),
    }.get(kind, lambda: virus)()
    part = messages.attachment(name, content)
    return messages.multipart(f"The file {name}", [messages.text_part("Here it is.\n"), part])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--signatures", type=int, default=1_500_000)
    parser.add_argument("--logical", type=float, default=signatures.LOGICAL)
    parser.add_argument("--image-hashes", action="store_true")
    parser.add_argument("--database", type=pathlib.Path)
    parser.add_argument("--mail", type=pathlib.Path)
    parser.add_argument("--count", type=int, default=400)
    arguments = parser.parse_args()
    end_on_signals()
    places.require_root()
    places.require_servers()
    places.require_programs("cordond")
    ClamavMilter.require()
    comparison = Comparison(arguments)
    try:
        comparison.run()
    finally:
        comparison.close()
        print_rows(
            comparison.rows, ("figure", "clamd", "Cordon", "ratio", "at most", "")
        )
    return 1 if any(row[-1] in ("OVER", "FEWER") for row in comparison.rows) else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except RigError as error:
        sys.exit(f"clamav.py: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
