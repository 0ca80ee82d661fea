# SPDX-License-Identifier: GPL-2.0-only
"""`cordon learn` with bad input and a bad disk: a clear message, and the last good state is kept."""

import random
import shutil
import struct
import subprocess
import unittest

from rig import places

LARGE = b"some line of a text that goes on\r\n" * (50_000_000 // 34)
VERSION_OFFSET = 8  # of the table, after its magic


def mail(number, body=b"Hello, this is the text.\r\n"):
    head = f"From: a@example.net\r\nSubject: {number}\r\nMessage-ID: <{number}@example.net>\r\n\r\n"
    return head.encode() + body


class LearningInput(unittest.TestCase):
    def setUp(self):
        self.folder = places.private_directory("input")
        self.addCleanup(places.remove_directory, self.folder)
        self.state = places.make_directory(self.folder / "state")
        places.make_directory(self.folder / "run")
        self.config = places.write_file(
            self.folder / "cordon.conf",
            f"[cordon]\nstate-directory = {self.state}\nrun-directory = {self.folder}/run\n"
            "[clamav]\nenabled = no\n",
        )

    def learn(self, *mails):
        """(exit status, what it says, what it complains of)"""
        files = []
        for number, content in enumerate(mails):
            files.append(self.folder / f"{number}.eml")
            files[-1].write_bytes(content)
        done = subprocess.run(
            [places.BUILD / "cordon", "learn", "ham", "--config", self.config, *files],
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        return done.returncode, done.stdout, done.stderr

    def assert_learned(self, result, learned, known, ham):
        status, told, complaint = result
        self.assertEqual(status, 0, complaint)
        self.assertIn(f"{learned} learned, 0 corrected, {known} known already", told)
        self.assertIn(f"in all {ham} ham", told)

    def test_the_same_mail_twice_counts_once(self):
        self.assert_learned(self.learn(mail(1), mail(1)), 1, 1, 1)
        self.assert_learned(self.learn(mail(1)), 0, 1, 1)

    def test_what_root_teaches_belongs_to_the_account_of_the_state_directory(self):
        shutil.chown(self.state, places.CORDON_USER)
        self.assert_learned(self.learn(mail(1)), 1, 0, 1)
        paths = [self.state / "learning", *(self.state / "learning").iterdir()]
        self.assertEqual({path.owner() for path in paths}, {places.CORDON_USER})

    def test_an_empty_mail_is_named_and_the_others_are_learned(self):
        status, told, complaint = self.learn(b"", mail(1))
        self.assertEqual(status, 66)
        self.assertIn("1 learned", told)
        self.assertIn("0.eml: empty", complaint)

    def test_mail_of_any_size_is_learned_by_a_bounded_part(self):
        tokens = random.Random(1).randbytes(35_000_000).hex(" ", 4).encode()
        self.assert_learned(self.learn(mail(1, LARGE), mail(2, tokens)), 2, 0, 2)
        self.assertLess((self.state / "learning" / "events.db").stat().st_size, 200_000)

    def test_a_damaged_table_is_built_anew_from_the_log(self):
        self.assert_learned(self.learn(mail(1), mail(2)), 2, 0, 2)
        table = self.state / "learning" / "weights.snapshot"
        good = table.read_bytes()
        older = bytearray(good)
        struct.pack_into("<I", older, VERSION_OFFSET, 0)
        flipped = bytearray(good)
        flipped[100_000] ^= 1
        for bad in (b"garbage", bytes(older), bytes(flipped), good[:-1], b""):
            table.write_bytes(bad)
            result = self.learn(mail(1))
            self.assert_learned(result, 0, 1, 2)
            self.assertIn("learning-damaged", result[2])
        self.assertTrue(list(table.parent.glob("weights.snapshot.damaged-*")))

    def test_a_damaged_log_is_put_aside_and_what_it_taught_stays(self):
        self.assert_learned(self.learn(mail(1), mail(2)), 2, 0, 2)
        (self.state / "learning" / "events.db").write_bytes(random.Random(1).randbytes(8192))
        result = self.learn(mail(3))
        self.assert_learned(result, 1, 0, 3)
        self.assertIn("not a database", result[2])

    def test_a_full_disk_is_said_and_takes_nothing_away(self):
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=10m", "none", self.state], check=True)
        self.addCleanup(subprocess.run, ["umount", self.state], check=True)
        self.assert_learned(self.learn(mail(1)), 1, 0, 1)
        filler = self.state / "filler"
        with open(filler, "wb", buffering=0) as full:
            try:
                while True:
                    full.write(bytes(4096))
            except OSError:
                pass
        noise = [mail(n, random.Random(n).randbytes(20_000).hex(" ", 3).encode()) for n in (2, 3)]
        status, _, complaint = self.learn(*noise)
        self.assertEqual(status, 71)
        self.assertIn("nothing more was learned", complaint)
        self.assertIn("events.db", complaint)
        filler.unlink()
        self.assert_learned(self.learn(mail(1), *noise), 2, 1, 3)


if __name__ == "__main__":
    unittest.main()
