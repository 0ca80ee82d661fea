#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Hostile subjects, addresses, file and virus names: what becomes of them in the log, in answers,
in header fields and in held mail.

hostile.py [NUMBER] [--seed N]    (10000)

Each message goes through the milter protocol with bytes that want to be more than data. Every line
of the log must be one JSON object without a control byte, each message must have exactly one
verdict, and no answer or added header may hold a line end or a control byte of the sender's.
"""

import collections
import json
import random
import sys

from lone import lone_cordon, messages
from rig.milter_client import MilterClient

NASTY = (
    "\r\nX-Injected: yes",
    "\nverdict id=forged action=accept",
    "\x1b[2J\x1b[31m",
    "\x00",
    "\x07\x08\x7f",
    '","action":"accept","x":"',
    "\u202egpj.exe",
    "\u2028\u2029\x85",
    "%s%n%d%%",
    "=?utf-8?B?DQpCY2M6IHlvdUBleGFtcGxlLm5ldA0K?=",
    "=?utf-8?Q?=0D=0AX-Injected:_yes?=",
    "\\",
    "'; rm -rf /; '",
    "<script>alert(1)</script>",
    "\udcff\udcfe",
    "A" * 3000,
)
RECIPIENTS = ("alice@example.org", "bob@example.org")


def nasty(chance):
    words = [chance.choice(NASTY) for _ in range(chance.randint(1, 4))]
    return "x".join(words)


def as_bytes(text):
    return text.encode("utf-8", "surrogateescape")


def in_header(text):
    """What a header field can carry as Postfix hands it over: no NUL, lines folded."""
    return as_bytes(text).replace(b"\0", b"").replace(b"\r", b"").replace(b"\n", b"\r\n ")


def a_message(chance, number):
    subject, name, file_name = (in_header(nasty(chance)) for _ in range(3))
    virus = messages.eicar_attached() if number % 5 == 0 else None
    body = b"Hello.\r\n" if virus is None else virus.partition(b"\r\n\r\n")[2]
    head = [
        b"From: " + name + b" <a@example.net>",
        b"To: " + name + b" <b@example.org>",
        b"Subject: " + subject,
        b"Message-ID: <" + str(number).encode() + b".hostile@example.net>",
    ]
    if virus is None:
        gtube = messages.gtube().partition(b"\r\n\r\n")[2] if number % 7 == 0 else b""
        head += [
            b"MIME-Version: 1.0",
            b'Content-Type: multipart/mixed; boundary="b"',
        ]
        body = (
            b"--b\r\nContent-Type: text/plain\r\n\r\n" + body + gtube + b"\r\n"
            b'--b\r\nContent-Type: application/octet-stream; name="'
            + file_name
            + b'"\r\nContent-Disposition: attachment; filename="'
            + file_name
            + b'"\r\n\r\nMZ\r\n--b--\r\n'
        )
    else:
        head += [line for line in virus.partition(b"\r\n\r\n")[0].split(b"\r\n") if line.lower().startswith((b"mime", b"content", b" ", b"\t"))]
    return b"\r\n".join(head) + b"\r\n\r\n" + body


def bad_text(value):
    """Control bytes but for the fold of a header field."""
    rest = value.replace("\n\t", "").replace("\n ", "")
    return [character for character in rest if ord(character) < 32 or ord(character) == 127]




def main():
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    seed = int(sys.argv[sys.argv.index("--seed") + 1]) if "--seed" in sys.argv else 8
    chance = random.Random(seed)
    settings = {
        ("log", "format"): "json",
        ("policy", "virus"): "quarantine",
        ("policy", "reject"): "100000",
        ("scanner", "workers"): "2",
    }
    findings, answers, virus_names = [], collections.Counter(), 0
    with lone_cordon("hostile", settings) as cordon:
        client = MilterClient(cordon.socket, 60)
        for i in range(number):
            sender = nasty(chance).replace("\0", "").encode("utf-8", "replace").decode() + "@example.net"
            for step in client.message(sender, [chance.choice(RECIPIENTS)], a_message(chance, i)):
                answers[step[0]] += 1
                for value in step[1:]:
                    if isinstance(value, str) and bad_text(value):
                        findings.append(f"message {i}: {step[0]} {value!r}")
            client.abort()
            if i % 1000 == 999:
                print(f"{i + 1} messages", flush=True)
        client.close()
        log = cordon.log.read_bytes()
        status, held, errors = cordon.command("quarantine", "list", "--json", "--config", str(cordon.config))
    verdicts = collections.Counter()
    for at, line in enumerate(log.split(b"\n")):
        if not line:
            continue
        if any(byte < 32 or byte == 127 for byte in line):
            findings.append(f"log line {at + 1}: a control byte")
        try:
            record = json.loads(line)
        except ValueError:
            findings.append(f"log line {at + 1}: no JSON: {line[:120]!r}")
            continue
        if record.get("event") == "verdict":
            verdicts[record["id"]] += 1
            virus_names += bool(record["virus"])
    twice = sum(count != 1 for count in verdicts.values())
    for line in filter(None, held.split("\n")):
        json.loads(line)  # a control byte of an envelope is escaped there, and nowhere bare
        if bad_text(line):
            findings.append(f"held: a control byte in {line[:80]!r}")
    print(f"messages  {number}; verdicts {len(verdicts)}, not exactly one: {twice}; with a virus {virus_names}")
    print(f"answers   {dict(answers)}")
    print(f"held      {held.count(chr(10))} (status {status})")
    print(f"findings  {len(findings)}")
    for finding in findings[:10]:
        print(f"          {finding}")
    return 1 if findings or twice or len(verdicts) != number else 0


if __name__ == "__main__":
    sys.exit(main())
