#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Sizes and heads of files, and what must not stand in the tree."""

import re

import tree

MOST_LINES = {".cc": 400, ".h": 150, ".py": 400, ".sh": 400}
SPDX = "SPDX-License-Identifier: GPL-2.0-only"
TEXT = (".cc", ".h", ".py", ".sh", ".md", ".rules", ".conf", ".sample", ".in", ".1", ".5", ".8")

# Written in pieces, so that this file is no finding of its own.
MACHINE_PATH = re.compile(
    r"(?<![\w.])/" + r"work/|\.\./" + r"shared|/tmp/" + r"(w|corpora)/|/root/" + r"\."
)
UNDONE = re.compile(r"\b(TO" + r"DO|FIX" + r"ME)\b")


def check_size(path, lines):
    most = MOST_LINES.get(path.suffix)
    if most and len(lines) > most:
        yield f"{path}: {len(lines)} lines, more than {most}"


def check_head(path, lines):
    if path.suffix not in MOST_LINES or not lines:
        return
    if SPDX not in lines[1 if lines[0].startswith("#!") and len(lines) > 1 else 0]:
        yield f"{path}:1: no '{SPDX}' in the first line"
    if path.suffix == ".h" and "#pragma once" not in lines:
        yield f"{path}:1: no '#pragma once'"


def check_words(path, lines):
    for number, line in enumerate(lines, 1):
        if MACHINE_PATH.search(line):
            yield f"{path}:{number}: a path of one machine"
        if UNDONE.search(line):
            yield f"{path}:{number}: a mark for work left undone; open an issue"


def check_white_space(path, lines):
    if path.suffix not in (".cc", ".h", ".py", ".sh", ".rules", ".conf"):
        return
    for number, line in enumerate(lines, 1):
        if line != line.rstrip():
            yield f"{path}:{number}: blanks at the end of the line"
        if "\t" in line and path.suffix in (".cc", ".h", ".py"):
            yield f"{path}:{number}: a tab"


def main():
    findings = []
    for path in tree.files(*TEXT):
        lines = tree.lines_of(path)
        for check in (check_size, check_head, check_words, check_white_space):
            findings += check(path, lines)
    tree.finish(findings)


if __name__ == "__main__":
    main()
