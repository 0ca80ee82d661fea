# SPDX-License-Identifier: GPL-2.0-only
"""Kills, reloads, stalls and pipelines: mail is answered honestly and none is lost."""

import concurrent.futures
import os
import signal
import threading
import time

import messages
from rig.process import is_alive, wait_until
from rig.sockets import packet
from site_test import ALICE, BOB, DAVE, SENDER, SiteTest


def kill(pids):
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


class Resilience(SiteTest):
    def setUp(self):
        wait_until(
            lambda: self.cordon.milter_pids() and self.cordon.worker_pids(),
            15,
            "all of Cordon's processes",
        )

    def wait_until_mail_passes(self, seconds=20):
        def passes():
            return self.send(messages.clean()).is_accepted

        wait_until(passes, seconds, "an accepted message", pause=0.2)

    def send_many(self, count, threads=4):
        """Clean messages to alice, each over a connection of its own: [(message, outcome)]."""
        todo = [messages.clean(subject=f"Letter {number}") for number in range(count)]
        with concurrent.futures.ThreadPoolExecutor(threads) as pool:
            return list(zip(todo, pool.map(self.send, todo)))

    def test_a_milter_killed_in_the_middle_of_a_message_defers_it(self):
        for message, recipient in ((messages.clean(), ALICE), (messages.gtube(), BOB)):
            with self.site.session() as session:
                outcome = session.message(
                    SENDER, [recipient], message, before_dot=lambda: kill(self.cordon.milter_pids())
                )
            self.assert_reply(outcome, r"^451 ")
            self.assert_delivered(message)
            self.wait_until_mail_passes()

    def test_milters_killed_at_any_moment_lose_nothing(self):
        stop = threading.Event()

        def killer():
            while not stop.wait(0.25):
                kill(self.cordon.milter_pids()[-1:])

        thread = threading.Thread(target=killer)
        thread.start()
        try:
            sent = self.send_many(60)
        finally:
            stop.set()
            thread.join()
        self.assert_nothing_lost(sent)
        self.wait_until_mail_passes()

    def test_killed_workers_are_replaced_and_mail_passes(self):
        before = set(self.cordon.worker_pids())
        kill(before)
        self.wait_until_mail_passes()
        wait_until(lambda: set(self.cordon.worker_pids()) - before, 10, "new workers")

    def test_workers_killed_at_any_moment_lose_nothing_and_let_no_virus_through(self):
        stop = threading.Event()

        def killer():
            while not stop.wait(0.05):
                kill(self.cordon.worker_pids()[:1])

        thread = threading.Thread(target=killer)
        thread.start()
        try:
            viruses = [self.send(messages.eicar_zipped()) for _ in range(20)]
            sent = self.send_many(40)
        finally:
            stop.set()
            thread.join()
        for outcome in viruses:
            self.assertIn(outcome.answer.code, (554, 451, 250))
            if outcome.is_accepted:  # two workers died under it: unscanned, and so in quarantine
                self.assertEqual(self.site.mailbox("alice").find(outcome.message_id), [])
        self.site.postfix.wait_empty()
        for message, outcome in sent:
            copies = [
                user
                for user in ("alice", "quarantine")
                for _ in self.site.mailbox(user).find(messages.message_id_of(message))
            ]
            self.assertEqual(len(copies), 1 if outcome.is_accepted else 0, str(outcome.final))
        self.wait_until_mail_passes()

    def test_a_killed_scanner_comes_back(self):
        scanners = self.cordon.scanner_pids()
        kill(scanners)
        message = messages.eicar_attached()
        self.assertIn(self.send(message).answer.code, (451, 554))
        self.wait_until_mail_passes()
        self.assert_reply(self.send(messages.eicar_attached()), r"^554 ")
        self.assert_delivered(message)

    def test_a_killed_keeper_comes_back_and_held_mail_waits_for_it(self):
        kill(self.cordon.pids_of("cordon-keeper"))
        message = messages.gtube()
        outcome = self.send(message, BOB)
        self.assertIn(outcome.answer.code, (250, 451))
        self.assert_delivered(message, *(["quarantine"] if outcome.is_accepted else []))
        wait_until(
            lambda: self.send(messages.gtube(), BOB).is_accepted, 20, "a held message", pause=0.2
        )

    def test_reloads_under_load_cost_no_message(self):
        stop = threading.Event()

        def reloader():
            while not stop.wait(0.3):
                self.cordon.reload()

        thread = threading.Thread(target=reloader)
        thread.start()
        try:
            sent = self.send_many(120)
        finally:
            stop.set()
            thread.join()
        self.assertEqual(
            [str(outcome.answer) for _, outcome in sent if not outcome.is_accepted], []
        )
        self.assert_nothing_lost(sent)

    def test_a_reload_brings_the_new_policy(self):
        start = len(self.cordon.log_text())
        self.cordon.configure(
            {(f"user.{ALICE}", "reject"): "100000", (f"user.{ALICE}", "quarantine"): "6"}
        )
        self.addCleanup(self.restore_policy)
        self.cordon.reload()
        self.cordon.wait_for_log("reload", start=start)
        wait_until(lambda: self.send(messages.gtube()).is_accepted, 10, "the new policy", pause=0.2)

    def restore_policy(self):
        self.cordon.configure(
            {(f"user.{ALICE}", "reject"): None, (f"user.{ALICE}", "quarantine"): None}
        )
        self.cordon.reload()
        wait_until(
            lambda: self.send(messages.gtube()).final.code == 550, 10, "the old policy", pause=0.2
        )

    def test_a_reload_of_a_broken_file_changes_nothing_and_says_where_it_is_broken(self):
        good = self.cordon.config.read_text()
        start = len(self.cordon.log_text())
        self.cordon.configure(text=good + "\n[policy]\ntag = very much\n")
        self.addCleanup(self.cordon.configure)
        self.cordon.reload()
        line_number = len(good.splitlines()) + 3
        self.cordon.wait_for_log(rf"cordon\.conf:{line_number}: .*tag", start=start)
        self.assert_reply(self.send(messages.clean()), r"^250 ")
        self.assert_reply(self.send(messages.gtube()), r"^550 ")

    def test_messages_of_one_connection_do_not_know_each_other(self):
        spam, clean, other = messages.gtube(), messages.clean(), messages.gtube()
        with self.site.session() as session:
            self.assertEqual(session.message(SENDER, [BOB], spam).final.code, 250)
            session.docmd(f"MAIL FROM:<{SENDER}>")
            session.docmd(f"RCPT TO:<{BOB}>")
            session.rset()
            self.assertEqual(session.message("", [ALICE], clean).final.code, 250)
            self.assertEqual(session.message(SENDER, [ALICE], other).final.code, 550)
        self.assert_delivered(spam, "quarantine")
        self.assert_delivered(clean, "alice")
        self.assert_delivered(other)
        self.assertEqual(self.stored(clean, "alice").header("X-Spam-Flag"), "NO")

    def test_pipelined_messages_get_their_own_answers(self):
        todo = [
            (messages.clean(), ALICE, 250),
            (messages.gtube(), ALICE, 550),
            (messages.clean(), DAVE, 250),
        ]
        with self.site.session() as session:
            for message, recipient, code in todo:
                session.sock.sendall(
                    f"RSET\r\nMAIL FROM:<{SENDER}>\r\nRCPT TO:<{recipient}>\r\nDATA\r\n".encode()
                )
                self.assertEqual([session.getreply()[0] for _ in range(4)], [250, 250, 250, 354])
                session.sock.sendall(message + b".\r\nNOOP\r\n")
                self.assertEqual([session.getreply()[0] for _ in range(2)], [code, 250])
        self.assert_delivered(todo[0][0], "alice")
        self.assert_delivered(todo[2][0], "dave")

    def test_clients_that_stall_cost_nobody_their_mail(self):
        stalled = []
        try:
            for _ in range(20):
                try:
                    connection = self.site.socket.negotiate(timeout=1)
                except TimeoutError:
                    continue  # see below
                connection.sendall(packet(b"C", b"x" * 1000)[:7])  # a packet that never ends
                stalled.append(connection)
            sent = self.send_many(12)
        finally:
            for connection in stalled:
                connection.close()
        self.assert_nothing_lost(sent)
        # libmilter may now and then wake no thread for a new connection while others are pinned:
        # then the MTA gives up on it and the sender comes again.
        self.assertGreaterEqual(sum(outcome.is_accepted for _, outcome in sent), 10)

    def test_an_smtp_client_that_goes_away_in_the_middle_leaves_nothing_behind(self):
        message = messages.clean()
        session = self.site.session()
        for command in (f"MAIL FROM:<{SENDER}>", f"RCPT TO:<{ALICE}>", "DATA"):
            session.docmd(command)
        session.sock.sendall(message[:200])
        session.close()
        self.assert_reply(self.send(messages.clean()), r"^250 ")
        self.assert_delivered(message)


class Stop(SiteTest):
    def setUp(self):
        if not self.cordon.daemon:
            self.cordon.start()

    def test_cordond_and_all_it_started_are_gone_within_five_seconds(self):
        self.send(messages.clean())
        self.assertTrue(self.cordon.stop())

    def test_a_stop_with_connections_open_takes_no_longer(self):
        connections = [self.site.socket.negotiate() for _ in range(20)]
        self.assertTrue(self.cordon.stop())
        for connection in connections:
            connection.close()

    def test_mail_under_way_during_a_stop_is_answered_and_not_lost(self):
        todo = [messages.clean(subject=f"Letter {number}") for number in range(30)]
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            outcomes = pool.map(self.send, todo)
            time.sleep(0.15)
            self.assertTrue(self.cordon.stop())
            outcomes = list(outcomes)
        self.assert_nothing_lost(zip(todo, outcomes))

    def test_while_cordon_is_away_mail_waits_at_the_sender(self):
        self.cordon.stop()
        message = messages.clean()
        self.assertEqual(self.send(message).answer.code, 451)
        self.assert_delivered(message)

    def test_a_killed_supervisor_leaves_no_process_behind(self):
        family = self.cordon.all_pids()
        self.cordon.daemon.signal(signal.SIGKILL)
        self.cordon.daemon.wait(5)
        wait_until(
            lambda: not any(is_alive(pid) for pid in family),
            10,
            "the end of all of Cordon's processes",
        )
        self.cordon.stop()
