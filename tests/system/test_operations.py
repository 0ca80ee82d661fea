# SPDX-License-Identifier: GPL-2.0-only
"""What an administrator relies on: figures, lists that reload by themselves, the log in shadow mode,
and the diagnosis of the running site."""

import json
import re

import messages
from rig.process import wait_until
from site_test import ALICE, BOB, CAROL, SENDER, SiteTest


class Operations(SiteTest):
    settings = {
        (f"user.{CAROL}", "mode"): "shadow",
        (f"user.{CAROL}", "quarantine"): "6",
    }

    def test_figures_count_what_happened(self):
        before = self.cordon.figures()
        self.send(messages.gtube())
        self.send(messages.clean())
        after = self.cordon.figures()

        def grown(name):
            return after.get(name, 0) - before.get(name, 0)

        self.assertEqual(grown('cordon_decisions_total{action="reject"}'), 1)
        self.assertEqual(grown('cordon_rule_hits_total{rule="GTUBE"}'), 1)
        self.assertEqual(grown('cordon_stage_seconds_count{stage="total"}'), 2)
        self.assertEqual(after["cordon_in_flight"], 0)

    def test_figures_tell_what_is_held(self):
        before = self.cordon.figures()
        self.send(messages.gtube(), BOB, CAROL)
        after = self.cordon.figures()
        self.assertEqual(after["cordon_keeper_up"], 1)
        name = 'cordon_quarantine_messages{state="held"}'
        self.assertEqual(after[name], before[name] + 1)
        self.assertGreater(after["cordon_vault_bytes"], before["cordon_vault_bytes"])
        self.assertGreater(after["cordon_vault_limit_bytes"], after["cordon_vault_bytes"])
        self.assertEqual(after['cordon_quarantine_oldest_seconds{state="failed"}'], 0)

    def test_the_log_tells_in_shadow_mode_what_would_have_happened(self):
        message = messages.gtube()
        self.assert_reply(self.send(message, CAROL), r"^250 ")
        verdict = self.verdict(message)[0]
        found = (verdict["action"], verdict["would"], verdict["mode"])
        self.assertEqual(found, ("accept", "quarantine", "shadow"))

    def without_list(self):
        start = len(self.cordon.log_text())
        self.cordon.configure({("policy", "deny"): None})
        self.cordon.reload()
        self.cordon.wait_for_log("milter-reloaded", start=start)

    def test_a_list_file_is_taken_over_by_itself(self):
        deny = self.cordon.directory / "deny"
        deny.write_text("nobody@example.com\n")
        deny.chmod(0o644)
        start = len(self.cordon.log_text())
        self.cordon.configure({("policy", "deny"): f"file:{deny}"})
        self.cordon.reload()
        self.addCleanup(self.without_list)
        self.cordon.wait_for_log(r"milter-reloaded", start=start)
        self.assert_reply(self.send(messages.clean(), BOB), r"^250 ")
        deny.write_text(f"nobody@example.com\n{SENDER}\n")
        self.cordon.wait_for_log(r"lists-reloaded(.|\n)*milter-reloaded", start=start)
        held = messages.clean()
        self.send(held, BOB)
        self.assert_action(held, "quarantine")
        deny.write_text("this is: no list\n")
        self.cordon.wait_for_log(r"list-reload-failed.*deny:1", start=start)
        held = messages.clean()
        self.send(held, BOB)
        self.assert_action(held, "quarantine")

    def test_the_doctor_finds_the_site_in_order(self):
        status, output, errors = self.cordon.command(
            "doctor",
            "--json",
            "--config",
            str(self.cordon.config),
            "--postfix",
            str(self.site.postfix.config),
        )
        findings = {}
        for line in output.splitlines():
            finding = json.loads(line)
            findings.setdefault(finding["subject"], finding)
        for subject in ("configuration", "workers", "cordond", "socket", "postfix: milter"):
            self.assertEqual(findings[subject]["health"], "ok", f"{findings[subject]} {errors}")
        self.assertEqual(findings["dns"]["remedy"], "[dns] servers = system", "off in this site")
        self.assertIn(findings["sandbox"]["health"], ("ok", "warning"), findings["sandbox"])
        self.assertIn("smtpd_forbid_bare_newline = yes", output)
        self.assertIn(status, (0, 1, 2))

    def test_the_configuration_of_a_recipient_names_its_lines(self):
        _, output, _ = self.cordon.command(
            "config", "explain", ALICE, CAROL, "--config", str(self.cordon.config)
        )
        self.assertTrue(re.search(rf"mode = shadow +{self.cordon.config}:\d+ ", output), output)

    def history(self, *options):
        status, output, errors = self.cordon.command(
            "history", "--json", "--config", str(self.cordon.config), *options
        )
        self.assertIn(status, (0, 66), errors)
        return [json.loads(line) for line in output.splitlines()]

    def in_history(self, message):
        """What the history has of a message, once it has come."""
        return wait_until(
            lambda: self.history(messages.message_id_of(message)), 30, "the verdict in the history"
        )[0]

    def replayed(self, item, settings):
        """What replay says of one message under other settings: (exit status, changes)."""
        lines = self.cordon.config.read_text().rstrip("\n")
        other = self.cordon.directory / "other.conf"
        other.write_text(f"{lines}\n{settings}\n")
        status, output, errors = self.cordon.command("replay", "--json", "--config", str(other))
        self.assertIn(status, (0, 1), errors)
        changes = [json.loads(line) for line in output.splitlines()]
        self.assertGreaterEqual(changes[-1]["messages"], 1)
        return status, [change for change in changes[:-1] if change["id"] == item["id"]]

    def test_the_history_tells_what_was_decided_and_replay_what_would_be(self):
        message = messages.gtube()
        self.send(message, BOB, CAROL)
        item = self.in_history(message)
        self.assertEqual({d["to"]: d["action"] for d in item["decisions"]}[BOB], "quarantine")
        self.assertIn("GTUBE", [hit["rule"] for hit in item["hits"]])
        found = self.history("--to", BOB, "--rule", "GTUBE")
        self.assertEqual(found[0]["id"], item["id"])
        self.assertEqual(self.replayed(item, "")[1], [])
        status, changes = self.replayed(item, "[scores]\nGTUBE = 0.5")
        self.assertEqual(status, 1)
        found = [(change["to"], change["was"], change["now"]) for change in changes]
        self.assertEqual(found, [(BOB, "quarantine", "accept")])

    def test_a_person_is_erased_from_the_history(self):
        message = messages.clean()
        self.send(message, sender="erase.me@example.net")
        item = self.in_history(message)
        status, output, _ = self.cordon.command(
            "history", "--config", str(self.cordon.config), "--erase", "erase.me@example.net"
        )
        self.assertEqual((status, output), (0, "1 messages erased from the history\n"))
        self.assertEqual(self.history(item["id"]), [])
