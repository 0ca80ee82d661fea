# SPDX-License-Identifier: GPL-2.0-only
"""`cordon scan` without a mail server: the shipped rules and the tests' signatures."""

import json
import subprocess
import threading

from . import places
from .process import descendants, status_megabytes

MOST_FILES = 500  # of one call


class OfflineScanner:
    def __init__(self, folder):
        self.folder = folder
        self.config = places.write_file(
            folder / "cordon.conf",
            f"[cordon]\nstate-directory = {folder}/state\nrun-directory = {folder}/run\n"
            f"[clamav]\ndatabase = {places.DATA}/clamav\n[dns]\nservers = none\n"
            f"[rules]\nshipped = {places.TOP}/conf/rules\n[scanner]\nworkers = 2\n",
        )

    def command(self, paths):
        words = [places.BUILD / "cordon", "scan", "--json", "--config", self.config, "--", *paths]
        return [str(word) for word in words]

    def scan(self, paths):
        """The answer about each file, in order."""
        for at in range(0, len(paths), MOST_FILES):
            some = paths[at : at + MOST_FILES]
            done = subprocess.run(self.command(some), capture_output=True, text=True, errors="replace")
            lines = done.stdout.splitlines()
            if len(lines) != len(some):
                raise places.RigError(f"cordon scan: {len(lines)} answers: {done.stderr[-400:]}")
            yield from (json.loads(line) for line in lines)

    def watched(self, path):
        """(answer, seconds of the scan, megabytes of the largest process at its largest)."""
        process = subprocess.Popen(self.command([path]), stdout=subprocess.PIPE, text=True)
        peak, is_over = [0], threading.Event()

        def watch():
            while not is_over.wait(0.005):
                peak[0] = max([peak[0], *map(status_megabytes, descendants(process.pid))])

        watcher = threading.Thread(target=watch)
        watcher.start()
        output, _ = process.communicate()
        is_over.set()
        watcher.join()
        answer = json.loads(output)
        return answer, answer["elapsed_us"] / 1e6, peak[0]

    def written(self, cases):
        """(name, path) of messages given as (name, bytes)."""
        for number, (name, message) in enumerate(cases):
            path = self.folder / f"{len(list(self.folder.iterdir()))}-{number}.eml"
            path.write_bytes(message)
            yield name, path
