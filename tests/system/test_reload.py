# SPDX-License-Identifier: GPL-2.0-only
"""A reload reaches the keeper and the reviewer too, and neither it nor a restart costs a second copy."""

import signal
import threading

import messages
from review_test import ReviewTest
from rig.process import is_alive, wait_until
from rig.smtp_sink import SmtpSink
from site_test import BOB, POLICIES, SENDER, SiteTest
from test_release import ReleaseTest

SECONDS = 30


class ReloadWhileSending(ReleaseTest):
    """The server's answer to the final dot is late, and Cordon is told something meanwhile."""

    @classmethod
    def setUpClass(cls):
        cls.sink = SmtpSink()
        cls.addClassCleanup(cls.sink.close)
        cls.settings = {
            ("policy", "learning"): "nobody",
            ("quarantine", "release-via"): f"smtp://127.0.0.1:{cls.sink.port}",
        }
        super().setUpClass()

    def setUp(self):
        self.has_come, self.may_answer, self.dots = threading.Event(), threading.Event(), 0

        def at_dot():
            self.dots += 1
            self.has_come.set()
            self.may_answer.wait(SECONDS)

        self.sink.at_data, self.sink.at_dot = lambda: None, at_dot
        self.addCleanup(self.may_answer.set)

    def begin_sending(self):
        held_id = self.hold(messages.gtube())
        status, output, errors = self.command("release", "--no-wait", held_id)
        self.assertEqual(status, 0, output + errors)
        self.assertTrue(self.has_come.wait(SECONDS))
        return held_id

    def assert_sent_once(self, held_id):
        wait_until(lambda: '"state":"sent"' in self.command("show", "--json", held_id)[1], SECONDS, "sent")
        self.has_come.clear()
        self.assertFalse(self.has_come.wait(1), "a second copy was sent")
        self.assertEqual(self.dots, 1)

    def test_a_reload_waits_for_the_servers_answer_to_what_is_being_sent(self):
        held_id = self.begin_sending()
        start = len(self.cordon.log_text())
        self.cordon.reload()
        self.cordon.wait_for_log(" reloaded", SECONDS, start)
        self.assertNotIn("review-started", self.cordon.log_text()[start:])
        self.may_answer.set()
        self.cordon.wait_for_log("review-started", SECONDS, start)
        self.assert_sent_once(held_id)
        self.assertNotIn("role-died", self.cordon.log_text()[start:])

    def test_a_restart_records_the_servers_answer_before_it_ends(self):
        held_id = self.begin_sending()
        threading.Timer(0.3, self.may_answer.set).start()
        self.cordon.restart()
        self.assert_sent_once(held_id)

    def test_after_the_death_of_cordond_nobody_lingers_for_an_answer(self):
        held_id = self.begin_sending()
        family = self.cordon.all_pids()
        self.cordon.daemon.signal(signal.SIGKILL)
        self.cordon.daemon.wait(SECONDS)
        wait_until(lambda: not any(map(is_alive, family)), SECONDS, "the end of all")
        self.may_answer.set()
        self.cordon.start()
        wait_until(lambda: '"state":"sent"' in self.command("show", "--json", held_id)[1], SECONDS, "sent")
        self.assertEqual(self.dots, 2)  # the window that the manual names

    def test_after_the_death_of_cordond_nobody_ends_a_message_that_nobody_would_record(self):
        self.sink.at_data = lambda: (self.has_come.set(), self.may_answer.wait(SECONDS))
        held_id = self.begin_sending()
        family = self.cordon.all_pids()
        self.cordon.daemon.signal(signal.SIGKILL)
        self.cordon.daemon.wait(SECONDS)
        threading.Timer(0.3, self.may_answer.set).start()
        wait_until(lambda: not any(map(is_alive, family)), SECONDS, "the end of all")
        self.cordon.start()
        self.assert_sent_once(held_id)

    def test_a_second_reload_in_the_meantime_starts_no_second_reviewer(self):
        held_id = self.begin_sending()
        for _ in range(2):
            start = len(self.cordon.log_text())
            self.cordon.reload()
            self.cordon.wait_for_log(" reloaded", SECONDS, start)
        self.assertEqual(len(self.cordon.pids_of("cordon-review")), 1)
        self.may_answer.set()
        self.cordon.wait_for_log("review-started", SECONDS, start)
        self.assert_sent_once(held_id)


class ReloadQuarantine(ReviewTest):
    settings = {("policy", "learning"): "nobody"}

    def reload(self, changes):
        start = len(self.cordon.log_text())
        self.cordon.configure(changes)
        self.cordon.reload()
        self.cordon.wait_for_log(" reloaded", SECONDS, start)
        self.cordon.wait_for_log("keeper-reloaded", SECONDS, start)
        return start

    def release(self):
        message, held_id = self.held_item()
        self.client.move(held_id, "", "Release")
        self.wait_delivered(message)
        self.client.wait_in("Released", held_id)
        return held_id

    def command(self, *arguments):
        return self.cordon.command("quarantine", *arguments, "--config", str(self.cordon.config))

    def test_1_who_may_teach_counts_from_the_reload_on(self):
        keeper = self.cordon.pids_of("cordon-keeper")
        before = self.release()
        self.reload({("policy", "learning"): "reviewers"})
        after = self.release()
        self.cordon.wait_for_log(f"learned id={after}", SECONDS)
        self.assertNotIn(f"learned id={before}", self.cordon.log_text())
        self.assertEqual(self.cordon.pids_of("cordon-keeper"), keeper)

    def test_2_who_gets_a_digest_counts_from_the_reload_on(self):
        self.hold()
        self.assertNotEqual(self.command("digest", BOB)[0], 0)
        self.reload({("policy", "digest"): "yes", (f"user.{BOB}", "language"): "de"})
        status, output, errors = self.command("digest", BOB)
        self.assertEqual(status, 0, output + errors)

    def test_3_another_folder_is_made_and_filled(self):
        start = self.reload({("quarantine", "folder"): "Held"})
        self.cordon.wait_for_log("mailbox-opened", SECONDS, start)
        _, held_id = self.hold()
        select = self.client.imap.select
        wait_until(lambda: select("Held")[1] != [b"0"] and select("Held")[0] == "OK", SECONDS, "an item in Held")
        self.reload({("quarantine", "folder"): "Quarantine"})

    def test_4_what_the_reviewer_can_not_start_with_changes_nothing(self):
        start = len(self.cordon.log_text())
        password = self.cordon.settings[("quarantine", "imap-password-file")]
        self.cordon.configure({("quarantine", "imap-password-file"): "/nowhere/password"})
        reviewers = self.cordon.pids_of("cordon-review")
        self.cordon.reload()
        self.cordon.wait_for_log("reload-failed.*imap-password-file.*/nowhere/password", SECONDS, start)
        self.assertEqual(self.cordon.pids_of("cordon-review"), reviewers)
        self.reload({("quarantine", "imap-password-file"): password})

    def test_5_another_retention_counts_at_once(self):
        _, held_id = self.held_item()
        self.reload({("quarantine", "retention"): "1s"})
        wait_until(lambda: not (self.cordon.vault / f"{held_id}.held").exists(), SECONDS, "the end of it")
        self.reload({("quarantine", "retention"): "30d"})
        _, held_id = self.held_item()
        self.assertTrue((self.cordon.vault / f"{held_id}.held").exists())


del ReleaseTest, ReviewTest


RULE = """[SITE_WORD]
describe = A word of this site
score = 1
when = body =~ /{}/
hit = Subject: x\\n\\ncode42;
miss = Subject: x
"""
GOOD = RULE.format("code42")

# What an administrator may write, and what he is told.
BAD_RULES = {
    "does not compile": (RULE.format("code42("), r"site.rules:4: rule SITE_WORD: .*parenthesis"),
    "has no samples": (GOOD.split("hit =")[0], r"site.rules:2: rule SITE_WORD has no 'hit'"),
    "stands twice": (GOOD + GOOD, r"site.rules:8: rule SITE_WORD: .* stands twice"),
    "has a shipped name": (
        GOOD.replace("SITE_WORD", "SUBJECT_MONEY"),
        r"site.rules:4: rule SUBJECT_MONEY stands twice, first at .*subject.rules:",
    ),
    "can stall": (RULE.format("(?:c|code|ode)+[1-9]"), r"site.rules:4: rule SITE_WORD: .*can stall"),
    "is slow": (RULE.format(r"code(?:\w|\d)+;"), r"site.rules:4: rule SITE_WORD is too slow"),
}


class BadRules(SiteTest):
    """A rule that is no good changes nothing, and says where it is and why."""

    def reload(self, text, pattern):
        (self.cordon.directory / "site-rules" / "site.rules").write_text(text)
        start = len(self.cordon.log_text())
        self.cordon.reload()
        self.cordon.wait_for_log(pattern, 60, start)

    def assert_rule_works(self):
        message = messages.text_mail("The code", "It is code42;\n")
        self.send(message)
        self.assertIn("SITE_WORD", self.verdict(message)[0]["rules"].split(","))

    def test_the_running_rules_stay_and_the_log_and_the_check_say_why(self):
        self.reload(GOOD, r"cordond\S*: info: reloaded")
        self.assert_rule_works()
        for what, (text, reason) in BAD_RULES.items():
            with self.subTest(what):
                self.reload(text, "reload-failed.*" + reason)
                self.assert_rule_works()
                status, output, errors = self.cordon.command(
                    "config", "check", "--config", str(self.cordon.config)
                )
                self.assertEqual(status, 78, output)
                self.assertRegex(errors, reason)
