#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Are releases exact? Holds each mail of some folders through Postfix, releases it, compares SHA-256.

release_figures.py [--most N] FOLDER... prints how many of them came out of the release with the bytes
that went into the vault, and how many went into the vault with the bytes that were sent.
"""

import argparse
import hashlib
import json
import pathlib
import subprocess
import sys
import time

from rig import MailSite, places
from rig.process import wait_until
from rig.site import end_on_signals
from rig.smtp_sink import SmtpSink

BOB = "bob@example.org"
SETTINGS = {("policy", key): "-1000" for key in ("tag", "quarantine")} | {
    ("policy", "reject"): "100000",
    ("policy", "virus"): "quarantine",
    ("policy", "unscanned"): "quarantine",
    ("policy", "encrypted"): "quarantine",
    ("clamav", "enabled"): "no",
    ("log", "level"): "warn",
}


def mails(folders, most):
    files = [p for f in folders for p in sorted(pathlib.Path(f).rglob("*")) if p.is_file()]
    step = max(1, len(files) // most)
    for path in files[::step]:
        data = path.read_bytes()
        if 0 < len(data) < 30_000_000:
            lines = data.replace(b"\r\n", b"\n").replace(b"\r", b"").replace(b"\n", b"\r\n")
            yield path, lines if lines.endswith(b"\r\n") else lines + b"\r\n"


def hold_all(site, folders, most):
    """Vault files by the digest of what was sent; and how many Postfix refused."""
    sent, refused = {}, 0
    session = site.session()
    for path, data in mails(folders, most):
        try:
            if session.message("dana@example.net", [BOB], data).is_accepted:
                sent[hashlib.sha256(data).hexdigest()] = path
            else:
                refused += 1
        except (OSError, Exception) as error:  # a session that Postfix ended
            print(f"{path}: {error}", file=sys.stderr)
            refused += 1
            session = site.session()
    return sent, refused


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+")
    parser.add_argument("--most", type=int, default=1000)
    arguments = parser.parse_args()
    end_on_signals()
    sink = SmtpSink()
    site = MailSite(
        "figures", settings=SETTINGS | {("quarantine", "release-via"): f"smtp://127.0.0.1:{sink.port}"}
    )
    with site:
        sent, refused = hold_all(site, arguments.folders, arguments.most)
        items = {item["id"]: item for item in site.cordon.quarantine_list()}
        begin = time.monotonic()
        command = [places.reachable_program(places.BUILD / "cordon"), "quarantine", "release", "--no-wait"]
        ids = list(items)
        for at in range(0, len(ids), 500):
            subprocess.run(
                [*command, "--config", site.cordon.config, *ids[at : at + 500]],
                stdout=subprocess.DEVNULL,
                check=True,
            )
        wait_until(lambda: len(sink.received) >= len(ids), 600, "all releases")
        seconds = time.monotonic() - begin
        held = [item["sha256"] for item in items.values()]
        out = [hashlib.sha256(mail.original).hexdigest() for mail in sink.received]
        figures = {
            "held": len(held),
            "refused": refused,
            "released": len(out),
            "exact": sum(1 for digest in out if digest in set(held)),
            "all_once": sorted(out) == sorted(held),
            "as_sent": sum(1 for digest in held if digest in sent),
            "releases_per_second": round(len(out) / seconds, 1),
        }
        print(json.dumps(figures))
    sink.close()


if __name__ == "__main__":
    main()
