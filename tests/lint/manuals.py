#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The manuals: mandoc has nothing to say about them, and they tell of every program, command, option
and rule. Pages with generated lists are read as built (`make man`)."""

import json
import re
import subprocess

import tree

PAGES = tree.BUILD / "man"
PLACEHOLDER = re.compile(r"^@[A-Z]+@$", re.MULTILINE)


def output(*command):
    done = subprocess.run(command, cwd=tree.TOP, capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else ""


def sources():
    return tree.files(".1", ".5", ".8", ".in", under=("docs/man",))


def page(name):
    path = PAGES / name
    return path.read_text(encoding="utf-8") if path.exists() else ""


def check_built():
    if not sources():
        yield "docs/man: no manuals"
    for source in sources():
        name = source.name.removesuffix(".in")
        if not page(name):
            yield f"build/man/{name}: missing; run make man"
        elif PLACEHOLDER.search(page(name)):
            yield f"build/man/{name}: a placeholder was not replaced"


def check_mandoc():
    try:
        done = subprocess.run(
            ["mandoc", "-Tlint", "-W", "warning", *sorted(map(str, PAGES.glob("*.[158]")))],
            cwd=tree.TOP,
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        return ["mandoc is not installed"]
    return [
        line.replace(f"{tree.TOP}/", "").removeprefix("mandoc: ")
        for line in done.stdout.splitlines()
    ]


def options_in_the_code():
    """Names of the table's rows, read from its source rather than from what it prints."""
    text = (tree.TOP / "conf/options.cc").read_text(encoding="utf-8")
    names = re.findall(r'\badd\("([a-z]+\.[a-z-]+)"', text)
    return names + ["policy." + key for key in re.findall(r'\brow\("([a-z-]+)"', text)]


def check_options():
    names = options_in_the_code()
    if len(names) < 20:
        yield "conf/options.cc: the rows of the table are not recognised"
    sections = dict(
        re.findall(
            r"^\.Ss \[([a-z]+)\]\n(.*?)(?=^\.S[sh] )",
            page("cordon.conf.5"),
            re.DOTALL | re.MULTILINE,
        )
    )
    for name in names:
        section, key = name.split(".")
        if f".It Cm {key} No" not in sections.get(section, ""):
            yield f"build/man/cordon.conf.5: tells nothing of {key} in [{section}]"
    yield from check_keys_without_effect(names)


def check_keys_without_effect(names):
    """The manual's list of keys that nothing uses yet is as true as names in the source can tell."""
    text = page("cordon.conf.5").partition(".Sh KEYS WITHOUT EFFECT")[2].partition(".Sh ")[0]
    listed = re.findall(r"^\.It Cm ([a-z]+\.[a-z-]+)", text, re.MULTILINE)
    paths = [
        path
        for path in tree.files(".cc", ".h", under=tree.SOURCE_FOLDERS)
        if path.name not in ("options.cc", "configuration.h", "policy.h")
    ]
    code = "\n".join((tree.TOP / path).read_text(encoding="utf-8") for path in paths)
    for name in listed:
        if name not in names:
            yield f"docs/man/cordon.conf.5.in: {name} is no option"
        elif not name.startswith("dns.") and re.search(
            rf"\b{re.escape(name.replace('-', '_'))}\b(?!\()", code
        ):
            yield f"docs/man/cordon.conf.5.in: {name} is used by now; take it off the list without effect"
    for name in names:
        member = name.split(".")[1].replace("-", "_")
        if name not in listed and not re.search(rf"(\.|->){member}\b", code):
            yield f"docs/man/cordon.conf.5.in: nothing uses {name}; put it on the list without effect"


def check_rules():
    rules = [
        json.loads(line)["rule"] for line in output("build/cordon", "rules", "--json").splitlines()
    ]
    if not rules:
        yield "build/cordon rules --json: prints nothing; run make"
    for rule in rules:
        if f".It Sy {rule} " not in page("cordon-rules.5"):
            yield f"build/man/cordon-rules.5: tells nothing of {rule}; run make man"


def check_commands():
    text = page("cordon.1")
    for path in sorted((tree.TOP / "quarantine/ctl").glob("*_command.cc")):
        name = path.stem.removesuffix("_command")
        if not re.search(rf"^\.Ss .*\b{name}\b|^\.It Cm {name}\b", text, re.MULTILINE):
            yield f"docs/man/cordon.1: tells nothing of the command {name}"
        for option in re.findall(r'"([a-z-]+)", po::', path.read_text(encoding="utf-8")):
            if not re.search(rf"\bFl -{option}\b", text):
                yield f"docs/man/cordon.1: tells nothing of --{option}, an option of {name}"


def check_programs():
    for path in tree.files(".cc", under=tree.SOURCE_FOLDERS):
        name = path.stem.replace("_", "-")
        if path.stem.startswith("cordon") and not (page(f"{name}.1") or page(f"{name}.8")):
            yield f"docs/man: no page for {name}"


def main():
    findings = []
    for check in (
        check_built,
        check_mandoc,
        check_options,
        check_rules,
        check_commands,
        check_programs,
    ):
        findings += check()
    tree.finish(findings)


if __name__ == "__main__":
    main()
