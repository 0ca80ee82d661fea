#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Includes point to the same folder or to the left, and never through a wall.

Direction: conf <- scoring <- quarantine <- milter; conf/base stands on nothing but itself.
Content: what reads the content of a message (scoring/message, analysis, checks) is seen by nothing
outside the scanner, not even through other headers; analysis.h is plain data and the one exception.
Libraries: libmilter belongs to milter/, libclamav to scoring/scanner/; scoring/message does no I/O.
"""

import re

import tree

ORDER = {folder: i for i, folder in enumerate(tree.SOURCE_FOLDERS)}
CONTENT = ("scoring/message", "scoring/analysis", "scoring/checks")
READS_CONTENT = CONTENT + ("scoring/scanner",)
PLAIN_DATA = {"scoring/analysis/analysis.h"}
# Folders of scoring that may know only themselves and conf/base.
ALONE = {"scoring/message", "scoring/rules"}
LIBRARIES = {"libmilter/": "milter", "clamav.h": "scoring/scanner", "seccomp.h": "scoring/scanner"}
INPUT_OUTPUT = re.compile(
    r"fcntl\.h|unistd\.h|netdb\.h|sys/(socket|mman|stat|ioctl)\.h|cstdio|fstream|filesystem|iostream"
)
NEVER = {"iostream": "use conf/base/log or fmt", "regex": "use scoring/analysis/regex"}
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]')


def includes_of(path):
    for number, line in enumerate(tree.lines_of(path), 1):
        if match := INCLUDE.match(line):
            yield number, match[1] == '"', match[2]


def folder_of(name):
    return name.rpartition("/")[0]


def is_in(name, folders):
    return any(name.startswith(folder + "/") for folder in folders)


def wrong_direction(source, target):
    """A sentence, or nothing."""
    top, other = source.split("/")[0], target.split("/")[0]
    if other not in ORDER:
        return "is no path from the top of the tree"
    if ORDER[other] > ORDER[top]:
        return f"points to the right: {top} stands left of {other}"
    if is_in(source, ["conf/base"]) and not is_in(target, ["conf/base"]):
        return "leaves conf/base, on which everything stands"
    alone = folder_of(source)
    if alone in ALONE and not is_in(target, [alone, "conf/base"]):
        return f"leaves {alone}, which stands on conf/base alone"
    return None


def wrong_library(source, target):
    for library, home in LIBRARIES.items():
        if target.startswith(library) and not is_in(source, [home]):
            return f"belongs to {home}"
    if target in NEVER:
        return NEVER[target]
    if is_in(source, ["scoring/message"]) and INPUT_OUTPUT.fullmatch(target):
        return "is input or output, which scoring/message does not do"
    return None


def check_includes(names):
    generated = {"checks.inc", "commands.inc"}
    findings, graph = [], {}
    for name in names:
        graph[name] = []
        for number, is_own, target in includes_of(name):
            if is_own and target in generated:
                continue
            why = (wrong_direction if is_own else wrong_library)(name, target)
            if is_own and not why and target not in names:
                why = "does not exist"
            if why:
                findings.append(f"{name}:{number}: include of {target} {why}")
            if is_own:
                graph[name].append((number, target))
    return findings, graph


def ways_to_content(graph, start):
    """(line in start, chain of headers) for each content header that start sees."""
    seen, waiting = {start}, [(number, [target]) for number, target in graph[start]]
    while waiting:
        number, chain = waiting.pop(0)
        last = chain[-1]
        if last in seen:
            continue
        seen.add(last)
        if is_in(last, CONTENT) and last not in PLAIN_DATA:
            yield number, chain
            continue
        waiting += [(number, chain + [target]) for _, target in graph.get(last, [])]


def check_content_wall(graph):
    findings = []
    for name in sorted(graph):
        if is_in(name, READS_CONTENT) and name not in PLAIN_DATA:
            continue
        for number, chain in ways_to_content(graph, name):
            # The first file outside that includes it is told; who includes that one is not.
            if len(chain) > 1 and not is_in(chain[-2], READS_CONTENT):
                continue
            findings.append(f"{name}:{number}: sees content through {' -> '.join(chain)}")
    return findings


def main():
    names = {path.as_posix() for path in tree.files(".h", ".cc", under=tree.SOURCE_FOLDERS)}
    findings, graph = check_includes(sorted(names))
    if not names:
        findings.append("no source files found")
    tree.finish(findings + check_content_wall(graph))


if __name__ == "__main__":
    main()
