#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Broken configurations beside a running Cordon: mutations of its own file. Each is shown whole by
`cordon config show`, or refused there, by a line that names the file; then a reload refuses it too,
the same processes go on, and mail passes as before.

broken_configurations.py [NUMBER]    (500)
"""

import random
import re
import sys

from lone import lone_cordon, messages, one_message

SECONDS = 30


def mutated(chance, text):
    lines = text.splitlines()
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(lines))
        line = lines[at]
        place = chance.randrange(len(line) + 1)
        lines[at] = chance.choice(
            (
                line[:place],
                line[:place] + chr(chance.randrange(1, 256)) + line[place:],
                line.replace("=", "", 1),
                line + f"\n{line}",
                line + "\n[" + "x" * chance.randrange(200) + "]",
                line + "\nworkers = 99999999999999999999",
                line + "\nmode = " + line[place:],
                line.upper(),
            )
        )
    return "\n".join(lines) + "\n"


class Trial:
    def __init__(self, cordon):
        self.cordon, self.faults = cordon, []
        self.shown = self.refused = self.with_line = 0

    def pids(self):
        programs = ("cordond", "cordon-milter", "cordon-scanner", "cordon-antivirus", "cordon-keeper")
        return {program: sorted(self.cordon.pids_of(program)) for program in programs}

    def answers(self):
        """To a clean message, but for its id."""
        given = one_message(self.cordon, messages.clean())[1]
        return [answer for answer in given if "X-Cordon-Id" not in answer]

    def run(self, number, text):
        self.cordon.config.write_text(text)
        name = str(self.cordon.config)
        status, output, errors = self.cordon.command("config", "show", "--config", name)
        if status == 0:
            self.shown += 1
            if not output.strip():
                self.faults.append(f"{number}: shown, but empty")
            return
        self.refused += 1
        self.with_line += bool(re.search(re.escape(name) + r":\d+:", errors))
        if status != 78 or name not in errors or len(errors.strip().splitlines()) != 1:
            self.faults.append(f"{number}: exit {status}: {errors}")
        before, start = self.pids(), len(self.cordon.log_text())
        self.cordon.reload()
        self.cordon.wait_for_log("reload-failed", SECONDS, start)
        if self.pids() != before:
            self.faults.append(f"{number}: other processes than before")
        answers = self.answers()
        if answers != self.usual:
            self.faults.append(f"{number}: a message got {answers}")

    def all(self, numbers):
        good, chance = self.cordon.config.read_text(), random.Random(8)
        self.usual = self.answers()
        for number in range(numbers):
            self.run(number, mutated(chance, good))
        self.cordon.config.write_text(good)
        start = len(self.cordon.log_text())
        self.cordon.reload()
        self.cordon.wait_for_log(" reloaded", SECONDS, start)


def main():
    numbers = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    with lone_cordon("broken") as cordon:
        trial = Trial(cordon)
        trial.all(numbers)
    print(f"{trial.shown} shown, {trial.refused} refused, {trial.with_line} of these with a line")
    for fault in trial.faults[:20]:
        print(fault)
    print(f"faults: {len(trial.faults)}")
    return 1 if trial.faults else 0


if __name__ == "__main__":
    sys.exit(main())
