#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""make soak: steady mail through a private site while Cordon's processes are killed and reloaded.

soak.py [SECONDS] [--seed N] [--rate N] [--sessions N] [--verbose]. Senders come again after a 4xx,
as an MTA does. At the end each message is accounted for: what was answered 250 lies in the
mailboxes of exactly its recipients, or in the vault and in the quarantine mailbox. The same seed
sends the same mail and does the same damage in the same order; what falls together with what is up
to the machine.
"""

import argparse
import collections
import pathlib
import random
import re
import smtplib
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import messages  # noqa: E402
import soak_damage  # noqa: E402
from rig import MailSite, RigError  # noqa: E402
from rig.process import wait_until  # noqa: E402
from rig.site import end_on_signals  # noqa: E402
from site_test import ALICE, BOB, CAROL, DAVE, POLICIES, SALES, SENDER  # noqa: E402
from soak_account import CHECKS, Account, copies_in_mailboxes  # noqa: E402

TEAM = "team@example.org"
RECIPIENTS = (ALICE, BOB, CAROL, DAVE, SALES, TEAM)
FIRST_WAIT, LONGEST_WAIT = 0.4, 8.0  # a sender's before it comes again
DRAIN_SECONDS = 150  # for the last deferred messages; cordond's longest pause is 30 s
ANSWER_SECONDS = 60  # an answer later than this is a stall

# What is sent: (name, weight, how to make it).
KINDS = (
    ("clean", 6, lambda chance: messages.clean()),
    ("clean", 6, lambda chance: messages.ordinary(chance.randrange(10**9))),
    ("clean", 1, lambda chance: messages.large(chance.randrange(50_000, 400_000))),
    ("encrypted", 1, lambda chance: messages.encrypted_archive()),
    ("spam", 4, lambda chance: messages.gtube()),
    ("spam", 3, lambda chance: messages.phishing()),
    ("infected", 2, lambda chance: messages.eicar_attached()),
    ("infected", 2, lambda chance: messages.eicar_zipped()),
    ("infected", 1, lambda chance: messages.broken_mime()),
)


class Mail:
    def __init__(self, chance):
        self.kind, _, make = chance.choices(KINDS, [weight for _, weight, _ in KINDS])[0]
        self.data = make(chance)
        self.id = messages.message_id_of(self.data)
        self.sender = chance.choice((SENDER, SENDER, SENDER, ""))
        count = chance.choice((1, 1, 1, 2, 3, 4))
        self.pending = chance.sample(RECIPIENTS, count)
        self.accepted = collections.Counter()  # recipient: how often its mail was answered 250
        self.transactions = 0  # that were answered 250
        self.refusal = None
        self.deferrals = self.unclear = 0  # unclear: the connection ended before an answer
        self.due = 0.0

    def take(self, outcome):
        """Sorts the recipients by what the sender was told about them."""
        self.transactions += outcome.is_accepted
        for recipient, reply in outcome.recipients.items():
            answer = outcome.final if reply.code == 250 else reply
            if answer.code == 250:
                self.accepted[recipient] += 1
            elif 500 <= answer.code < 600:
                self.refusal = answer
            else:
                continue
            self.pending.remove(recipient)
        if outcome.sender.code >= 500:
            self.refusal, self.pending = outcome.sender, []
        if self.pending:
            self.wait()

    def wait(self):
        self.due = time.monotonic() + min(FIRST_WAIT * 2**self.deferrals, LONGEST_WAIT)
        self.deferrals += 1


class Sender(threading.Thread):
    """One SMTP client: new mail at a steady rate, and deferred mail again."""

    def __init__(self, site, name, rate, gate):
        super().__init__(daemon=True)
        self.site, self.rate, self.gate = site, rate, gate
        self.chance = random.Random(name)
        self.mails, self.deferred, self.replies, self.seconds = [], [], [], []
        self.error = None
        self.is_ending = threading.Event()
        self.is_at_rest = threading.Event()

    def run(self):
        try:
            deadline = None
            while not self.is_ending.is_set() or self.deferred:
                if self.is_ending.is_set():
                    deadline = deadline or time.monotonic() + DRAIN_SECONDS
                    if time.monotonic() > deadline:
                        return
                self.rest_while_closed()
                self.connection()
        except Exception as error:  # a sender that ends unseen would make the figures look better
            self.error = error

    def rest_while_closed(self):
        if not self.gate.is_set():
            self.is_at_rest.set()
            self.gate.wait()
            self.is_at_rest.clear()

    def connection(self):
        """A few messages over one connection, which the first deferral ends."""
        mail = self.next_mail()
        if not mail:
            return
        try:
            with self.site.session(timeout=ANSWER_SECONDS) as session:
                for _ in range(self.chance.randint(1, 8)):
                    self.send(session, mail)
                    again = bool(mail.pending)
                    mail = None if again or not self.gate.is_set() else self.next_mail()
                    if not mail:
                        return
        except (smtplib.SMTPException, OSError) as error:
            self.replies.append(f"connection: {type(error).__name__}")
            mail.unclear += 1
            mail.wait()
        self.deferred.append(mail)  # what this connection did not come to

    def next_mail(self):
        due = [mail for mail in self.deferred if mail.due <= time.monotonic()]
        if due:
            self.deferred.remove(due[0])
            return due[0]
        time.sleep(self.chance.expovariate(self.rate) if not self.is_ending.is_set() else 0.1)
        if self.is_ending.is_set():
            return None
        self.mails.append(Mail(self.chance))
        return self.mails[-1]

    def send(self, session, mail):
        outcome = session.message(mail.sender, list(mail.pending), mail.data)
        self.replies.append(str(outcome.answer.code))
        if outcome.final.code:
            self.seconds.append(outcome.seconds)
        mail.take(outcome)
        if mail.pending:
            self.deferred.append(mail)


class Soak:
    def __init__(self, site, options):
        self.site, self.options = site, options
        self.gate = threading.Event()
        self.senders = [
            Sender(site, f"{options.seed}/{number}", options.rate / options.sessions, self.gate)
            for number in range(options.sessions)
        ]
        self.damage = soak_damage.Damage(site.cordon, options.seed, options.verbose)
        self.results = []  # (sentence, findings)

    def run(self):
        census = soak_damage.Census(self.site.cordon)
        self.gate.set()
        for sender in self.senders:
            sender.start()
        half = self.options.seconds / 2
        self.damage.do_for(half, self.progress)
        middle = self.at_rest(census)
        self.damage.do_for(half, self.progress)
        end = self.at_rest(census)
        for sender in self.senders:
            sender.is_ending.set()
        for sender in self.senders:
            sender.join(DRAIN_SECONDS + 2 * ANSWER_SECONDS)
        self.site.postfix.wait_empty(60)
        self.judge(census, middle, end)

    def at_rest(self, census):
        """Figures that can be compared: no mail under way and no process being replaced."""
        self.gate.clear()
        for sender in self.senders:
            wait_until(
                lambda sender=sender: sender.is_at_rest.is_set() or not sender.is_alive(),
                2 * ANSWER_SECONDS,
                "the end of a sender's message",
            )
        sample = census.settled()
        self.gate.set()
        return sample

    def progress(self, seconds):
        mails = [mail for sender in self.senders for mail in sender.mails]
        waiting = sum(bool(mail.pending) for mail in mails)
        print(
            f"{seconds:5.0f} s  {len(mails)} messages, {waiting} unanswered, "
            f"{sum(self.damage.kills.values())} kills, {self.damage.reloads} reloads",
            flush=True,
        )

    def judge(self, census, middle, end):
        mails = [mail for sender in self.senders for mail in sender.mails]
        vault = {item["id"]: item for item in self.site.cordon.quarantine_list()}
        account = Account(mails, copies_in_mailboxes(self.site), vault)
        self.results += [(text, account.findings[what]) for what, text in CHECKS.items()]
        errors = [repr(sender.error) for sender in self.senders if sender.error]
        errors += ["a sender hangs" for sender in self.senders if sender.is_alive()]
        self.results.append(("the senders worked to the end", errors))
        self.results.append(("good reloads came through, bad ones were refused", self.damage.wrong))
        self.results.append(("descriptors and memory do not grow", census.growth(middle, end)))
        stopped = self.site.cordon.stop()
        left = [] if stopped else ["a process was left after five seconds"]
        self.results.append(("cordond stops in time", left + census.leftovers(self.damage.seen)))
        self.results.append(("there was something to see", self.missing(mails, account)))
        self.tell(mails, account, census, (middle, end))

    def missing(self, mails, account):
        """A run in which nothing happened proves nothing."""
        facts = {
            "no message was delivered": account.delivered,
            "no message was held": account.held,
            "no spam was refused": any(m.refusal and m.kind == "spam" for m in mails),
            "no virus was refused": any(m.refusal and m.kind == "infected" for m in mails),
            "no process was killed": sum(self.damage.kills.values()),
        }
        return [text for text, is_seen in facts.items() if not is_seen]

    def tell(self, mails, account, census, samples):
        replies = collections.Counter(reply for s in self.senders for reply in s.replies)
        seconds = sorted(second for sender in self.senders for second in sender.seconds) or [0]
        deferred = sum(count for reply, count in replies.items() if reply.startswith("4"))
        share = 100 * deferred / max(sum(replies.values()), 1)
        kinds = collections.Counter(mail.kind for mail in mails)
        print(f"\nmessages      {len(mails)}: {words(kinds)}")
        print(f"answers       {words(replies)}; 4xx {share:.1f} %")
        print(
            f"ended         {account.delivered} copies delivered, {account.held} messages held, "
            f"{sum(bool(mail.refusal) for mail in mails)} refused; "
            f"{account.held_twice} held although deferred"
        )
        print(
            "seconds       "
            + ", ".join(f"{p} % {seconds[len(seconds) * p // 100]:.3f}" for p in (50, 95, 99))
            + f", longest {seconds[-1]:.1f}"
        )
        print(f"kills         {words(self.damage.kills)}")
        print(f"reloads       {words(self.damage.outcomes)}")
        census.tell(*samples)
        for what in ("lost", "duplicate", "given up"):
            print(f"{what:<13} {len(account.findings[what])}")
        print()
        for sentence, findings in self.results:
            print(f"{'FAILED' if findings else 'ok':<6} {sentence}")
            for finding in findings[:8]:
                print(f"       {finding}")
                for line in self.log_lines(finding):
                    print(f"           {line}")

    def log_lines(self, finding):
        """What the logs say of the message that a finding names."""
        found = re.search(r"<([^>]+)>", finding)
        lines = self.site.cordon.log_text().splitlines() + self.site.postfix.log_text().splitlines()
        return [line for line in lines if found and found[1] in line][:8]


def words(counter):
    return ", ".join(f"{count} {name}" for name, count in counter.most_common()) or "none"


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("seconds", type=float, nargs="?", default=600)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--rate", type=float, default=12, help="messages a second")
    parser.add_argument("--sessions", type=int, default=5)
    parser.add_argument("--verbose", action="store_true", help="tell each kill and reload")
    return parser.parse_args()


def main():
    options = parse_arguments()
    end_on_signals()
    print(f"soak: {options.seconds:g} s, seed {options.seed}", flush=True)
    with MailSite("soak", settings=POLICIES) as site:
        soak = Soak(site, options)
        soak.run()
    failed = sum(bool(findings) for _, findings in soak.results)
    print(f"{len(soak.results) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except RigError as error:
        print(f"soak: {error}\n0 passed, 1 failed")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
