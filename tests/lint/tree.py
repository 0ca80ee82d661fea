# SPDX-License-Identifier: GPL-2.0-only
"""What the checks of this folder share: the files of the tree and the way findings are told.

A check is a program of its own. It prints one line a finding, `FILE:LINE: what is wrong`, and exits
with 1 when there was one.
"""

import os
import pathlib
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILD = TOP / "build"
OUTSIDE = {".git", "build", "__pycache__"}
SOURCE_FOLDERS = ("conf", "scoring", "quarantine", "milter")


def files(*suffixes, under=("",)):
    """Paths relative to the top of all files with one of the suffixes, sorted."""
    found = []
    for folder in under:
        for here, folders, names in os.walk(TOP / folder):
            folders[:] = [name for name in folders if name not in OUTSIDE]
            for name in names:
                path = pathlib.Path(here, name)
                if not suffixes or path.suffix in suffixes:
                    found.append(path.relative_to(TOP))
    return sorted(set(found))


def lines_of(path):
    return (TOP / path).read_text(encoding="utf-8", errors="replace").splitlines()


def finish(findings):
    """Ends a check."""
    for finding in findings:
        print(finding)
    sys.exit(1 if findings else 0)
