#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""signatures.py FOLDER [NUMBER]: a signature database for measurements, by default 1.5 million.

In the shares of ClamAV's own: mostly hashes of files, some patterns of bytes, and logical signatures,
which cost most since they are looked at for every object. The same in each run; found in no file.
"""

import pathlib
import random
import sys

HASHES, BODIES = 0.87, 0.07  # the rest is logical
TARGETS = (0, 0, 1, 3, 4, 7)


def pattern(chance, size):
    return bytes(chance.randrange(256) for _ in range(size)).hex()


def write(folder, number):
    chance = random.Random(7)
    folder.mkdir(parents=True, exist_ok=True)
    hashes, bodies = int(number * HASHES), int(number * BODIES)
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


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__.splitlines()[0])
    write(pathlib.Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1_500_000)
