#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""No program but those of the scanner contains what reads the content of mail, and only the
antivirus one libclamav.

Read from GNU ld's maps: `Archive member included` lists the objects taken from libcordon.a, `LOAD`
the files of the command line; a shared library counts when the program needs it (readelf's NEEDED,
since --as-needed drops the others). An archive member shows its base name only, so every base name
must be unique in the tree.
"""

import collections
import os
import re
import subprocess

import tree

MAPS = tree.BUILD / os.environ.get("VARIANT", "release") / "maps"
BIN = tree.BUILD if MAPS.parent.name == "release" else MAPS.parent
CONTENT = ("scoring/message", "scoring/analysis", "scoring/checks")
MEMBER = re.compile(r"(?:.*/)?libcordon\.a\(([^)]+)\.o\)$")
# Libraries that a program must not need; and those that prove that the check sees anything at all.
FORBIDDEN = {
    "cordond": ("libclamav", "libmilter", "libpcre2", "libarchive", "libzbar"),
    "cordon-milter": ("libclamav", "libpcre2", "libarchive", "libzbar"),
    "cordon-keeper": ("libclamav", "libmilter", "libpcre2", "libarchive", "libzbar"),
    "cordon-review": ("libclamav", "libmilter", "libpcre2", "libarchive", "libzbar"),
    "cordon": ("libclamav", "libmilter", "libpcre2", "libarchive", "libzbar"),
    "cordon-scanner": ("libclamav", "libmilter"),
    "cordon-antivirus": ("libmilter", "libzbar"),
}
SCANNERS = ("cordon-scanner", "cordon-antivirus")
EXPECTED = {"cordon-milter": ("libmilter",), "cordon-antivirus": ("libclamav",)}


def sources_by_stem():
    stems = collections.defaultdict(list)
    for path in tree.files(".cc", under=tree.SOURCE_FOLDERS):
        stems[path.stem].append(path.as_posix())
    return stems


def members(text):
    """Stems of the objects that a map says were linked."""
    head = text.split("\nMemory Configuration", 1)[0]
    return {match[1] for line in head.splitlines() if (match := MEMBER.match(line.strip()))}


def loaded_objects(text):
    return re.findall(r"^LOAD (\S+\.o)$", text, re.MULTILINE)


def needed(program):
    out = subprocess.run(
        ["readelf", "-dW", BIN / program], capture_output=True, text=True, check=False
    )
    return re.findall(r"\(NEEDED\).*\[([^\]]+)\]", out.stdout)


def check_program(program, stems):
    path = MAPS / f"{program}.map"
    name = path.relative_to(tree.TOP)
    if not path.exists() or not (BIN / program).exists():
        return [f"{name}: no map or program; run make"]
    text = path.read_text(errors="replace")
    found, findings = members(text), []
    if not found:
        return [f"{name}: lists no member of libcordon.a; is it a map of GNU ld?"]
    if program not in SCANNERS:
        inside = [source for stem in sorted(found) for source in stems[stem]]
        inside += [file for file in loaded_objects(text) if "/scoring/" in file]
        findings += [f"{name}: contains {s}" for s in inside if any(c + "/" in s for c in CONTENT)]
    libraries = needed(program)
    for library in FORBIDDEN[program]:
        findings += [f"{name}: needs {have}" for have in libraries if have.startswith(library)]
    for library in EXPECTED.get(program, ()):
        if not any(have.startswith(library) for have in libraries):
            findings.append(f"{name}: does not need {library}; this check would see nothing")
    return findings


def main():
    stems = sources_by_stem()
    findings = [
        f"{paths[1]}: same base name as {paths[0]}" for paths in stems.values() if len(paths) > 1
    ]
    for program in FORBIDDEN:
        findings += check_program(program, stems)
    scanner = MAPS / "cordon-scanner.map"
    if scanner.exists() and "analyse" not in members(scanner.read_text(errors="replace")):
        findings.append("cordon-scanner.map: does not contain scoring/analysis/analyse.cc")
    programs = {path.stem.replace("_", "-") for path in map(_path, sum(stems.values(), []))}
    for program in sorted(p for p in programs if p.startswith("cordon") and p not in FORBIDDEN):
        findings.append(f"{program}: a program that this check does not know; add it to FORBIDDEN")
    tree.finish(findings)


def _path(name):
    return tree.TOP / name


if __name__ == "__main__":
    main()
