#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Public test vectors of SPF, DKIM and ARC, judged through `cordon scan --json --dns-zone --now`.

auth_vectors.py [--jobs N] FILE|DIR...

What a file is, is told by its form: suites of the openspf project (rfc7208-tests.yml, in Debian's
python3-spf) and of ARC (`cv:`, `txt-records:`) in YAML; those of mail-auth (spf/*.yml with "expect:",
*.txt with keys in front of a signed message); `.gz` is unpacked. Each differing case is printed;
docs/decisions/008 says which do and why. Exit: the number of differing cases, at most 99.
"""

import argparse
import collections
import concurrent.futures
import gzip
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import yaml

TREE = pathlib.Path(__file__).resolve().parents[2]
NOW = 1700000000
PLAIN = b"From: Author <a@author.invalid>\r\nSubject: x\r\n\r\nbody\r\n"
CONFIGURATION = "[clamav]\nenabled = no\n[dns]\nservers = none\n"
DNS_ERRORS = ("_dns_error.org", "_dns_error.test.org")  # names that mail-auth has fail

Case = collections.namedtuple("Case", "suite name zone envelope message expected explanation kind now")


def case(suite, name, kind, zone, expected, **more):
    given = {"envelope": {}, "message": PLAIN, "explanation": None, "now": NOW} | more
    return Case(suite, name, zone=zone, expected=expected, kind=kind, **given)


# ---- the suites of openspf


def openspf_node(records):
    """One name of a zone: SPF stands for TXT unless the name has a TXT of its own."""
    fails = "TIMEOUT" in records
    pairs = [pair for record in records if isinstance(record, dict) for pair in record.items()]
    has_text = any(kind == "TXT" for kind, _ in pairs)
    node = collections.defaultdict(list)
    for kind, value in pairs:
        if value == "NONE" or (kind == "SPF" and has_text):
            continue
        node["TXT" if kind == "SPF" else kind].append(value)
    return [dict(node), "TIMEOUT"] if fails else dict(node)


def openspf_cases(documents):
    for document in filter(None, documents):
        zone = {name: openspf_node(records) for name, records in document["zonedata"].items()}
        for name, test in document["tests"].items():
            expected = test["result"] if isinstance(test["result"], list) else [test["result"]]
            words = test.get("explanation")
            yield case(
                document["description"],
                name,
                "spf",
                zone,
                expected,
                envelope={"ip": test["host"], "helo": test["helo"], "from": test["mailfrom"]},
                explanation="" if words == "DEFAULT" else words,
            )


# ---- the suite of ARC


def arc_cases(documents):
    for document in filter(None, documents):
        zone = {
            name: {"TXT": [" ".join(text.split())]}
            for name, text in (document.get("txt-records") or {}).items()
        }
        for name, test in document["tests"].items():
            message = test["message"].replace("\n", "\r\n").encode()
            expected = [(test.get("cv") or "none").lower()]
            yield case(document["description"], name, "arc", zone, expected, message=message)


# ---- the vectors of mail-auth


def add_mail_auth_record(zone, kind, text):
    """One line of "records:"; a later one of the same kind and name replaces the first."""
    name, _, values = text.partition(" ")
    kind = "TXT" if kind in ("spf", "exp") else kind.upper()
    node = zone.setdefault(name, {})
    node[kind] = []
    for item in [values] if kind == "TXT" else [value.strip() for value in values.split(",")]:
        if kind == "MX" and re.match(r"[\d.]+$|.*:", item):  # a host by its address alone
            host = f"host-{item.replace(':', '-').replace('.', '-')}.mx.invalid"
            zone[host] = {"AAAA" if ":" in item else "A": [item]}
            item = host
        node[kind].append(item)


def mail_auth_cases(path, text):
    """Lines in their order: values hold until they are replaced, each "expect:" is a case."""
    values, zone, number = {}, dict.fromkeys(DNS_ERRORS, "TIMEOUT"), 0
    for line in text.splitlines():
        if line == "---":
            values, zone, number = {}, dict.fromkeys(DNS_ERRORS, "TIMEOUT"), 0
        found = re.fullmatch(r"[ -]*(\w+): *(.*?) *", line)
        if not found or line.startswith("#"):
            continue
        key, value = found.groups()
        if line.startswith("name:"):
            values["title"] = value
        elif key in ("spf", "exp", "a", "aaaa", "mx", "ptr"):
            add_mail_auth_record(zone, key, value)
        elif key == "expect":
            number += 1
            result, _, words = value.partition(" ")
            yield case(
                path.name,
                f"{values.get('title', '')} {number}",
                "spf",
                json.loads(json.dumps(zone)),
                [result],
                envelope={
                    "ip": values["ip"],
                    "helo": values["domain"],
                    "from": values.get("sender", ""),
                },
                explanation=words or None,
            )
        else:
            values[key] = value


def signed_case(path, text):
    keys, _, message = text.partition("\n\n")
    zone = dict(line.split(" ", 1) for line in keys.splitlines() if " " in line)
    times = [int(time) for time in re.findall(r"\bt=(\d{9,10})\b", message)]
    yield case(
        path.parent.name,
        path.name,
        "arc" if re.search(r"^ARC-Seal:", message, re.M | re.I) else "dkim",
        {name: {"TXT": [record]} for name, record in zone.items()},
        ["pass"],
        message=message.replace("\n", "\r\n").encode(),
        now=max(times, default=NOW) + 60,
    )


# ---- all of them


def cases_of(path):
    text = (gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()).decode()
    if path.suffix == ".txt":
        return list(signed_case(path, text))
    if re.search(r"^zonedata:", text, re.M):
        return list(openspf_cases(yaml.safe_load_all(text)))
    if re.search(r"^txt-records:", text, re.M):
        return list(arc_cases(yaml.safe_load_all(text)))
    return list(mail_auth_cases(path, text))


def found_in(result, kind):
    if kind == "dkim":
        results = {signature["result"] for signature in result["auth"]["dkim"]} or {"none"}
        return "pass" if results == {"pass"} else ",".join(sorted(results - {"pass"}))
    return result["auth"][kind]


def judge(one):
    """(what was found, the explanation found, what went wrong)"""
    with tempfile.TemporaryDirectory(prefix="cordon-vectors-") as name:
        folder = pathlib.Path(name)
        (folder / "cordon.conf").write_text(CONFIGURATION)
        (folder / "zone.json").write_text(json.dumps(one.zone))
        (folder / "message.eml").write_bytes(one.message)
        command = [TREE / "build" / "cordon", "scan", "--json", "--config", folder / "cordon.conf"]
        command += ["--dns-zone", folder / "zone.json", "--now", str(one.now)]
        for key, value in one.envelope.items():
            command += [f"--{key}", value]
        done = subprocess.run(
            [*command, folder / "message.eml"], capture_output=True, text=True, check=False
        )
    if not done.stdout.startswith("{"):
        return "", "", done.stderr.strip()
    result = json.loads(done.stdout)
    return found_in(result, one.kind), result["auth"]["spf_explanation"], ""


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--jobs", type=int, default=2)
    arguments.add_argument("paths", nargs="+", type=pathlib.Path)
    options = arguments.parse_args()
    files = []
    for path in options.paths:
        found = sorted(path.rglob("*")) if path.is_dir() else [path]
        files += [f for f in found if path.is_file() or re.fullmatch(r"\d+\.txt|.*\.yml(\.gz)?", f.name)]
    cases = [one for path in files for one in cases_of(path)]
    differing = collections.Counter()
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for one, (found, words, problem) in zip(cases, pool.map(judge, cases), strict=True):
            wrong = problem or found not in one.expected
            if not wrong and one.explanation is not None and found == "fail":
                wrong = words != one.explanation
            if wrong:
                differing[one.kind] += 1
                print(f"{one.suite}: {one.name}: {found} {words!r} {problem}, not {one.expected}"
                      f" {one.explanation or ''}")  # fmt: skip
    for kind, count in sorted(collections.Counter(one.kind for one in cases).items()):
        print(f"{kind}: {count - differing[kind]} of {count} as expected")
    return min(differing.total(), 99)


if __name__ == "__main__":
    sys.exit(main())
