#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""make demo: a private Postfix, Cordon and Dovecot, eleven messages, and what became of each.

KEEP=1 in the environment leaves the servers running and says how to look around; `demo.py --stop`
or Ctrl-C ends them. The exit status is 1 when a message did not end where it should.
"""

import email
import email.policy
import os
import pathlib
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import messages  # noqa: E402
from rig import MailSite, RigError  # noqa: E402
from rig.dovecot import PASSWORD  # noqa: E402
from rig.mailbox import ReviewClient, StoredMessage  # noqa: E402
from rig.places import BUILD  # noqa: E402
from rig.process import is_alive, wait_until  # noqa: E402
from rig.site import USERS, end_on_signals  # noqa: E402

PID_FILE = BUILD / "demo.pid"
QUARANTINE = "quarantine@example.org"
ALICE, BOB, CAROL, SALES = (f"{name}@example.org" for name in ("alice", "bob", "carol", "sales"))

# Carol decides for herself: she wants every message that is no virus, marked where it is spam.
SETTINGS = {(f"user.{CAROL}", "quarantine"): "100000", (f"user.{CAROL}", "reject"): "100000"}


class Case:
    """One message: what it is, who gets it, the reply expected, whose mailboxes it must reach."""

    def __init__(self, title, message, recipients, code, mailboxes, action):
        self.title, self.message, self.recipients = title, message, recipients
        self.code, self.mailboxes, self.action = code, set(mailboxes), action
        self.message_id = messages.message_id_of(message)
        self.outcome, self.copies, self.verdicts = None, [], []

    def is_as_expected(self):
        actions = {verdict.get("action") for verdict in self.verdicts}
        return (
            self.outcome.final.code == self.code
            and {user for user, _ in self.copies} == self.mailboxes
            and len(self.copies) == len(self.mailboxes)
            and actions == set(self.action.split("+"))
        )


def cases():
    to = [ALICE]
    return [
        Case("clean mail", messages.clean(), to, 250, ["alice"], "accept"),
        Case(
            "clean mail to an alias",
            messages.clean(to=SALES),
            [SALES],
            250,
            ["alice", "bob"],
            "accept",
        ),
        Case("spam (GTUBE)", messages.gtube(), to, 550, [], "reject"),
        Case("phishing", messages.phishing(), to, 250, ["quarantine"], "quarantine"),
        Case("virus (EICAR)", messages.eicar_attached(), to, 554, [], "reject"),
        Case("virus in a zip", messages.eicar_zipped(), to, 554, [], "reject"),
        Case("encrypted zip", messages.encrypted_archive(), to, 250, ["alice"], "tag"),
        Case("virus in broken MIME", messages.broken_mime(), to, 554, [], "reject"),
        Case(
            "clean mail to three",
            messages.clean(),
            [ALICE, BOB, CAROL],
            250,
            ["alice", "bob", "carol"],
            "accept",
        ),
        Case(
            "phishing to three",
            messages.phishing(),
            [ALICE, BOB, CAROL],
            250,
            ["quarantine", "carol"],
            "quarantine+tag",
        ),
        Case(
            "spam to two",
            messages.gtube(),
            [ALICE, CAROL],
            250,
            ["quarantine", "carol"],
            "quarantine+tag",
        ),
    ]


def send_all(site, todo):
    for case in todo:
        case.outcome = site.deliver("dana@example.net", case.recipients, case.message)
    site.postfix.wait_empty()
    client = ReviewClient(site.dovecot.imap_port)
    for case in todo:
        try:
            case.verdicts = site.cordon.wait_for_verdicts(case.message_id, len(case.recipients))
        except RigError:
            case.verdicts = site.cordon.verdicts(case.message_id)
        case.copies = [
            (user, copy)
            for user in USERS
            if user != "quarantine"
            for copy in site.mailbox(user).find(case.message_id)
        ] + review_items(client, case)
    client.close()


def review_items(client, case):
    """Held mail shows as an item of Cordon's, with a Message-ID of its own."""
    held = {v["id"] for v in case.verdicts if v.get("action") == "quarantine"}
    for held_id in held:
        try:
            client.wait_in("", held_id)
        except RigError:
            return []
    return [("quarantine", StoredMessage("Quarantine", b"")) for _ in held]


def show_circle(site, case):
    """What a reviewer does: opens the item, moves it to Release, and the mail is delivered."""
    held_id = next(v["id"] for v in case.verdicts if v.get("action") == "quarantine")
    client = ReviewClient(site.dovecot.imap_port)
    item = email.message_from_bytes(
        client.raw("", client.wait_in("", held_id)), policy=email.policy.default
    )
    text, original = item.iter_parts()
    print("\nThe whole circle: a reviewer opens an item of the folder Quarantine\n")
    for name in ("From", "To", "Subject", "Date"):
        print(f"    | {name}: {item[name]}")
    print("    |")
    for line in text.get_content().splitlines():
        print(f"    | {line}")
    name = original.get_filename()
    print(f"    | [attached: {name}, {original.get_content_type()}, the exact original]")
    print("\nand moves it to Quarantine/Release:")
    begin = time.monotonic()
    client.move(held_id, "", "Release")
    copies = wait_until(
        lambda: site.mailbox("alice").find(case.message_id), 20, "delivery of the released mail"
    )
    seconds = time.monotonic() - begin
    client.wait_in("Released", held_id)
    is_exact = len(copies) == 1 and copies[0].raw.endswith(case.message)
    print(
        f"    delivered to alice {len(copies)} time after {1000 * seconds:.0f} ms, "
        f"{'byte for byte' if is_exact else 'NOT EXACT'}; the item lies in Quarantine/Released"
    )
    has_learned = learned(site, held_id)
    print(f"    {'learned from it that this is no spam' if has_learned else 'NOT LEARNED'}")
    _, audit, _ = site.cordon.command(
        "quarantine", "audit", held_id, "--config", str(site.cordon.config)
    )
    print("    " + audit.strip().replace("\n", "\n    "))
    client.close()
    return is_exact and has_learned


def learned(site, held_id):
    """Whether the keeper taught the classifier the original as ham."""
    try:
        return site.cordon.wait_for_log(f"learned id={held_id} as=ham", 20)
    except RigError:
        return None


def print_case(case):
    print(f"{case.title}, to {', '.join(name.split('@')[0] for name in case.recipients)}")
    print(f"    the sender was told  {case.outcome.final}")
    places = ", ".join(f"{user}: {copy.folder}" for user, copy in case.copies) or "nowhere"
    print(f"    it lies in           {places}")
    for verdict in case.verdicts:
        words = [
            f"{key} {verdict[key]}"
            for key in ("action", "score", "virus", "unscanned")
            if verdict.get(key)
        ]
        print(f"    verdict              {verdict.get('to', '').strip('<>')}: {', '.join(words)}")
    rules = next((verdict["rules"] for verdict in case.verdicts if verdict.get("rules")), "")
    for number, line in enumerate(messages.wrapped(rules.replace(",", ", "), 84).splitlines()):
        print(f"    {'because of' if number == 0 else '':<20} {line}")
    if not case.is_as_expected():
        print(
            f"    NOT AS EXPECTED      reply {case.code}, in "
            f"{sorted(case.mailboxes) or 'nowhere'}, {case.action}"
        )


def print_table(todo):
    columns = [
        ("message", 22),
        ("recipients", 17),
        ("sender was told", 46),
        ("mailbox and folder", 37),
        ("", 3),
    ]
    print("\n" + "  ".join(f"{name:<{width}}" for name, width in columns))
    print("  ".join("-" * width for _, width in columns))
    for case in todo:
        places = ", ".join(f"{user}/{copy.folder}" for user, copy in case.copies) or "-"
        recipients = ", ".join(name.split("@")[0] for name in case.recipients)
        cells = [
            case.title,
            recipients,
            str(case.outcome.final),
            places,
            "ok" if case.is_as_expected() else "BAD",
        ]
        print(
            "  ".join(
                f"{cell[:width]:<{width}}" for cell, (_, width) in zip(cells, columns)
            ).rstrip()
        )


def print_directions(site):
    print(
        f"""
The servers keep running in {site.directory}.
  IMAP     127.0.0.1 port {site.dovecot.imap_port}, no TLS, password {PASSWORD}
           users {', '.join(f'{user}@example.org' for user in USERS)}
           held mail lies in the mailbox of {QUARANTINE}
  SMTP     127.0.0.1 port {site.postfix.port}, no login; send to the users above
  Cordon   configuration {site.cordon.config}
           log           {site.cordon.log}
           {BUILD / 'cordon'} quarantine list --config {site.cordon.config}
  stop     {sys.argv[0]} --stop"""
    )


def run(keep, ready=lambda status: None):
    end_on_signals()
    with MailSite("demo", settings=SETTINGS, review=True) as site:
        todo = cases()
        send_all(site, todo)
        for case in todo:
            print_case(case)
        print_table(todo)
        bad = sum(not case.is_as_expected() for case in todo)
        print(f"\n{len(todo) - bad} of {len(todo)} messages ended where they should.")
        phishing = next(case for case in todo if case.title == "phishing")
        is_round = bool(phishing.verdicts) and show_circle(site, phishing)
        if (bad or not is_round) and os.environ.get("VERBOSE"):
            print(site.report())
        status = 1 if bad or not is_round else 0
        if keep:
            print_directions(site)
            hold(ready, status)
    return status


def hold(ready, status):
    """Waits for Ctrl-C or --stop, which both unwind through MailSite."""
    PID_FILE.write_text(str(os.getpid()))
    sys.stdout.flush()
    ready(status)
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        print("\nstopping")
    finally:
        PID_FILE.unlink(missing_ok=True)


def run_in_background():
    """Without a terminal nobody can press Ctrl-C: the servers stay with a process of their own."""
    reader, writer = os.pipe()
    child = os.fork()
    if child:
        os.close(writer)
        answer = os.read(reader, 1)
        return answer[0] if answer else os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    os.close(reader)
    os.setsid()

    def ready(status):
        os.write(writer, bytes([status]))
        os.close(writer)
        null = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(null, descriptor)

    return run(True, ready)


def stop():
    try:
        pid = int(PID_FILE.read_text())
        command = pathlib.Path(f"/proc/{pid}/cmdline").read_text()
    except (OSError, ValueError):
        print("no demo is running")
        return 0
    if "demo.py" not in command:
        PID_FILE.unlink()
        print("no demo is running")
        return 0
    os.kill(pid, signal.SIGTERM)
    wait_until(lambda: not is_alive(pid), 30, f"end of the demo (process {pid})")
    print("stopped")
    return 0


def main():
    if sys.argv[1:] == ["--stop"]:
        return stop()
    if sys.argv[1:]:
        print("usage: demo.py [--stop]", file=sys.stderr)
        return 64
    keep = os.environ.get("KEEP", "0") not in ("", "0", "no")
    return run_in_background() if keep and not sys.stdin.isatty() else run(keep)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except RigError as error:
        sys.exit(f"demo: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
