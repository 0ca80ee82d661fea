#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Same bytes, same configuration, same state: is it the same verdict?

same_verdict.py [STARTS] [EACH]    (10 starts of the filter, 1000 messages in each)

Ten different messages, over and over, by `cordon scan --json` with workers of its own each time;
everything it says must be the same but for the time it took.
"""

import collections
import json
import pathlib
import subprocess
import sys
import tempfile

from lone import messages
from rig import places

MOMENT = "1790000000"


def samples(folder):
    made = [
        messages.clean(),
        messages.gtube(),
        messages.phishing(),
        messages.eicar_attached(),
        messages.eicar_zipped(),
        messages.encrypted_archive(),
        messages.broken_mime(),
        messages.ordinary(1),
        messages.ordinary(2, 40_000),
        messages.large(300_000),
    ]
    files = []
    for number, data in enumerate(made):
        files.append(pathlib.Path(folder) / f"{number}.eml")
        files[-1].write_bytes(data)
    return files


def scan(files, config):
    command = [places.BUILD / "cordon", "scan", "--json", "--config", config, "--now", MOMENT]
    command += ["--ip", "192.0.2.7", "--from", "a@example.net", "--rcpt", "b@example.org", *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    for line in done.stdout.splitlines():
        verdict = json.loads(line)
        verdict.pop("elapsed_us")
        yield verdict.pop("file"), json.dumps(verdict, sort_keys=True)


def main():
    starts = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    each = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    seen = collections.defaultdict(collections.Counter)
    with tempfile.TemporaryDirectory() as folder:
        config = pathlib.Path(folder) / "cordon.conf"
        config.write_text(
            f"[cordon]\nuser =\nstate-directory = {folder}\nrun-directory = {folder}\n[log]\nlevel = error\n"
            f"[clamav]\ndatabase = {places.DATA / 'clamav'}\n[dns]\nservers = none\n[scanner]\nworkers = 2\n"
        )
        files = samples(folder)
        for start in range(starts):
            for name, verdict in scan(files * (each // len(files)), config):
                seen[name][verdict] += 1
            print(f"start {start + 1}", flush=True)
    total = sum(sum(counts.values()) for counts in seen.values())
    same = sum(max(counts.values()) for counts in seen.values())
    print(f"same verdict: {same} of {total} ({len(seen)} messages, {starts} starts)")
    for name, counts in seen.items():
        if len(counts) > 1:
            print(f"  {name}: {len(counts)} verdicts")
    return 0 if same == total and len(seen) == 10 else 1


if __name__ == "__main__":
    sys.exit(main())
