// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include "scoring/judge/verdict.h"
#include "tests/support/builders.h"

namespace cordon {
namespace {

using test::a_policy;
using test::a_verdict;
using test::a_virus_verdict;
using test::an_unread_verdict;
using test::clean_evidence;

constexpr Circumstances kUsual{true, false};

Decision decided(const Verdict& verdict, const Policy& policy = a_policy(4, 6, 15),
                 const Circumstances& circumstances = kUsual) {
    return decide(verdict, clean_evidence(), policy, circumstances);
}

struct Step {
    double score;
    Action action;
};

class DecideByScore : public ::testing::TestWithParam<Step> {};

TEST_P(DecideByScore, FollowsTheThresholds) {
    EXPECT_EQ(decided(a_verdict(GetParam().score)).action, GetParam().action);
}

INSTANTIATE_TEST_SUITE_P(Decide, DecideByScore,
                         ::testing::Values(Step{-20, Action::accept}, Step{3.999, Action::accept},
                                           Step{4, Action::tag}, Step{5.999, Action::tag},
                                           Step{6, Action::quarantine},
                                           Step{14.999, Action::quarantine},
                                           Step{15, Action::reject}, Step{1000, Action::reject}));

TEST(Decide, NeverReachesAThresholdThatIsOff) {
    Policy policy;
    policy.quarantine = {};
    policy.reject = {};
    EXPECT_EQ(decided(a_verdict(1'000'000), policy).action, Action::tag);
}

TEST(Decide, GivesTheScoreAsReason) {
    EXPECT_EQ(decided(a_verdict(6.5)).reason, "score 6.5");
}

// ---- viruses ----

TEST(Decide, RefusesAVirusHoweverGoodTheScore) {
    auto verdict = a_virus_verdict("Worm");
    verdict.score = -50;
    const auto decision = decided(verdict);
    EXPECT_EQ(decision.action, Action::reject);
    EXPECT_EQ(decision.reason, "virus Worm");
}

TEST(Decide, NamesTheVirusWhateverElseWasWrong) {
    auto verdict = a_virus_verdict("Worm");
    verdict.unread.push_back({Unread::scan_failed, "no worker"});
    verdict.score = 20;
    EXPECT_EQ(decided(verdict).reason, "virus Worm");
    EXPECT_EQ(decided(verdict).action, Action::reject) << "not deferred: the sender may know now";
}

TEST(Decide, DoesNotSoftenARefusalForAVirusThatIsHeld) {
    auto verdict = a_virus_verdict("Worm");
    verdict.score = 20;
    auto policy = a_policy(4, 6, 15);
    policy.virus = Action::quarantine;
    EXPECT_EQ(decided(verdict, policy).action, Action::reject);
}

TEST(Decide, RefusesAVirusThatCannotBeHeld) {
    auto policy = a_policy(4, 6, 15);
    policy.virus = Action::quarantine;
    EXPECT_EQ(decided(a_virus_verdict("Worm"), policy, {false, false}).action, Action::reject);
    EXPECT_EQ(decided(a_virus_verdict("Worm"), policy,
                      {.has_quarantine = true, .is_quarantine_address = true})
                  .action,
              Action::reject);
}

// ---- what was not read ----

struct UnreadCase {
    Unread kind;
    Action shipped;
};

class DecideUnread : public ::testing::TestWithParam<UnreadCase> {};

TEST_P(DecideUnread, HasItsOwnShippedAction) {
    const auto decision = decided(an_unread_verdict(GetParam().kind), Policy{});
    EXPECT_EQ(decision.action, GetParam().shipped);
    EXPECT_EQ(decision.reason, std::string(unread_name(GetParam().kind)) + ": for a reason");
}

INSTANTIATE_TEST_SUITE_P(Decide, DecideUnread,
                         ::testing::Values(UnreadCase{Unread::scan_failed, Action::defer},
                                           UnreadCase{Unread::unscanned, Action::quarantine},
                                           UnreadCase{Unread::encrypted, Action::tag},
                                           UnreadCase{Unread::oversize, Action::quarantine}));

TEST(Decide, FollowsThePolicyForWhatWasNotRead) {
    Policy policy;
    policy.encrypted = Action::reject;
    policy.unscanned = Action::accept;
    EXPECT_EQ(decided(an_unread_verdict(Unread::encrypted), policy).action, Action::reject);
    EXPECT_EQ(decided(an_unread_verdict(Unread::unscanned), policy).action, Action::accept);
}

TEST(Decide, RefusesSpamAlthoughAScanFailed) {
    auto verdict = an_unread_verdict(Unread::scan_failed);
    verdict.score = 20;
    EXPECT_EQ(decided(verdict).action, Action::reject);
}

TEST(Decide, DefersRatherThanHoldsWhatItDidNotRead) {
    auto verdict = an_unread_verdict(Unread::scan_failed);
    verdict.score = 7;
    verdict.unread.push_back({Unread::unscanned, "limit"});
    const auto decision = decided(verdict);
    EXPECT_EQ(decision.action, Action::defer);
    EXPECT_EQ(decision.reason, "scan-failed: for a reason");
}

// ---- lists ----

Decision with_deny(const std::string& entry, const std::string& mail_from,
                   const std::string& from) {
    auto evidence = clean_evidence();
    evidence.envelope.mail_from = mail_from;
    evidence.content->from_address = from;
    evidence.content->from_domain = from.substr(from.find('@') + 1);
    Policy policy;
    policy.deny = *parse_value<AddressList>(entry);
    return decide(a_verdict(0), evidence, policy, kUsual);
}

TEST(Decide, HoldsMailOfADeniedSender) {
    const auto decision = with_deny("EVE@example.net", "eve@Example.NET", "bob@example.com");
    EXPECT_EQ(decision.action, Action::quarantine);
    EXPECT_EQ(decision.reason, "sender on the deny list");
}

TEST(Decide, HoldsMailOfADeniedDomainByEnvelopeOrAuthor) {
    EXPECT_EQ(with_deny("example.net", "x@example.net", "bob@example.com").action,
              Action::quarantine);
    EXPECT_EQ(with_deny("example.net", "bounce@example.com", "x@Example.net").action,
              Action::quarantine);
}

TEST(Decide, DeniesNobodyElse) {
    EXPECT_EQ(with_deny("example.net", "x@sub.example.net", "x@example.net.example.com").action,
              Action::accept);
    EXPECT_EQ(with_deny("eve@example.net", "eva@example.net", "").action, Action::accept);
    EXPECT_EQ(with_deny("example.net", "", "").action, Action::accept);
}

// ---- directions ----

Decision in_direction(Direction direction, double score) {
    auto verdict = a_verdict(score);
    verdict.direction = direction;
    return decided(verdict);
}

TEST(Decide, RefusesOutboundSpamInsteadOfHoldingIt) {
    EXPECT_EQ(in_direction(Direction::outbound, 7).action, Action::reject);
    EXPECT_EQ(in_direction(Direction::outbound, 5).action, Action::accept)
        << "tags are for inbound mail";
}

TEST(Decide, HoldsSpamFromATrustedRelayInsteadOfRefusingIt) {
    EXPECT_EQ(in_direction(Direction::relayed, 20).action, Action::quarantine);
    EXPECT_EQ(in_direction(Direction::relayed, 5).action, Action::tag);
}

TEST(Decide, RefusesOutboundViruses) {
    auto verdict = a_virus_verdict("Worm");
    verdict.direction = Direction::outbound;
    EXPECT_EQ(decided(verdict).action, Action::reject);
}

// ---- modes and circumstances ----

TEST(Decide, AcceptsEverythingInShadowMode) {
    Policy shadow;
    shadow.mode = Mode::shadow;
    EXPECT_EQ(decided(a_verdict(20), shadow).action, Action::accept);
    EXPECT_EQ(decided(a_virus_verdict("Worm"), shadow).action, Action::accept);
    EXPECT_EQ(decided(an_unread_verdict(Unread::scan_failed), shadow).action, Action::accept);
    EXPECT_EQ(decided(a_verdict(20), shadow).reason, "score 20") << "the log still says why";
}

TEST(Decide, TellsInShadowModeWhatEnforcingWouldDo) {
    Policy shadow;
    shadow.mode = Mode::shadow;
    EXPECT_EQ(decided(a_verdict(20), shadow).wish, Action::reject);
    EXPECT_EQ(decided(a_verdict(7), shadow).wish, Action::quarantine);
    EXPECT_EQ(decided(a_verdict(7), shadow, {false, false}).wish, Action::tag);
    EXPECT_EQ(decided(a_virus_verdict("Worm"), shadow).wish, Action::reject);
}

TEST(Decide, OnlyTagsInTagOnlyModeExceptViruses) {
    Policy tag_only;
    tag_only.mode = Mode::tag_only;
    EXPECT_EQ(decided(a_verdict(20), tag_only).action, Action::tag);
    EXPECT_EQ(decided(a_verdict(0), tag_only).action, Action::accept);
    EXPECT_EQ(decided(an_unread_verdict(Unread::scan_failed), tag_only).action, Action::tag);
    EXPECT_EQ(decided(a_virus_verdict("Worm"), tag_only).action, Action::reject);
}

TEST(Decide, TagsInsteadOfHoldingWithoutAQuarantine) {
    EXPECT_EQ(decided(a_verdict(7), {}, {false, false}).action, Action::tag);
    EXPECT_EQ(decided(a_verdict(20), {}, {false, false}).action, Action::reject);
}

TEST(Decide, TagsInsteadOfHoldingMailToTheQuarantineItself) {
    EXPECT_EQ(
        decided(a_verdict(7), {}, {.has_quarantine = true, .is_quarantine_address = true}).action,
        Action::tag);
}

// ---- scores of a policy, and scores and thresholds on trial ----

Verdict verdict_with_hits() {
    Verdict out;
    out.hits = {{"FIVE", 5, "", "", 5}, {"NEW", 0, "", "", 3}};
    out.score = 5;
    return out;
}

TEST(Decide, UsesThePolicysOwnScores) {
    Policy policy;
    policy.scores = *parse_value<ScoreList>("FIVE=1.5 OTHER=9");
    const auto decision = decided(verdict_with_hits(), policy);
    EXPECT_EQ(decision.score, 1.5);
    EXPECT_EQ(decision.action, Action::accept);
    EXPECT_EQ(decision.reason, "score 1.5");
}

TEST(Decide, TellsWhatScoresOnTrialWouldDoAndDoesNotDoIt) {
    const auto decision = decided(verdict_with_hits(), Policy{});
    EXPECT_EQ(decision.action, Action::tag);
    EXPECT_EQ(decision.trial_score, 8);
    EXPECT_EQ(decision.trial, Action::quarantine);
}

TEST(Decide, TellsWhatThresholdsOnTrialWouldDo) {
    Policy policy;
    policy.shadow_thresholds = *parse_value<Thresholds>("1 2 3");
    const auto decision = decided(verdict_with_hits(), policy);
    EXPECT_EQ(decision.action, Action::tag);
    EXPECT_EQ(decision.trial, Action::reject);
}

TEST(Decide, HasNothingOnTrialByDefault) {
    EXPECT_FALSE(decided(a_verdict(7)).trial);
}

// ---- files that nobody wants ----

Decision with_file(const FileFact& file, const std::string& blocked, Action action) {
    Policy policy;
    policy.blocked_files = *parse_value<WordList>(blocked);
    policy.blocked = action;
    Evidence evidence;
    evidence.content.emplace();
    evidence.content->files.push_back(file);
    return decide(a_verdict(0), evidence, policy, {true, false, false});
}

TEST(Decide, HoldsMailWithAFileWhoseExtensionIsBlocked) {
    const FileFact file{"iso", "application/x-iso9660-image", "scan.ISO"};
    const auto decision = with_file(file, "exe .iso", Action::quarantine);
    EXPECT_EQ(decision.action, Action::quarantine);
    EXPECT_EQ(decision.reason, "blocked file: scan.ISO (application/x-iso9660-image)");
    EXPECT_EQ(decision.cause, Cause::denied);
    EXPECT_EQ(with_file(file, "*.iso", Action::reject).action, Action::reject);
}

TEST(Decide, BlocksByMediaTypeToo) {
    const FileFact file{"dat", "application/java-archive", "a.dat"};
    EXPECT_EQ(with_file(file, "application/java-archive", Action::reject).action, Action::reject);
    EXPECT_EQ(with_file(file, "application/*", Action::reject).action, Action::reject);
    EXPECT_EQ(with_file(file, "app", Action::reject).action, Action::accept);
    EXPECT_EQ(with_file(file, "jar, image/*", Action::reject).action, Action::accept);
}

TEST(Decide, BlocksNoFileByDefault) {
    EXPECT_EQ(with_file({"exe", "application/x-msdownload", "a.exe"}, "", Action::reject).action,
              Action::accept);
}

// ---- what a refused sender is told ----

TEST(Decide, NamesTheCauseOfWhatIsDone) {
    EXPECT_EQ(decided(a_verdict(20)).cause, Cause::score);
    EXPECT_EQ(decided(a_virus_verdict("Worm")).cause, Cause::virus);
    EXPECT_EQ(decided(an_unread_verdict(Unread::unscanned)).cause, Cause::unscanned);
    EXPECT_EQ(with_deny("example.net", "x@example.net", "").cause, Cause::denied);
}

}  // namespace
}  // namespace cordon
