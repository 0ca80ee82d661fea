#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""evasion.py [--hard FOLDER] [--malware FOLDER --expect TSV] [--ham TSV]: what gets past, and what bombs cost.

Without an argument, the messages of tests/system/evasive.py. FOLDER of --hard holds mime/ and attach/
with collections of malformed mail, odd zips and bombs; --malware and --expect, messages and a table
"file, expected"; --ham, a table with the columns path and label, whose ham no ambiguity may hold.
Files that are no mail are sent as attachments. Ends with 1 when a figure is missed.
"""

import argparse
import csv
import pathlib
import re
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "system"))

import evasive  # noqa: E402
import messages  # noqa: E402
from rig import places  # noqa: E402
from rig.scan import OfflineScanner  # noqa: E402

BOMB_SECONDS, BULK_SECONDS, BOMB_MEGABYTES = 2.0, 20.0, 300
AMBIGUITY = re.compile(r'OddityRule\{"([A-Z0-9_]+)", ([0-9.]+)')
MAIL = re.compile(rb"\A(From |[!-9;-~]+[ \t]*:)")


def reasons(answer):
    hits = [hit["rule"] for hit in answer["hits"] if hit["score"] > 0][:5]
    return f"{answer['action']} {answer['score']:.1f} {' '.join(hits)} {answer['unscanned']}"


class Figures:
    def __init__(self, scanner):
        self.scanner, self.is_met = scanner, True

    def tell(self, what, good, total, least):
        is_met = total > 0 and good >= least * total
        self.is_met = self.is_met and is_met
        print(
            f"{what}: {good} of {total}, {100 * good / max(total, 1):.1f} %, "
            f"at least {100 * least:.1f} % {'ok' if is_met else 'MISSED'}",
            flush=True,
        )

    def stopped(self, what, named_paths, least, is_good=evasive.is_stopped):
        names, paths = zip(*named_paths)
        good = 0
        for name, answer in zip(names, self.scanner.scan(list(paths))):
            good += is_good(answer)
            if not is_good(answer):
                print(f"  {name}: {reasons(answer)}")
        self.tell(what, good, len(paths), least)

    def own(self):
        cases = list(evasive.all_cases())
        self.stopped("evasive.py, content", self.scanner.written(cases), 1.0)
        self.stopped("evasive.py, names", self.scanner.written(evasive.names()), 1.0, evasive.is_name_seen)
        self.bombs(self.scanner.written(evasive.bombs()), BULK_SECONDS)

    def as_mail(self, path):
        content = path.read_bytes()
        if MAIL.match(content):
            return path
        part = messages.attachment(path.name, content)
        message = messages.multipart("A file", [messages.text_part("Here it is.\n"), part])
        out = self.scanner.folder / f"{path.name}.eml"
        out.write_bytes(message)
        return out

    def hard(self, folder):
        def files(below):
            found = sorted(path for path in (folder / below).rglob("*") if path.is_file())
            return [(path.name, self.as_mail(path)) for path in found]

        self.stopped("hide-content", files("mime/noxxi/hide-content.d"), 0.99)
        self.stopped("mimeminer", files("mime/mimeminer-rendered"), 0.99)
        ends = lambda answer: any(p["name"].lower().endswith(".zip") for p in answer["parts"])  # noqa: E731
        self.stopped("hide-filename", files("mime/noxxi/hide-filename.d"), 0.97, ends)
        self.stopped("odd zips", files("attach/odd"), 1.0)
        self.bombs(files("attach/bombs"))

    def bombs(self, named_paths, most_seconds=BOMB_SECONDS):
        """Those of evasive.py are large, but in proportion: read in full, which takes libclamav a
        second for 40 MB and is no reason; memory is what they are held to."""
        good, named_paths = 0, list(named_paths)
        for name, path in named_paths:
            answer, seconds, megabytes = self.scanner.watched(path)
            is_good = (
                (most_seconds == BULK_SECONDS or evasive.is_stopped(answer) or answer["unscanned"] != [])
                and seconds <= most_seconds
                and megabytes <= BOMB_MEGABYTES
            )
            good += is_good
            print(f"  {name}: {seconds:.2f} s, {megabytes:.0f} MB, {reasons(answer)}")
        self.tell("bombs" if most_seconds == BOMB_SECONDS else "large archives", good, len(named_paths), 1.0)

    def expected(self, folder, table):
        rows = list(csv.DictReader(open(table, newline=""), delimiter="\t"))
        answers = self.scanner.scan([folder / row["file"] for row in rows])
        good = 0
        for row, answer in zip(rows, answers):
            is_good = is_as_expected(row["expected"], answer)
            good += is_good
            if not is_good:
                print(f"  {row['file']} should be {row['expected']}: {reasons(answer)}")
        self.tell("malware, line by line", good, len(rows), 1.0)

    def ham(self, table, folder):
        text = (places.TOP / "scoring/message/oddities.h").read_text()
        heavy = {rule for rule, score in AMBIGUITY.findall(text) if float(score) >= 1.0}
        rows = csv.DictReader(open(table, newline=""), delimiter="\t", quoting=csv.QUOTE_NONE)
        paths = [folder / row["path"] for row in rows if row["label"] == "ham"]
        paths = [path for path in paths if path.exists()]
        hit, held = 0, 0
        for path, answer in zip(paths, self.scanner.scan(paths)):
            odd = [one for one in answer["hits"] if one["rule"] in heavy and one["score"] >= 1]
            alone = sum(one["score"] for one in answer["hits"] if one["rule"].startswith(("MIME_", "LIMIT_")))
            hit += bool(odd)
            held += alone >= 6 or answer["unscanned"] != []
            if odd or alone >= 6 or answer["unscanned"]:
                print(f"  {path}: {[one['rule'] for one in odd]} {answer['unscanned']}")
        self.tell("ham without an ambiguity of weight 1", len(paths) - hit, len(paths), 0.999)
        self.tell("ham not held by ambiguity alone", len(paths) - held, len(paths), 1.0)


def is_as_expected(expected, answer):
    kind = expected.split("(")[0]
    limit = any(reason for reason in answer["unscanned"])
    suspicious = evasive.is_stopped(answer) or limit or answer["score"] >= 1
    return {
        "virus": bool(answer["virus"]),
        "virus-or-limit": bool(answer["virus"]) or limit,
        "limit": limit,
        "encrypted": any("encrypted" in reason for reason in answer["unscanned"]),
        "suspicious": suspicious,
        "clean": answer["action"] in ("accept", "tag") and not limit,
        "clean-or-limit": not answer["virus"],
        "spam": answer["action"] in evasive.STOPPED,
        "any": True,
    }[kind]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    for option in ("hard", "malware", "expect", "ham", "ham-root"):
        parser.add_argument("--" + option, type=pathlib.Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cordon-evasion-") as folder:
        figures, began = Figures(OfflineScanner(pathlib.Path(folder))), time.monotonic()
        figures.own()
        if arguments.hard:
            figures.hard(arguments.hard)
        if arguments.malware and arguments.expect:
            figures.expected(arguments.malware, arguments.expect)
        if arguments.ham:
            figures.ham(arguments.ham, arguments.ham_root or arguments.ham.parent)
        print(f"{time.monotonic() - began:.0f} s")
    return 0 if figures.is_met else 1


if __name__ == "__main__":
    sys.exit(main())
