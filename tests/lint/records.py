#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""What other programs read of Cordon is in the manuals as it is in the code: each event of the log
with its keys (cordon-log(5)), each exit code (cordon(1)), each metric that an alert looks at."""

import re

import tree

CALL = re.compile(r'\blog::(?:debug|info|warn|error)\(\s*"([a-z0-9-]+)"')
KEY = re.compile(r'\{\s*"([a-z_]+)"\s*,')
LOG_PAGE = "docs/man/cordon-log.5"
COMMANDS_PAGE = "docs/man/cordon.1"
METRICS = "conf/base/metrics.cc"
ALERTS = "conf/prometheus/cordon.alerts.yml"


def end_of_call(text, begin):
    """Where the parenthesis that is open at `begin` is closed; strings may hold any."""
    depth, is_string, at = 1, False, begin
    while at < len(text) and depth:
        if is_string:
            at += text[at] == "\\"
            is_string = text[at] != '"'
        elif text[at] == '"':
            is_string = True
        else:
            depth += (text[at] == "(") - (text[at] == ")")
        at += 1
    return at


def events_in_code():
    """{event: (its keys, where)}; the keys of all calls together."""
    out = {}
    for path in tree.files(".cc", under=tree.SOURCE_FOLDERS):
        text = (tree.TOP / path).read_text(encoding="utf-8")
        for call in CALL.finditer(text):
            where = f"{path}:{text.count(chr(10), 0, call.start()) + 1}"
            keys, _ = out.setdefault(call[1], (set(), where))
            keys.update(KEY.findall(text[call.end() : end_of_call(text, call.end())]))
    return out


def events_in_manual():
    text = (tree.TOP / LOG_PAGE).read_text(encoding="utf-8")
    entries = re.findall(r"^\.It Sy ([a-z0-9-]+)(?: Cm (.*))?$", text, re.MULTILINE)
    return {name: set(keys.replace(",", " ").split()) for name, keys in entries}


def check_log():
    code, manual = events_in_code(), events_in_manual()
    if len(code) < 50:
        yield "the calls of log:: are not recognised"
    for event, (keys, where) in sorted(code.items()):
        if event not in manual:
            entry = " , ".join(sorted(keys))
            yield f"{where}: {LOG_PAGE} lacks .It Sy {event}{' Cm ' + entry if entry else ''}"
        elif manual[event] != keys:
            yield f"{where}: {LOG_PAGE} gives {event} other keys than {' , '.join(sorted(keys))}"
    for event in sorted(set(manual) - set(code)):
        yield f"{LOG_PAGE}: nothing logs {event}"


def check_exit_codes():
    codes = set()
    for path in ["conf/base/program.h", *tree.files(".cc", under=("quarantine/ctl",))]:
        text = (tree.TOP / path).read_text(encoding="utf-8")
        codes.update(re.findall(r"\bkExit[A-Z]\w* = (\d+)", text))
    if len(codes) < 6:
        yield "conf/base/program.h: the exit codes are not recognised"
    text = (tree.TOP / COMMANDS_PAGE).read_text(encoding="utf-8")
    section = text.partition(".Sh EXIT STATUS")[2].partition(".Sh ")[0].partition("All commands")[2]
    told = {code for line in re.findall(r"^\.It (.*)$", section, re.MULTILINE)
            for code in re.findall(r"\d+", line)}  # fmt: skip
    for code in sorted(codes - told):
        yield f"{COMMANDS_PAGE}: EXIT STATUS tells nothing of {code}"
    for code in sorted(told - codes - {"1", "2"}):  # of rules test and doctor, written where they are
        yield f"{COMMANDS_PAGE}: nothing exits with {code}"


def check_alerts():
    """The manual's list of metrics is printed from their table; the alerts are written by hand."""
    table = (tree.TOP / METRICS).read_text(encoding="utf-8")
    known = set(re.findall(r'"(cordon_[a-z_]+)", "(?:counter|gauge|histogram)"', table))
    if len(known) < 20:
        yield f"{METRICS}: the table of metrics is not recognised"
    for number, line in enumerate(tree.lines_of(ALERTS), 1):
        for name in re.findall(r"\bcordon_[a-z_]+", line):
            if name.removesuffix("_bucket") not in known:
                yield f"{ALERTS}:{number}: there is no metric {name}"


if __name__ == "__main__":
    tree.finish([*check_log(), *check_exit_codes(), *check_alerts()])
