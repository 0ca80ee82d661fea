# SPDX-License-Identifier: GPL-2.0-only
"""Lookups against a real name server: one that answers, truncates, fails, is slow or dead."""

import json
import pathlib
import subprocess
import tempfile
import time
import unittest

from rig import places
from rig.cordon import Cordon
from rig.dns import NameServer
from rig.milter_client import MilterClient
from rig.process import wait_until
from rig.sockets import unix_socket

MESSAGE = "From: A <a@{domain}>\r\nTo: b@example.org\r\nSubject: x\r\n\r\nbody\r\n"
LONG = "v=spf1 ip4:192.0.2.1 " + " ".join(f"ip4:198.51.100.{i}" for i in range(200)) + " -all"


class Lookups(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="cordon-lookups-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.server = NameServer(
            {
                "good.example": {"TXT": ["v=spf1 ip4:192.0.2.1 -all"]},
                "long.example": {"TXT": [LONG], "TRUNCATED": True},
                "broken.example": "SERVFAIL",
                "dead.example": "TIMEOUT",
                "*.dead.example": "TIMEOUT",
            }
        )
        self.addCleanup(self.server.stop)

    def scan(self, *domains, config=""):
        """The results for one message of each domain, and the seconds for all."""
        (self.folder / "cordon.conf").write_text(
            f"[clamav]\nenabled = no\n[dns]\nservers = {self.server.address}\ntimeout = 1s\n{config}"
        )
        files = []
        for number, domain in enumerate(domains):
            files.append(self.folder / f"{number}.eml")
            files[-1].write_bytes(MESSAGE.format(domain=domain).encode())
        begin = time.monotonic()
        done = subprocess.run(
            [places.BUILD / "cordon", "scan", "--json", "--config", self.folder / "cordon.conf"]
            + ["--ip", "192.0.2.1", "--from", f"a@{domains[0]}", "--helo", "h.example", *files],
            capture_output=True,
            text=True,
            check=False,
        )
        results = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual(len(results), len(files), done.stderr)
        return results, time.monotonic() - begin

    def test_a_scan_says_in_words_what_was_not_tried(self):
        (self.folder / "cordon.conf").write_text("[clamav]\nenabled = no\n")
        done = subprocess.run(
            [places.BUILD / "cordon", "scan", "--config", self.folder / "cordon.conf"],
            input=MESSAGE.format(domain="good.example"),
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertIn("\nno DNS lookups: ", done.stdout)
        self.assertIn("\nno virus scan: [clamav] enabled = no\n", done.stdout)

    def test_an_answer_serves_many_messages(self):
        results, _ = self.scan(*["good.example"] * 5)
        self.assertEqual({result["auth"]["spf"] for result in results}, {"pass"})
        self.assertEqual(self.server.asked("good.example"), 1)

    def test_a_truncated_answer_comes_over_tcp(self):
        results, _ = self.scan("long.example")
        self.assertEqual(results[0]["auth"]["spf"], "pass")
        self.assertEqual(self.server.over_tcp, 1)

    def test_a_failing_server_is_unknown_and_no_hit(self):
        results, _ = self.scan("broken.example")
        self.assertEqual(results[0]["auth"]["spf"], "temperror")
        self.assertTrue(any("SERVFAIL" in reason for reason in results[0]["unknown"]))
        self.assertFalse([hit for hit in results[0]["hits"] if hit["rule"].startswith("SPF_")])

    def test_a_dead_domain_costs_no_other_message_anything(self):
        domains = ["dead.example"] + [f"n{i}.dead.example" for i in range(20)]
        results, seconds = self.scan(*domains)
        self.assertNotIn("defer", {result["action"] for result in results})
        self.assertLess(seconds, 10, "after three timeouts this domain is left alone")
        results, _ = self.scan("good.example", *domains[:3], "good.example")
        for result in results:
            self.assertEqual(result["auth"]["spf"], "pass")

    def test_a_dead_server_delays_the_first_messages_only(self):
        self.server.is_dead = True
        results, seconds = self.scan(*["good.example"] * 50)
        self.assertEqual({result["auth"]["spf"] for result in results}, {"temperror"})
        self.assertNotIn("defer", {result["action"] for result in results})
        self.assertLess(seconds, 8)
        self.assertLess(len(self.server.questions), 40, "the breaker is open")

    def test_questions_of_one_message_are_under_way_together(self):
        lists = "".join(
            f"[dnsbl.l{i}]\nzone = l{i}.lists.example\nlooks-at = client\n" for i in range(10)
        )
        for i in range(10):
            self.server.zone[f"1.2.0.192.l{i}.lists.example"] = {"A": ["127.0.0.2"]}
        # No answer before all ten are asked: one after the other, all would be without answer.
        self.server.gather_below, self.server.gathered = ".lists.example", 10
        results, _ = self.scan("good.example", config=lists)
        hits = {hit["rule"] for hit in results[0]["hits"]}
        listed = {name for name in hits if name.startswith("DNSBL_")}
        self.assertEqual(listed, {f"DNSBL_L{i}" for i in range(10)})

    def test_the_milter_counts_what_became_of_its_questions(self):
        settings = {("dns", "servers"): self.server.address, ("dns", "timeout"): "1s"}
        directory = places.private_directory("lookups")
        directory.chmod(0o755)
        self.addCleanup(places.remove_directory, directory)
        cordon = Cordon(directory / "cordon", unix_socket(directory), settings)
        cordon.start(60)
        self.addCleanup(cordon.stop)
        for domain in ("good.example", "good.example", "broken.example", "dead.example"):
            client = MilterClient(cordon.socket, 60)
            client.message(f"a@{domain}", ["b@example.org"], MESSAGE.format(domain=domain).encode())
            client.close()
        # The message does not wait as long as the question that a name server leaves unanswered.
        for outcome in ("found", "absent", "failed", "timeout"):
            name = f'cordon_dns_questions_total{{outcome="{outcome}"}}'
            wait_until(lambda name=name: cordon.figures().get(name, 0) >= 1, 30, name)
        figures = cordon.figures()
        self.assertGreaterEqual(figures["cordon_dns_sent_total"], 4)
        self.assertGreaterEqual(figures['cordon_unknown_total{what="spf"}'], 1)

    def test_a_list_that_refuses_us_is_named_once(self):
        self.server.zone["*.refusing.example"] = {"A": ["127.255.255.254"]}
        self.server.zone["1.2.0.192.listing.example"] = {"A": ["127.0.0.4"]}
        results, _ = self.scan(
            "good.example",
            "good.example",
            config="[dnsbl.no]\nzone = refusing.example\nlooks-at = client\n"
            "[dnsbl.yes]\nzone = listing.example\nlooks-at = client\n"
            "answers = 127.0.0.2:A:1 127.0.0.4-7:B:2.5\n",
        )
        hits = {hit["rule"]: hit["score"] for hit in results[1]["hits"]}
        self.assertEqual(hits.get("DNSBL_YES_B"), 2.5)
        self.assertNotIn("DNSBL_NO", hits)
        self.assertTrue(any("does not answer us" in reason for reason in results[1]["unknown"]))
