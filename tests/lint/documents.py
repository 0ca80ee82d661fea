#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The documents are there, short enough, and name nothing that does not exist: no dead link, no path of
a file that was moved, no target of make that is gone."""

import re

import tree

MOST_LINES = {"README.md": 150, "CONTRIBUTING.md": 120}
NEEDED = (
    "README.md",
    "CHANGELOG.md",
    "COPYING",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "docs/architecture.md",
)
LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")
CODE = re.compile(r"`([^`\s]+)`")
IN_TREE = re.compile(r"(conf|scoring|quarantine|milter|tests|docs)/[\w./-]+")
FILE = re.compile(r"[a-z][\w-]*\.(cc|h|py|sh)")
MAKE = re.compile(
    r"(?:^|[`\s])make ([a-z][a-z-]*)\b(?=[`\s]*(?:$|[`,;.:)#]|  |[A-Z]+=))", re.MULTILINE
)


def check_presence():
    for name in NEEDED:
        if not (tree.TOP / name).exists():
            yield f"{name}: missing"
    for name, most in MOST_LINES.items():
        if (tree.TOP / name).exists() and len(tree.lines_of(name)) > most:
            yield f"{name}: {len(tree.lines_of(name))} lines, more than {most}"
    readme = tree.TOP / "README.md"
    text = readme.read_text(encoding="utf-8") if readme.exists() else ""
    for command in ("make demo", "make check"):
        if command not in text:
            yield f"README.md: does not name `{command}`"


def exists(name, names):
    """A path from the top or a bare file name; without a suffix a unit such as `io_guard`."""
    if "/" not in name:
        return name in names
    return (tree.TOP / name).exists() or any(
        (tree.TOP / name).parent.glob((tree.TOP / name).name + ".*")
    )


def check_names(path, names):
    for number, line in enumerate(tree.lines_of(path), 1):
        for target in LINK.findall(line):
            if "://" not in target and not (tree.TOP / path.parent / target).exists():
                yield f"{path}:{number}: link to {target}, which does not exist"
        for word in (word for word in CODE.findall(line) if "NAME" not in word):
            if (IN_TREE.fullmatch(word) or FILE.fullmatch(word)) and not exists(
                word.rstrip("/"), names
            ):
                yield f"{path}:{number}: names {word}, which does not exist"


def check_targets():
    makefile = tree.TOP / "Makefile"
    targets = re.findall(
        r"^([a-z][a-z-]*(?: [a-z-]+)*):", makefile.read_text(encoding="utf-8"), re.MULTILINE
    )
    known = {name for line in targets for name in line.split()}
    for path in tree.files(".md"):
        text = (tree.TOP / path).read_text(encoding="utf-8")
        for target in sorted(set(MAKE.findall(text)) - known):
            yield f"{path}: names `make {target}`, which the Makefile does not have"


def main():
    names = {path.name for path in tree.files()}
    findings = list(check_presence())
    for path in tree.files(".md"):
        findings += check_names(path, names)
    tree.finish(findings + list(check_targets()))


if __name__ == "__main__":
    main()
