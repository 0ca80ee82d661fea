// SPDX-License-Identifier: GPL-2.0-only
#include "milter/spam_headers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/builders.h"

namespace cordon {
namespace {

using test::a_verdict;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string value_of(const Verdict& verdict, const std::string& name, Action action = Action::tag) {
    Decision decision;
    decision.action = action;
    decision.score = verdict.score;
    for (const auto& [key, value] :
         spam_headers(verdict, decision, Policy{}, "67a1b2c3", "mx.example.org; none"))
        if (key == name) return value;
    return "none";
}

TEST(SpamHeaders, StateTheDecisionOfTheSite) {
    EXPECT_EQ(value_of(a_verdict(1), "X-Spam-Flag", Action::accept), "NO");
    EXPECT_EQ(value_of(a_verdict(1), "X-Spam-Flag", Action::tag), "YES");
    EXPECT_EQ(value_of(a_verdict(1), "X-Spam-Status", Action::accept),
              "No, score=1.0 required=4\n\ttests=none");
    EXPECT_EQ(value_of(a_verdict(1), "X-Cordon-Id"), "67a1b2c3");
    EXPECT_EQ(value_of(a_verdict(1), "Authentication-Results"), "mx.example.org; none");
}

TEST(SpamHeaders, HaveOneStarAPointUpToFifty) {
    EXPECT_EQ(value_of(a_verdict(-3), "X-Spam-Level"), "");
    EXPECT_EQ(value_of(a_verdict(3.9), "X-Spam-Level"), "***");
    EXPECT_EQ(value_of(a_verdict(5000), "X-Spam-Level"), std::string(50, '*'));
}

TEST(SpamHeaders, NameWhatDecidedBesideTheScore) {
    auto verdict = test::a_virus_verdict("Worm");
    verdict.unread = {{Unread::encrypted, ""},
                      {Unread::oversize, ""},
                      {Unread::unscanned, ""},
                      {Unread::scan_failed, ""}};
    EXPECT_THAT(value_of(verdict, "X-Spam-Status"),
                HasSubstr("tests=VIRUS,SCAN_FAILED,UNSCANNED,ENCRYPTED,OVERSIZE"));
}

Verdict with_rules(int count) {
    Verdict out;
    for (int i = 0; i < count; ++i)
        out.hits.push_back({"A_RULE_WITH_A_LONG_NAME_" + std::to_string(i), 0, "", ""});
    return out;
}

TEST(SpamHeaders, FoldALongListOfTests) {
    const auto status = value_of(with_rules(10), "X-Spam-Status");
    EXPECT_THAT(status, HasSubstr(",\n\tA_RULE"));
    for (std::size_t i = 0; i < status.size();) {
        const auto end = std::min(status.find('\n', i), status.size());
        EXPECT_LE(end - i, 110U);
        i = end + 1;
    }
}

TEST(SpamHeaders, StayBelowWhatSendmailTakes) {
    const auto status = value_of(with_rules(1000), "X-Spam-Status");
    EXPECT_LT(status.size(), 2000U);
    EXPECT_TRUE(status.ends_with(",...")) << "cut, and says so";
}

// ---- forged copies ----

std::vector<std::string> removed(std::initializer_list<HeaderLine> fields) {
    ForgedHeaders forged("MX.Example.org");
    for (const auto& [name, value] : fields) forged.see(name, value);
    std::vector<std::string> out;
    for (const auto& removal : forged.removals())
        out.push_back(removal.name + " " + std::to_string(removal.index));
    return out;
}

TEST(ForgedHeaders, AreFoundInAnyCaseFromTheLastToTheFirst) {
    EXPECT_THAT(
        removed({{"X-Spam-Flag", ""}, {"Subject", ""}, {"x-spam-flag", ""}, {"X-CORDON-ANY", ""}}),
        ElementsAre("X-CORDON-ANY 1", "x-spam-flag 2", "X-Spam-Flag 1"));
}

TEST(ForgedHeaders, AreNamedWithoutTheBlankBeforeTheColon) {
    EXPECT_THAT(removed({{"X-Spam-Flag", ""}, {"X-Spam-Flag \t", ""}}),
                ElementsAre("X-Spam-Flag 2", "X-Spam-Flag 1"));
}

TEST(ForgedHeaders, CountForeignFieldsOfTheSameName) {
    EXPECT_THAT(removed({{"Authentication-Results", " other.example; none"},
                         {"Authentication-Results", " mx.example.org; none"},
                         {"Authentication-Results", " third.example; none"}}),
                ElementsAre("Authentication-Results 2"));
}

TEST(ForgedHeaders, AreNotFieldsOfSimilarNames) {
    EXPECT_THAT(removed({{"X-Spam", ""},
                         {"X-Spam-Flags", ""},
                         {"X-Cordon", ""},
                         {"Y-X-Spam-Flag", ""},
                         {"ARC-Authentication-Results", " mx.example.org"}}),
                IsEmpty());
}

struct ServiceName {
    const char* value;
    const char* id;
};

class AuthservId : public ::testing::TestWithParam<ServiceName> {};

TEST_P(AuthservId, IsReadAsRfc8601WritesIt) {
    EXPECT_EQ(authserv_id_of(GetParam().value), GetParam().id);
}

INSTANTIATE_TEST_SUITE_P(
    AuthservIdOf, AuthservId,
    ::testing::Values(ServiceName{"mx.example.org; none", "mx.example.org"},
                      ServiceName{" MX.Example.ORG 1; none", "mx.example.org"},
                      ServiceName{"\n\tmx.example.org;", "mx.example.org"},
                      ServiceName{"mx.example.org(c); x", "mx.example.org"},
                      ServiceName{"(a(b)\\)c) (d) mx.example.org", "mx.example.org"},
                      ServiceName{"\"mx.example.org\"; x", "mx.example.org"},
                      ServiceName{"\"mx\\.example.org\"", "mx.example.org"},
                      ServiceName{"\"mx.example.org", "mx.example.org"}, ServiceName{"", ""},
                      ServiceName{"(mx.example.org", ""}, ServiceName{"; none", ""},
                      ServiceName{"\"", ""}, ServiceName{"(\\", ""}));

}  // namespace
}  // namespace cordon
