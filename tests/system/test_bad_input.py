# SPDX-License-Identifier: GPL-2.0-only
"""What an administrator can get wrong or run out of: one clear line each, and no mail lost."""

import os
import socket
import subprocess
import unittest

import messages
from rig import places
from rig.cordon import Cordon
from rig.places import RigError
from rig.process import wait_until
from rig.sockets import MilterSocket, inet_socket
from site_test import ALICE, BOB, SENDER, SiteTest, lines_of


class WithoutMail(unittest.TestCase):
    """cordond alone: no MTA is needed to see that it refuses to start."""

    def setUp(self):
        self.directory = places.private_directory("test")
        self.addCleanup(places.remove_directory, self.directory)
        self.sockets = places.make_directory(self.directory / "sockets", places.CORDON_USER)
        self.cordon = self.make_cordon("cordon")
        self.addCleanup(self.cordon.stop)

    def make_cordon(self, name, milter_socket=None):
        milter_socket = milter_socket or MilterSocket("unix", self.sockets / "milter.sock")
        return Cordon(self.directory / name, milter_socket)

    def refused(self, cordon, *arguments):
        """cordond must end by itself with a single line on standard error: (status, that line)."""
        status, errors = cordon.run_to_its_end(*arguments)
        self.assertEqual(len(errors.strip().splitlines()), 1, errors)
        return status, errors.strip()


class Configuration(WithoutMail):
    def assert_refused(self, text, line, *words):
        self.cordon.configure(text=text)
        for arguments in (["--check"], ["--foreground"]):
            status, error = self.refused(self.cordon, *arguments)
            self.assertEqual(status, 78, error)
            self.assertIn(f"{self.cordon.config}:{line}: ", error)
            for word in words:
                self.assertIn(word, error)

    def test_a_good_file_passes_the_check(self):
        self.assertEqual(self.cordon.run_to_its_end("--check"), (0, ""))

    def test_an_unknown_key_is_refused_with_its_line(self):
        self.assert_refused(
            "[cordon]\nauthserv-id = mx.example.org\n\n[policy]\nqarantine = 6\n", 5, "qarantine"
        )

    def test_an_unknown_section_is_refused_with_its_line(self):
        self.assert_refused("[polizy]\ntag = 4\n", 2, "polizy")

    def test_a_value_that_is_no_number_is_refused_with_its_line(self):
        self.assert_refused("[policy]\ntag = 4\nreject = a lot\n", 3, "reject", "a lot")

    def test_a_line_that_is_no_setting_is_refused_with_its_line(self):
        self.assert_refused("[policy]\ntag = 4\nthis is no setting\n", 3)

    def test_a_missing_file_is_named(self):
        self.cordon.config.unlink()
        status, error = self.refused(self.cordon, "--foreground")
        self.assertIn(status, (66, 78))
        self.assertIn(str(self.cordon.config), error)

    def test_an_unknown_option_of_the_command_line_is_a_usage_error(self):
        status, error = self.cordon.run_to_its_end("--frobnicate")
        self.assertEqual(status, 64)
        self.assertIn("frobnicate", error)

    def test_an_account_that_does_not_exist_is_named(self):
        self.cordon.configure({("cordon", "user"): "no-such-account"})
        status, error = self.refused(self.cordon, "--foreground")
        self.assertNotEqual(status, 0)
        self.assertIn("no-such-account", error)

    def test_the_check_warns_of_a_rule_whose_own_sample_fails(self):
        rules = self.cordon.directory / "site-rules" / "site.rules"
        rules.write_text(
            "[SITE_WORD]\ndescribe = A word\nscore = 1\nwhen = body =~ /code42/\n"
            "hit = Body: code41\nmiss = Subject: x\n"
        )
        status, output, errors = self.cordon.command(
            "config", "check", "--config", str(self.cordon.config)
        )
        self.assertEqual(status, 0, errors)
        self.assertIn(f"warning: {rules}:5: SITE_WORD misses its hit sample\n", output)

    def test_the_command_line_checks_and_shows_the_configuration(self):
        status, output, _ = self.cordon.command(
            "config", "check", "--config", str(self.cordon.config)
        )
        self.assertEqual(status, 0)
        status, output, _ = self.cordon.command(
            "config", "show", "--config", str(self.cordon.config)
        )
        self.assertEqual(status, 0)
        self.assertIn("quarantine@example.org", output)
        self.cordon.configure(text="[policy]\ntag = much\n")
        status, _, errors = self.cordon.command(
            "config", "check", "--config", str(self.cordon.config)
        )
        self.assertEqual(status, 78)
        self.assertIn(f"{self.cordon.config}:2: ", errors)


class SocketInUse(WithoutMail):
    def start_two(self, milter_socket):
        first, second = self.make_cordon("first", milter_socket), self.make_cordon(
            "second", milter_socket
        )
        first.start()
        self.addCleanup(first.stop)
        status, errors = second.run_to_its_end("--foreground")
        self.assertNotEqual(status, 0)
        where = str(milter_socket.path or milter_socket.port)
        self.assertTrue(lines_of(errors, where, "in use"), errors)
        milter_socket.negotiate().close()

    def test_a_unix_socket_that_another_cordon_owns_is_left_to_it(self):
        self.start_two(MilterSocket("unix", self.sockets / "shared.sock"))

    def test_a_tcp_port_that_another_cordon_owns_is_left_to_it(self):
        self.start_two(inet_socket())

    def test_a_unix_socket_whose_owner_died_is_taken_over(self):
        path = self.cordon.socket.path
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as dead:
            dead.bind(str(path))
        self.cordon.start()
        self.cordon.socket.negotiate().close()

    def test_a_socket_folder_that_is_missing_is_named(self):
        cordon = self.make_cordon(
            "lost", MilterSocket("unix", self.directory / "nowhere" / "else" / "milter.sock")
        )
        status, errors = cordon.run_to_its_end("--foreground")
        self.assertNotEqual(status, 0)
        self.assertTrue(lines_of(errors, "nowhere/else/milter.sock"), errors)


class SignatureDatabase(SiteTest):
    """Whether cordond refuses to start or has no scanner: mail must wait, and the log say why."""

    def tearDown(self):
        self.cordon.stop()
        self.cordon.database.chmod(0o755)
        for path in self.cordon.database.iterdir():
            path.unlink()
        for path in (places.DATA / "clamav").iterdir():
            places.write_file(self.cordon.database / path.name, path.read_text())
        self.cordon.start()
        wait_until(
            lambda: self.send(messages.clean()).is_accepted,
            20,
            "mail with a good database",
            pause=0.2,
        )

    def assert_mail_waits_and_the_log_names(self, *words):
        start = len(self.cordon.log_text())
        try:
            self.cordon.start(seconds=5)
        except RigError:
            pass
        message = messages.clean()
        self.assertEqual(self.send(message).answer.code, 451)
        self.assert_delivered(message)
        wait_until(
            lambda: lines_of(self.cordon.log_text()[start:], *words), 10, f"a log line with {words}"
        )

    def test_an_empty_signature_database_makes_mail_wait(self):
        self.cordon.stop()
        for path in self.cordon.database.iterdir():
            path.unlink()
        self.assert_mail_waits_and_the_log_names(str(self.cordon.database))

    def test_an_empty_signature_file_makes_mail_wait(self):
        self.cordon.stop()
        (self.cordon.database / "eicar.ndb").write_bytes(b"")
        self.assert_mail_waits_and_the_log_names(str(self.cordon.database))

    def test_a_damaged_signature_file_makes_mail_wait(self):
        self.cordon.stop()
        (self.cordon.database / "eicar.ndb").write_text("this is no signature\n")
        self.assert_mail_waits_and_the_log_names(str(self.cordon.database))

    def test_a_signature_database_that_may_not_be_read_makes_mail_wait(self):
        self.cordon.stop()
        self.cordon.configure({("clamav", "database"): self.cordon.directory / "no-such-database"})
        self.addCleanup(self.cordon.configure, {("clamav", "database"): self.cordon.database})
        try:
            self.assert_mail_waits_and_the_log_names("no-such-database")
        finally:
            self.cordon.configure({("clamav", "database"): self.cordon.database})

    def test_a_database_that_breaks_before_a_reload_leaves_the_old_one_at_work(self):
        start = len(self.cordon.log_text())
        (self.cordon.database / "eicar.ndb").write_text("this is no signature\n")
        self.cordon.reload()
        wait_until(
            lambda: lines_of(self.cordon.log_text()[start:], str(self.cordon.database)),
            10,
            "a log line that names the database",
        )
        self.assert_reply(self.send(messages.eicar_attached()), r"^554 ")
        self.assert_reply(self.send(messages.clean()), r"^250 ")


class FullDisk(SiteTest):
    def test_with_a_full_state_directory_held_mail_waits_and_other_mail_passes(self):
        self.cordon.stop()
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=4m,mode=0755", "tmpfs", self.cordon.state],
            check=True,
        )
        self.addCleanup(subprocess.run, ["umount", "-l", self.cordon.state], check=True)
        places.make_directory(self.cordon.state, places.CORDON_USER, 0o750)
        self.cordon.start()
        filler = self.cordon.state / "filler"
        fill(filler)
        start = len(self.cordon.log_text())
        message = messages.gtube()
        self.assert_reply(self.send(message, BOB), r"^451 4\.\d\.\d ")
        self.assert_delivered(message)
        self.assertTrue(
            lines_of(self.cordon.log_text()[start:], str(self.cordon.vault), "no space left")
        )
        self.assertEqual(
            [path for path in self.cordon.vault_files() if path.stat().st_size == 0], []
        )
        self.assert_reply(self.send(messages.clean()), r"^250 ")
        output = self.cordon.command("doctor", "--json", "--config", str(self.cordon.config))[1]
        self.assertRegex(output, r'"health":"error","subject":"disk","what":"0 MB free')
        filler.unlink()
        again = messages.gtube()
        self.assert_reply(self.send(again, BOB), r"^250 ")
        self.assert_delivered(again, "quarantine")


def fill(path):
    """Writes until the file system is full."""
    with open(path, "wb", buffering=0) as out:
        try:
            while True:
                out.write(b"\0" * 4096)
        except OSError:
            pass
    with open(path, "ab", buffering=0) as out:
        try:
            while True:
                out.write(b"\0")
        except OSError:
            return


class SizeLimit(SiteTest):
    settings = {("milter", "max-message-size"): "1M"}

    def test_a_message_over_the_size_limit_is_held_for_its_size(self):
        message = messages.large(3 * 1024 * 1024)
        self.assert_reply(self.send(message), r"^250 ")
        self.assert_delivered(message, "quarantine")
        verdict = self.verdict(message)[0]
        self.assertEqual(verdict["action"], "quarantine")
        self.assertIn("size", verdict["unscanned"])
        self.assertTrue(
            self.stored(message, "quarantine").raw.endswith(message.split(b"\r\n\r\n", 1)[1])
        )

    def test_a_virus_at_the_start_of_an_oversize_message_is_still_found(self):
        message = messages.multipart(
            "Large",
            [
                messages.attachment("eicar.com", messages.EICAR),
                messages.attachment("rest.bin", os.urandom(2 << 20)),
            ],
        )
        self.assert_reply(self.send(message), r"^554 ")

    def test_a_message_just_under_the_limit_is_judged_whole(self):
        message = messages.large(900 * 1024)
        self.assert_reply(self.send(message), r"^250 ")
        self.assert_delivered(message, "alice")
