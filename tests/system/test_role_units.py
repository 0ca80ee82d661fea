# SPDX-License-Identifier: GPL-2.0-only
"""Each role in a unit of its own, as the package runs them: `cordond --role NAME` holds its place, and
cordond --role-units says what runs there. What holds in one unit holds here: mail waits for proved
workers, a reload is tried beside what serves, what dies comes back, and nothing is left at the end."""

import os
import signal
import unittest

import messages
from rig import places
from rig.cordon import STOP_SECONDS, Cordon
from rig.milter_client import MilterClient
from rig.process import Daemon, descendants, is_alive, parent_of, wait_until
from rig.sockets import unix_socket

ROLES = ("milter", "scanner", "antivirus", "keeper", "review")
SENDER, RECIPIENT = "dana@example.net", "alice@example.org"


class UnitCordon(Cordon):
    """Runs as the account itself, as under systemd: nothing of it has root."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.units = {}
        self.log.touch()

    def run_program(self, name, *arguments):
        command = [places.reachable_program(places.BUILD / "cordond"), *arguments]
        return Daemon(name, command, self.log, user=places.CORDON_USER)

    def start_unit(self, role):
        self.units[role] = self.run_program(f"unit {role}", "--role", role, "--run-directory", self.run)

    def start(self, seconds=60):
        self.daemon = self.run_program(
            "cordond", "--config", self.config, "--foreground", "--role-units"
        )
        self.daemon.wait_ready(self.socket.answers, seconds)

    def unit_pids(self):
        return {unit.pid for unit in self.units.values()}

    def all_pids(self):
        roots = [unit.pid for unit in [self.daemon, *self.units.values()] if unit]
        return [pid for root in roots for pid in (root, *descendants(root))]

    def stop(self):
        """cordond first, as the units are ordered; true when each was gone in time."""
        family = self.all_pids()
        ends = [self.daemon.stop(STOP_SECONDS)] if self.daemon else []
        programs = [pid for pid in self.all_pids() if parent_of(pid) in self.unit_pids()]
        ends += [unit.stop(STOP_SECONDS) for unit in self.units.values()]
        self.daemon, self.units = None, {}
        return all(ends) and not programs and not any(is_alive(pid) for pid in family)


class RoleUnits(unittest.TestCase):
    def setUp(self):
        places.require_root()
        directory = places.private_directory("units")
        directory.chmod(0o755)
        self.addCleanup(places.remove_directory, directory)
        group = {("milter", "socket-group"): None, ("quarantine", "release-via"): "smtp://127.0.0.1:1"}
        self.cordon = UnitCordon(directory / "cordon", unix_socket(directory), group)
        self.addCleanup(self.cordon.stop)

    def start_all(self):
        for role in ROLES:  # before cordond, as the units are ordered
            self.cordon.start_unit(role)
        self.cordon.start()

    def answer(self, data):
        client = MilterClient(self.cordon.socket, 60)
        try:
            return client.message(SENDER, [RECIPIENT], data)[-1]
        finally:
            client.close()

    def judges(self):
        self.assertEqual(self.answer(messages.clean())[0], "accept")
        self.assertRegex(self.answer(messages.eicar_attached())[1], "^554 5.7.1 ")

    def judges_again(self):
        def is_accepted():
            try:
                return self.answer(messages.clean())[0] == "accept"
            except OSError:
                return False

        wait_until(is_accepted, 60, "mail being judged again", 0.2)

    def programs_of(self, role):
        unit = self.cordon.units[role].pid
        return [pid for pid in self.cordon.pids_of(f"cordon-{role}") if parent_of(pid) == unit]

    def test_every_program_runs_below_its_unit(self):
        self.start_all()
        for role in ROLES:
            self.assertEqual(len(self.programs_of(role)), 1, role)
        self.assertEqual(descendants(self.cordon.daemon.pid), [])
        self.judges()
        self.assertTrue(self.cordon.stop(), "all gone in time, the programs with cordond")

    def test_a_reload_is_tried_beside_what_serves(self):
        self.start_all()
        before = self.programs_of("scanner")
        start = len(self.cordon.log_text())
        (self.cordon.rules / "broken.rules").write_text("[BROKEN\n")
        self.cordon.reload()
        self.cordon.wait_for_log("reload-failed", 60, start)
        self.assertEqual(self.programs_of("scanner"), before)
        (self.cordon.rules / "broken.rules").unlink()
        start = len(self.cordon.log_text())
        self.cordon.reload()
        self.cordon.wait_for_log(r"cordond\S*: info: reloaded", 60, start)
        wait_until(
            lambda: len(self.programs_of("scanner")) == 1 and self.programs_of("scanner") != before,
            60,
            "the old pool's end",
        )
        self.judges()

    def test_what_dies_comes_back(self):
        self.start_all()
        os.kill(self.programs_of("keeper")[0], signal.SIGKILL)
        self.cordon.wait_for_log("role-died.*name=cordon-keeper", 30)
        wait_until(lambda: self.programs_of("keeper"), 30, "a new keeper")
        for role in ("scanner", "milter"):  # with their units, which systemd starts again
            self.cordon.units[role].signal(signal.SIGKILL)
            self.cordon.units[role].wait(10)
            self.cordon.start_unit(role)
        self.judges_again()
        self.judges()

    def test_units_wait_for_the_next_cordond(self):
        self.start_all()
        self.cordon.daemon.signal(signal.SIGKILL)
        self.cordon.daemon.wait(10)
        wait_until(
            lambda: not any(self.programs_of(role) for role in ROLES), 30, "the end of the programs"
        )
        self.assertTrue(all(unit.is_running() for unit in self.cordon.units.values()))
        self.cordon.start()
        self.judges()

    def test_without_a_unit_the_start_fails_and_says_which(self):
        status, errors = self.cordon.run_to_its_end("--role", "postman")
        self.assertEqual(status, 64)
        self.assertIn("no role 'postman'", errors)
