#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The shipped cordon.conf and every piece of configuration in the documents are accepted by Cordon, and
the shipped file tells the defaults as they are (where the default is nothing, an example)."""

import re
import subprocess
import tempfile

import tree

SHIPPED = "conf/cordon.conf"
MOST_ACTIVE_LINES = 60
BLOCK = re.compile(r"^```ini\n(.*?)^```", re.DOTALL | re.MULTILINE)
# A commented key of the shipped file: `#key = value`, without a blank, unlike prose.
COMMENTED = re.compile(r"^#([a-z-]+) = ?(.*)$")
# Keys whose default depends on the machine: what the file shows is an example.
EXAMPLES = {"cordon.authserv-id"}


def check_config(text, what):
    """Findings when Cordon refuses `text`; FILE:LINE becomes `what`."""
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
        file.write(text)
        file.flush()
        done = subprocess.run(
            [tree.BUILD / "cordon", "config", "check", "--config", file.name],
            capture_output=True,
            text=True,
            check=False,
        )
        message = (done.stderr or done.stdout).strip().replace(file.name, what)
    return [] if done.returncode == 0 else [f"{what}: {message}"]


def defaults():
    """{"section.key": value} of an empty configuration."""
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
        done = subprocess.run(
            [tree.BUILD / "cordon", "config", "show", "--config", file.name],
            capture_output=True,
            text=True,
            check=True,
        )
    values, section = {}, ""
    for line in done.stdout.splitlines():
        if line.startswith("["):
            section = line[1:-1]
        elif " = " in line:
            key, _, value = line.partition(" = ")
            values[f"{section}.{key}"] = value
    return values


def check_commented(lines):
    """What stands commented out is what counts without it; so the file documents the defaults."""
    known, section, findings = defaults(), "", []
    for number, line in enumerate(lines, 1):
        if match := re.match(r"^#?\[([^\]]+)\]", line):
            section = match[1]
        if not (match := COMMENTED.match(line)):
            continue
        key, value = match[1], re.split(r"\s#", match[2])[0].strip()
        if section.startswith(("domain.", "user.", "dnsbl.")) or section == "scores":
            continue
        name = f"{section}.{key}"
        if name not in known:
            findings.append(f"{SHIPPED}:{number}: {name} is no option")
        elif known[name] and name not in EXAMPLES and value != known[name]:
            findings.append(f"{SHIPPED}:{number}: the default of {name} is '{known[name]}'")
    return findings


def main():
    if not (tree.BUILD / "cordon").exists():
        tree.finish(["build/cordon: missing; run make"])
    lines = tree.lines_of(SHIPPED)
    active = [line for line in lines if line.strip() and not line.startswith("#")]
    findings = check_config("\n".join(lines) + "\n", SHIPPED)
    if len(active) >= MOST_ACTIVE_LINES:
        findings.append(f"{SHIPPED}: {len(active)} active lines, not under {MOST_ACTIVE_LINES}")
    findings += check_commented(lines)
    uncommented = [re.sub(r"^#(?=\[[a-z]+[\].]|[a-z-]+ = )", "", line) for line in lines]
    findings += check_config("\n".join(uncommented) + "\n", f"{SHIPPED} with every key active")
    blocks = 0
    for path in tree.files(".md"):
        text = (tree.TOP / path).read_text(encoding="utf-8")
        for match in BLOCK.finditer(text):
            blocks += 1
            line = text[: match.start()].count("\n") + 1
            findings += check_config(match[1], f"{path} (block at line {line})")
    if blocks == 0:
        findings.append("no ```ini block found in any document; this check sees nothing")
    tree.finish(findings)


if __name__ == "__main__":
    main()
