# SPDX-License-Identifier: GPL-2.0-only
"""Two hosts that learn over one Redis: the same table for both, whatever happens to the store or to
the host that trains."""

import unittest

from rig import places, redis
from rig.keeper import CORRECTED, KNOWN, LEARNED, Keeper
from rig.process import wait_until

TIME = 60
STREAM = "{cordon:1.1}:stream"
SENDERS = "{cordon:senders.1}:stream"
SENDERS_LOG = "{cordon:senders.1}:log"
HAM, SPAM = 2, 3  # columns of a name: kind, key, ham, spam, first, last


class SharedLearning(unittest.TestCase):
    def setUp(self):
        redis.require()
        self.folder = places.private_directory("shared")
        self.addCleanup(places.remove_directory, self.folder)
        self.redis = redis.Redis(self.folder / "redis")
        self.redis.start()
        self.addCleanup(self.redis.stop)
        settings = f"[learning]\nstore = {self.redis.url}\n"
        self.hosts = [Keeper(self.folder / name, settings, "info") for name in ("one", "two")]
        for host in self.hosts:
            host.start()
            self.addCleanup(host.close)

    def wait_equal(self, ham, spam):
        """Until the tables of both hosts are the same, from so many messages."""

        def are_equal():
            one, two = (host.table() for host in self.hosts)
            return one == two and one[0] == (ham, spam)

        try:
            wait_until(are_equal, TIME, "the same table on both hosts", pause=0.2)
        except places.RigError as error:
            tables = [host.table()[0] for host in self.hosts]
            logs = "\n".join(host.log_text() for host in self.hosts)
            raise places.RigError(f"{error}; learned: {tables}\n{logs}") from None

    def trainer(self):
        """The host that trains, and the other one."""

        def found():
            for host, other in (self.hosts, self.hosts[::-1]):
                lines = [line for line in host.log_text().splitlines() if "learning-trainer" in line]
                if lines and "this host" in lines[-1]:
                    return host, other
            return None

        return wait_until(found, TIME, "a trainer")

    def test_two_hosts_learn_as_one(self):
        one, two = self.hosts
        one.learn(range(0, 40))
        two.learn(range(40, 80))
        self.assertEqual(two.learn([40])[0], [KNOWN])
        self.wait_equal(40, 40)
        self.assertEqual(two.learn([3])[0], [KNOWN])
        self.assertEqual(two.learn([3], is_spam=0)[0], [CORRECTED])
        self.wait_equal(41, 39)

    def test_another_host_trains_when_the_trainer_is_killed(self):
        trainer, other = self.trainer()
        trainer.learn(range(0, 20))
        other.learn(range(20, 40))
        wait_until(lambda: self.redis.ask("XLEN", STREAM) == b"40", TIME, "40 events in the log")
        trainer.stop(hard=True)
        other.learn(range(40, 60))
        wait_until(lambda: other.table()[0] == (30, 30), TIME, "a new trainer")
        trainer.start()
        trainer.learn(range(60, 80))
        self.wait_equal(40, 40)

    def test_what_is_taught_while_the_store_is_gone_is_caught_up(self):
        one, two = self.hosts
        one.learn(range(0, 20))
        self.wait_equal(10, 10)
        self.redis.kill()
        self.assertEqual(one.learn(range(20, 40))[0], [LEARNED] * 20)
        self.assertEqual(two.learn(range(40, 60))[0], [LEARNED] * 20)
        self.redis.start()  # empty: it kept nothing
        self.wait_equal(30, 30)
        for host in self.hosts:
            self.assertLessEqual(host.log_text().count("learning-store-lost"), 2)
            wait_until(lambda: "learning-store-back" in host.log_text(), TIME, "the good news")

    def test_a_full_store_and_one_of_another_type_lose_nothing(self):
        one, two = self.hosts
        one.learn(range(0, 20))
        self.wait_equal(10, 10)
        self.redis.ask("CONFIG", "SET", "maxmemory", "1mb")
        one.learn(range(20, 40))
        wait_until(lambda: "OOM" in one.log_text(), TIME, "the store's refusal in the log")
        self.redis.ask("CONFIG", "SET", "maxmemory", "0")
        self.wait_equal(20, 20)
        self.redis.ask("DEL", STREAM)
        self.redis.ask("SET", STREAM, "mine")
        two.learn(range(40, 60))
        wait_until(lambda: "WRONGTYPE" in one.log_text(), TIME, "the wrong type in the log")
        self.redis.ask("DEL", STREAM)
        self.wait_equal(30, 30)

    def wait_equal_senders(self, names, counted):
        """Until both hosts remember the same of so many names, and so much in all."""

        def are_equal():
            one, two = (host.senders() for host in self.hosts)
            found = sum(row[HAM] + row[SPAM] for row in one)
            return one == two and len(one) == names and abs(found - counted) < 0.1

        try:
            wait_until(are_equal, TIME, "the same memory on both hosts", pause=0.2)
        except places.RigError as error:
            found = [host.senders() for host in self.hosts]
            logs = "\n".join(host.log_text() for host in self.hosts)
            raise places.RigError(f"{error}; {found}\n{logs}") from None

    def test_two_hosts_remember_senders_as_one(self):
        one, two = self.hosts
        for number in range(20):
            one.see_sender("domain example.org", is_spam=0)
            two.see_sender("domain example.org", is_spam=number % 2)
        two.see_sender("domain example.net", is_spam=1)
        one.see_sent("ann@example.com", "<1@example.org>")
        # Two domains; a correspondent; a message, the same to a domain, and that there is one.
        self.wait_equal_senders(6, 45)
        two.stop(hard=True)
        for _ in range(10):
            one.see_sender("domain example.net", is_spam=1)
        two.start()
        self.wait_equal_senders(6, 55)

    def test_senders_seen_while_the_store_is_gone_or_sick_are_caught_up(self):
        one, two = self.hosts
        one.see_sender("domain example.org", is_spam=0)
        self.wait_equal_senders(1, 1)
        self.redis.kill()
        for host in self.hosts:
            for _ in range(5):
                host.see_sender("domain example.org", is_spam=0)
        self.redis.start()  # empty: it kept nothing
        self.wait_equal_senders(1, 11)
        self.redis.ask("DEL", SENDERS)
        self.redis.ask("SET", SENDERS, "mine")
        two.see_sender("domain example.net", is_spam=1)
        wait_until(lambda: "WRONGTYPE" in two.log_text(), TIME, "the wrong type in the log")
        self.redis.ask("DEL", SENDERS)
        self.wait_equal_senders(2, 12)
        for host in self.hosts:
            self.assertLessEqual(host.log_text().count("memory-store-lost"), 2)

    def put_entry(self, *fields):
        """As whoever may write to the store can."""
        number = self.redis.ask("HINCRBY", SENDERS_LOG, "entries", "1").decode()
        self.redis.ask("XADD", SENDERS, f"{number}-0", *fields)

    def test_entries_that_make_no_sense_are_passed_over_and_said_once(self):
        one, two = self.hosts
        one.see_sender("domain example.org", is_spam=0)
        self.wait_equal_senders(1, 1)
        self.put_entry("x", "1")
        self.put_entry("h", "abc", "t", "1700000000", "c", "no changes")
        self.put_entry("h", "a" * 100, "t", "1700000000", "c", "\x01\0\0\0\0")
        self.put_entry("h", "abc", "t", "0", "c", "\x01\0\0\0\0")
        self.redis.ask("XADD", SENDERS, "18446744073709551615-0", "x", "1")
        two.see_sender("domain example.org", is_spam=1)
        self.wait_equal_senders(1, 2)
        one.see_sender("domain example.net", is_spam=1)
        self.wait_equal_senders(2, 3)
        for host in self.hosts:
            self.assertLessEqual(host.log_text().count("memory-entry-damaged"), 1)
        self.assertIn("memory-entry-damaged", one.log_text() + two.log_text())
        self.assertIn("memory-log-damaged", one.log_text() + two.log_text())


if __name__ == "__main__":
    unittest.main()
