# SPDX-License-Identifier: GPL-2.0-only
"""The signature database changes under a running Cordon: what is good is taken, what is not is told."""

import shutil

import messages
from rig.process import wait_until
from site_test import SiteTest

MARK = b"sunflower-seeds-are-no-virus-but-this-test-says-so"
SIGNATURE = f"Test-Sunflower:0:*:{MARK.hex()}\n"


class Signatures(SiteTest):
    def setUp(self):
        self.start = len(self.cordon.log_text())
        self.addCleanup(self.restore)

    def restore(self):
        for path in self.cordon.database.iterdir():
            path.unlink()
        for source in (self.original).iterdir():
            shutil.copy(source, self.cordon.database)
            (self.cordon.database / source.name).chmod(0o644)
        self.cordon.restart({("clamav", "reload"): None})

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.original = cls.site.directory / "original-signatures"
        shutil.copytree(cls.cordon.database, cls.original)

    def put(self, name, text):
        """As freshclam does: beside, then renamed."""
        beside = self.cordon.database / f"tmp.{name}"
        beside.write_text(text)
        beside.chmod(0o644)
        beside.rename(self.cordon.database / name)

    def is_found(self, mark=MARK):
        return self.send(messages.clean(subject="Seeds") + mark + b"\r\n").final.code == 554

    def wait_for(self, event, seconds=15):
        return self.cordon.wait_for_log(event, seconds, self.start)

    def assert_refused(self, reason):
        line = self.wait_for("signatures-refused")
        self.assertRegex(line, reason)
        self.assertIn("the signatures in use stay", line)
        self.assertEqual(self.send(messages.eicar_attached()).final.code, 554)
        self.assertTrue(self.send(messages.clean()).is_accepted)

    def test_a_new_file_is_noticed_without_a_signal_and_finds_what_it_names(self):
        self.assertFalse(self.is_found())
        self.put("new.ndb", SIGNATURE)
        self.wait_for("signatures-reloaded signatures=")
        wait_until(self.is_found, 10, "the new signature in use", pause=0.2)
        self.assertNotIn("role-died", self.cordon.log_text()[self.start :])

    def test_a_garbled_database_is_refused_and_told_and_its_repair_is_noticed(self):
        good = (self.cordon.database / "eicar.ndb").read_text()
        self.put("eicar.ndb", "this is no signature\n" * 3)
        self.assert_refused("signature database")
        self.start = len(self.cordon.log_text())
        self.put("eicar.ndb", good)
        self.wait_for("signatures-reloaded")

    def test_an_empty_file_is_refused_by_name(self):
        self.put("eicar.ndb", "")
        self.assert_refused("eicar.ndb is empty")

    def test_a_database_that_vanished_is_refused(self):
        (self.cordon.database / "eicar.ndb").unlink()
        self.assert_refused("EICAR test file was not found")

    def test_a_folder_that_vanished_is_refused(self):
        away = self.cordon.database.with_name("away")
        self.cordon.database.rename(away)
        try:
            self.assert_refused("No such file or directory")
        finally:
            away.rename(self.cordon.database)

    def test_a_database_that_lost_most_of_its_signatures_is_refused(self):
        many = "".join(f"{number:032x}:{number + 9}:Test-{number}\n" for number in range(400))
        self.put("many.hdb", many)
        self.wait_for("signatures-reloaded signatures=")
        self.start = len(self.cordon.log_text())
        self.put("many.hdb", many[: len(many) // 4].rsplit("\n", 1)[0] + "\n")
        self.assert_refused("only [0-9]+ signatures of 4[0-9][0-9]")

    def test_a_file_that_claims_to_be_official_without_a_signature_is_refused(self):
        head = "ClamAV-VDB:24 Nov 2026 10-00 +0000:1:1:90:" + "0" * 32 + ":AAAA:builder:1764000000"
        self.put("daily.cvd", head.ljust(512) + "no archive")
        self.assert_refused("daily.cvd|signature database")

    def test_in_place_mail_waits_for_the_new_database_and_is_judged_by_it(self):
        self.cordon.restart({("clamav", "reload"): "in-place"})
        self.start = len(self.cordon.log_text())
        self.put("new.ndb", SIGNATURE)
        self.wait_for("signatures-reloaded")
        self.assertTrue(self.is_found())
        self.start = len(self.cordon.log_text())
        self.put("eicar.ndb", "")
        self.wait_for("signatures-refused")
        self.assertTrue(self.is_found())

    def test_a_reload_by_signal_leaves_antivirus_workers_alone_unless_something_of_theirs_changed(self):
        def antivirus():
            return {p for p in self.cordon.pids_of("cordon-antivirus") if name_of(p) == "av-zygote"}

        before = antivirus()
        self.cordon.reload()
        self.wait_for(r" reloaded|\breloaded$")
        self.assertEqual(antivirus(), before)
        self.start = len(self.cordon.log_text())
        self.cordon.configure({("scanner", "timeout"): "9s"})
        self.cordon.reload()
        self.wait_for(r" reloaded|\breloaded$")
        self.assertTrue(antivirus() - before)

    def test_libclamav_is_in_the_memory_of_antivirus_processes_only(self):
        def with_libclamav(program):
            pids = wait_until(lambda: self.cordon.pids_of(program), 30, f"{program}")
            return [pid for pid in pids if "libclamav" in maps_of(pid)], pids

        inside, all_of_them = with_libclamav("cordon-antivirus")
        self.assertGreaterEqual(len(all_of_them), 2)
        self.assertEqual(inside, all_of_them)
        inside, all_of_them = with_libclamav("cordon-scanner")
        self.assertGreaterEqual(len(all_of_them), 2)
        self.assertEqual(inside, [])


def maps_of(pid):
    with open(f"/proc/{pid}/maps") as maps:
        return maps.read()


def name_of(pid):
    with open(f"/proc/{pid}/comm") as comm:
        return comm.read().strip()
