#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Bad input in bulk: damaged copies of messages through sandboxed workers.

mutations.py [--count N] [--seed N] [--batch N] [FILE|FOLDER...]. Without files, the samples of the
rules and of the fuzzers are taken. Every copy must get an answer: one of the six actions, and a
reason. A worker may die of a message, which makes it unscanned; the scanner may not, and no message
may take longer than two attempts. The same seed makes the same copies.
"""

import argparse
import collections
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
CORDON = TOP / "build" / "cordon"
SAMPLES = (TOP / "tests/data/rules", TOP / "tests/fuzz/corpus/mime")
ACTIONS = {"accept", "tag", "quarantine", "reject", "defer", "discard"}
TIMEOUT = 20
LONGEST_US = (2 * TIMEOUT + 10) * 1_000_000
LARGEST = 4 << 20

CONFIG = """[cordon]
state-directory = {folder}
run-directory = {folder}
user =
[log]
target = stderr
[scanner]
workers = 2
timeout = {timeout}s
[clamav]
database = {database}
[dns]
servers = none
"""

# What parsers look for, put where it does not belong.
WORDS = (
    b"\r\n", b"\n", b"\r", b"\0", b"\r\n\r\n", b"--", b"\r\n--", b"=", b"==", b"=\r\n", b'"', b"(", b";",
    b"Content-Type: multipart/mixed; boundary=b\r\n", b"Content-Transfer-Encoding: base64\r\n",
    b"Content-Type: message/rfc822\r\n", b"begin 644 a\r\n", b"=ybegin ", b"PK\3\4", b"PK\1\2", b"PK\5\6",
    b"\x1f\x8b\x08", b"Rar!\x1a\7\0", b"7z\xbc\xaf\x27\x1c", b"\x78\x9f\x3e\x22", b"\xff\xff\xff\xff",
    b"=?utf-8?b?", b"?=", b"<script>", b"&#x", b"http://", b"\xe2\x80\xae",
)  # fmt: skip


def damage(chance, data, other):
    """The message with one to eight things done to it."""
    data = bytearray(data)
    for _ in range(chance.randint(1, 8)):
        at = chance.randint(0, len(data))
        size = min(chance.choice((1, 2, 8, 64, 1024)), len(data) - at)
        kind = chance.randrange(8)
        if kind == 0 and size > 0:
            for i in range(at, at + size):
                data[i] = chance.randrange(256)
        elif kind == 1:
            del data[at : at + size]
        elif kind == 2:
            data[at:at] = chance.choice(WORDS)
        elif kind == 3:
            data[at:at] = data[at : at + size] * chance.choice((1, 2, 50))
        elif kind == 4:
            begin = chance.randint(0, len(other))
            data[at:at] = other[begin : begin + chance.choice((16, 256, 4096))]
        elif kind == 5 and size > 0:
            data[at] ^= 1 << chance.randrange(8)
        elif kind == 6 and chance.random() < 0.2:
            del data[at:]
        elif kind == 7:
            word = chance.choice(WORDS)
            data = bytearray(data.replace(chance.choice(WORDS), word, chance.choice((1, 5))))
    return bytes(data[:LARGEST])


def sources(places):
    files = []
    for place in places:
        files += sorted(p for p in place.rglob("*") if p.is_file()) if place.is_dir() else [place]
    read = [p.read_bytes() for p in files if p.stat().st_size <= LARGEST]
    return [data for data in read if data]


def scan(config, paths):
    command = [CORDON, "scan", "--json", "--config", config, *paths]
    return subprocess.run(command, capture_output=True, timeout=len(paths) * LONGEST_US / 1e6)


def faults(done, paths):
    """What is wrong with the answers about a batch: (path, words)."""
    answers = {}
    for line in done.stdout.splitlines():
        answer = json.loads(line)
        answers[answer["file"]] = answer
    for path in paths:
        answer = answers.get(str(path))
        if answer is None:
            yield path, "no answer"
        elif answer["action"] not in ACTIONS or not answer["reason"]:
            yield path, "no action, or none with a reason"
        elif answer["elapsed_us"] > LONGEST_US:
            yield path, f"took {answer['elapsed_us'] / 1e6:.1f} s"
        elif any(reason.startswith("scan-failed") for reason in answer["unscanned"]):
            yield path, f"called our fault: {answer['unscanned']}"


def run(arguments, folder):
    chance = random.Random(arguments.seed)
    config = folder / "cordon.conf"
    database = TOP / "tests/data/clamav"
    config.write_text(CONFIG.format(folder=folder, timeout=TIMEOUT, database=database))
    originals = sources(arguments.place or SAMPLES)
    bad, deaths, done_so_far = 0, 0, 0
    actions = collections.Counter()
    begin = time.monotonic()
    while done_so_far < arguments.count:
        paths = []
        for i in range(min(arguments.batch, arguments.count - done_so_far)):
            path = folder / f"{done_so_far + i}.eml"
            path.write_bytes(damage(chance, chance.choice(originals), chance.choice(originals)))
            paths.append(path)
        done = scan(config, paths)
        deaths += done.stderr.count(b"worker-died")
        for line in done.stdout.splitlines():
            actions[json.loads(line)["action"]] += 1
        for path, words in faults(done, paths):
            bad += 1
            kept = pathlib.Path(tempfile.gettempdir()) / f"cordon-mutation-{arguments.seed}-{path.name}"
            kept.write_bytes(path.read_bytes())
            print(f"FAILED {kept}: {words}", flush=True)
        for path in paths:
            path.unlink()
        done_so_far += len(paths)
    rate = done_so_far / (time.monotonic() - begin)
    print(f"{done_so_far} messages, {rate:.0f} a second, {deaths} workers died, {dict(actions)}")
    print(f"{done_so_far - bad} passed, {bad} failed")
    return bad == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--batch", type=int, default=500)
    parser.add_argument("place", nargs="*", type=pathlib.Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cordon-mutations-") as folder:
        return 0 if run(arguments, pathlib.Path(folder)) else 1


if __name__ == "__main__":
    sys.exit(main())
