#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""signatures.py FOLDER [NUMBER] [LOGICAL]: a signature database for measurements, by default of 1.5
million signatures, of which LOGICAL (0.012) are logical ones.

Mostly hashes of files and some patterns of bytes. Logical signatures cost most, since libclamav looks
at them for every object of their target; most of ClamAV's own are for programs. With these shares a
message of 5 KB costs clamd some milliseconds, as with ClamAV's; 0.06 makes it ten times as much. The
same in each run; found in no file.
"""

import pathlib
import random
import sys

BODIES, LOGICAL = 0.03, 0.012  # the rest is hashes
TARGETS = (0, 1, 1, 1, 1, 1, 1, 2, 3, 4, 5, 7)


def pattern(chance, size):
    return bytes(chance.randrange(256) for _ in range(size)).hex()


def write(folder, number, logical=LOGICAL):
    chance = random.Random(7)
    folder.mkdir(parents=True, exist_ok=True)
    bodies = int(number * BODIES)
    hashes = number - bodies - int(number * logical)
    with open(folder / "bench.hdb", "w") as out:
        for n in range(hashes):
            size = chance.randint(100, 9_000_000)
            out.write(f"{chance.getrandbits(128):032x}:{size}:Bench.Hash-{n}\n")
    with open(folder / "bench.ndb", "w") as out:
        for n in range(bodies):
            target = chance.choice(TARGETS)
            out.write(f"Bench.Body-{n}:{target}:*:{pattern(chance, chance.randint(12, 24))}\n")
    with open(folder / "bench.ldb", "w") as out:
        for n in range(number - hashes - bodies):
            target = chance.choice(TARGETS)
            one, two = pattern(chance, 10), pattern(chance, 12)
            out.write(f"Bench.Logical-{n};Engine:51-255,Target:{target};0&1;{one};{two}\n")
    for path in folder.glob("bench.*"):
        path.chmod(0o644)


def write_image_hash(folder):
    """One signature of a picture's looks: with it libclamav has a reason to compute them."""
    path = folder / "bench-pictures.ldb"
    path.write_text("Bench.Picture;Engine:150-255,Target:0;0;fuzzy_img#0123456789abcdef#0\n")
    path.chmod(0o644)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__.splitlines()[0])
    write(
        pathlib.Path(sys.argv[1]),
        int(sys.argv[2]) if len(sys.argv) > 2 else 1_500_000,
        float(sys.argv[3]) if len(sys.argv) > 3 else LOGICAL,
    )
