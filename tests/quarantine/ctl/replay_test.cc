// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/ctl/replay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quarantine/ctl/history_view.h"
#include "tests/support/builders.h"
#include "tests/support/matchers.h"

namespace cordon {
namespace {

using test::a_catalogue;
using test::a_configuration;
using test::an_analysis;
using test::IsOk;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

SnapshotPtr a_snapshot(const std::string& options) {
    auto out = make_snapshot(a_configuration("[quarantine]\nmailbox = q@example.org\n" + options),
                             a_catalogue({{"TWO", 2}, {"FIVE", 5}}));
    EXPECT_THAT(out, IsOk());
    return *out;
}

/// Hits TWO and FIVE, held for both recipients by the default policy.
HistoryEntry a_held_entry() {
    Evidence evidence;
    evidence.envelope.mail_from = "a@example.net";
    evidence.content = an_analysis({"TWO", "FIVE"});
    HistoryEntry out;
    out.record = history_of(evidence, judge(evidence, a_snapshot("")->catalogue));
    out.record.id = "6924d1c51f0a9b3c7d";
    out.record.received_at = 1'790'000'000;
    out.record.recipients = 2;
    for (const char* const to : {"alice@example.org", "bob@example.org"}) {
        HistoryDecision decision;
        decision.recipient = to;
        decision.action = decision.wanted = decision.wish = Action::quarantine;
        decision.score = out.record.score;
        out.record.decisions.push_back(decision);
    }
    return out;
}

TEST(Replay, OfTheSameConfigurationChangesNothing) {
    EXPECT_THAT(replay(a_held_entry().record, *a_snapshot("")), IsEmpty());
}

TEST(Replay, TriesScoresThresholdsAndPolicies) {
    const auto record = a_held_entry().record;
    EXPECT_EQ(replay(record, *a_snapshot("[scores]\nFIVE = 1\n")).at(0).now, Action::accept);
    EXPECT_EQ(replay(record, *a_snapshot("[policy]\nquarantine = 8\n")).at(1).now, Action::tag);
    EXPECT_EQ(replay(record, *a_snapshot("[milter]\nmode = tag-only\n")).at(0).now, Action::tag);
    const auto changes = replay(record, *a_snapshot("[user.bob@example.org]\nquarantine = off\n"
                                                    "reject = off\n"));
    ASSERT_EQ(changes.size(), 1U);
    EXPECT_EQ(changes[0].recipient, "bob@example.org");
    EXPECT_EQ(changes[0].was_score, 7);
}

TEST(Replay, SumsUpWhatChangesAndWhatPeopleHadMadeOfIt) {
    auto entry = a_held_entry();
    entry.feedback = Feedback::released;
    ReplaySummary summary;
    summary.add(entry, replay(entry.record, *a_snapshot("[policy]\nreject = 6.5\n")));
    summary.add(a_held_entry(), {});
    EXPECT_EQ(summary.messages, 2U);
    EXPECT_EQ(summary.changed, 2U);
    const auto text = summary_text(summary);
    EXPECT_THAT(text, HasSubstr("4 recipients: 2 would get another decision"));
    EXPECT_THAT(text, HasSubstr("quarantine -> reject            2   2 released by people"));
}

TEST(HistoryView, LinesFitTheTerminalWhateverASenderWrote) {
    auto entry = a_held_entry();
    entry.record.mail_from =
        "\x1b[31m\xe6\xbc\xa2\xe5\xad\x97" + std::string(300, 'x') + "\n@example.net";
    for (const std::size_t columns : {72U, 80U, 200U}) {
        const auto line = history_line(entry, columns);
        EXPECT_LE(line.size(), columns + 20);  // wide and cut characters take more bytes
        EXPECT_THAT(line, Not(HasSubstr("\x1b")));
        EXPECT_THAT(line, Not(HasSubstr("\n")));
        ReplayChange change{"bob@example.org", Action::accept, Action::reject, 1, 17, ""};
        EXPECT_LE(replay_line(entry, change, columns).size(), columns + 20);
    }
    EXPECT_THAT(history_text(entry), Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace cordon
