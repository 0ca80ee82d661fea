// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quarantine/doctor/checks.h"
#include "tests/support/builders.h"
#include "tests/support/temporary_directory.h"

namespace cordon {
namespace {

using ::testing::HasSubstr;

constexpr const char* kGoodMilter =
    "smtpd_milters = { unix:cordon/milter.sock, content_timeout=120s, default_action=tempfail }\n"
    "message_size_limit = 10240000\nsmtpd_forbid_bare_newline = yes\n";
constexpr const char* kGoodMaster = "smtp inet n - y - - smtpd\n";

Findings examine(const std::string& main, const std::string& master = kGoodMaster,
                 const std::string& options = "") {
    const test::TemporaryDirectory directory;
    directory.write("main.cf", main);
    directory.write("master.cf", master);
    const auto postfix = PostfixConfig::read(directory.path());
    EXPECT_TRUE(postfix) << postfix.error().what;
    Findings out;
    const auto c = test::a_configuration(options);
    check_postfix(*c, *postfix, out);
    check_release(*c, *postfix, out);
    return out;
}

/// The one finding that is worse than a note.
Finding trouble(const Findings& findings) {
    Finding out;
    int count = 0;
    for (const auto& finding : findings)
        if (finding.health != Health::good && finding.health != Health::note) {
            out = finding;
            ++count;
        }
    EXPECT_EQ(count, 1) << (count > 0 ? out.what : "nothing was found");
    return out;
}

TEST(DoctorPostfix, HasNothingToSayOfTheShippedLine) {
    EXPECT_EQ(exit_code_of(examine(kGoodMilter)), 0);
}

TEST(DoctorPostfix, KnowsTheClashOfResultsWithAMilterBefore) {
    const std::string first = "smtpd_milters = unix:cordon/milter.sock\n";
    const std::string second = "smtpd_milters = inet:127.0.0.1:8891, unix:cordon/milter.sock\n";
    const std::string keeps = "[auth]\nkeep-local-results = yes\n";
    const auto of_results = [](const Findings& findings) {
        for (const auto& finding : findings)
            if (finding.subject == "postfix: results") return finding;
        return Finding{};
    };
    EXPECT_EQ(of_results(examine(first)).what, "");
    EXPECT_EQ(of_results(examine(second, kGoodMaster, keeps)).what, "");
    EXPECT_EQ(of_results(examine(second)).health, Health::note);
    const auto forged = of_results(examine(first, kGoodMaster, keeps));
    EXPECT_EQ(forged.health, Health::error);
    EXPECT_EQ(forged.remedy, "[auth] keep-local-results = no");
}

TEST(DoctorPostfix, FindsThatMailPassesUnseen) {
    const auto found = trouble(examine("message_size_limit = 10240000\n"));
    EXPECT_EQ(found.health, Health::error);
    EXPECT_THAT(found.remedy, HasSubstr("smtpd_milters = { unix:cordon/milter.sock, "));
}

TEST(DoctorPostfix, FindsAPathThatTheChrootHides) {
    const auto found =
        trouble(examine("smtpd_milters = unix:/var/spool/postfix/cordon/milter.sock\n"));
    EXPECT_EQ(found.subject, "postfix: chroot");
    EXPECT_THAT(found.remedy, HasSubstr("main.cf:1: unix:cordon/milter.sock"));
}

TEST(DoctorPostfix, TakesAFullPathWithoutAChroot) {
    EXPECT_EQ(exit_code_of(examine("smtpd_milters = unix:/var/spool/postfix/cordon/milter.sock\n",
                                   "smtp inet n - n - - smtpd\n")),
              0);
}

TEST(DoctorPostfix, FindsADefaultActionThatLetsMailPass) {
    const auto found =
        trouble(examine("milter_default_action = accept\n"
                        "smtpd_milters = unix:cordon/milter.sock\n"));
    EXPECT_EQ(found.subject, "postfix: default action");
    EXPECT_THAT(found.remedy, HasSubstr("main.cf:2: { unix:cordon/milter.sock, "));
}

TEST(DoctorPostfix, FindsATimeoutShorterThanOurDeadline) {
    const auto found = trouble(
        examine("smtpd_milters = { unix:cordon/milter.sock, content_timeout=$x }\nx = 1m\n"));
    EXPECT_EQ(found.subject, "postfix: content timeout");
    EXPECT_THAT(found.remedy, HasSubstr("content_timeout=120s"));
}

TEST(DoctorPostfix, FindsMessagesLargerThanWeReadInFull) {
    const auto found =
        trouble(examine("smtpd_milters = unix:cordon/milter.sock\n"
                        "message_size_limit = 0\n"));
    EXPECT_THAT(found.remedy, HasSubstr("main.cf:2: message_size_limit = 52428800"));
}

TEST(DoctorPostfix, FindsBareNewlinesThatAreAllowed) {
    const auto found =
        trouble(examine("smtpd_milters = unix:cordon/milter.sock\n"
                        "smtpd_forbid_bare_newline = no\n"));
    EXPECT_THAT(found.remedy, HasSubstr("main.cf:2: smtpd_forbid_bare_newline = yes"));
}

TEST(DoctorPostfix, FindsAMilterThatChangesMailBeforeUs) {
    EXPECT_EQ(
        trouble(examine("smtpd_milters = inet:127.0.0.1:8891, unix:cordon/milter.sock\n")).subject,
        "postfix: order");
}

TEST(DoctorPostfix, ReadsWhatAServiceOverrides) {
    EXPECT_EQ(exit_code_of(examine(
                  "# nothing\n",
                  "smtp inet n - y - - smtpd\n  -o { smtpd_milters = unix:cordon/milter.sock }\n")),
              0);
}

TEST(DoctorPostfix, KnowsATcpSocket) {
    EXPECT_EQ(exit_code_of(examine("smtpd_milters = inet:127.0.0.1:8899\n", kGoodMaster,
                                   "[milter]\nsocket = inet:8899@127.0.0.1\n")),
              0);
}

constexpr const char* kRelease = "[quarantine]\nrelease-via = smtp://127.0.0.1:10035\n";

TEST(DoctorRelease, TakesTheListenerOfTheDocuments) {
    const auto master = std::string(kGoodMaster) +
                        "127.0.0.1:10035 inet n - n - - smtpd\n"
                        "  -o local_header_rewrite_clients=\n";
    EXPECT_EQ(exit_code_of(examine(kGoodMilter, master, kRelease)), 0);
}

TEST(DoctorRelease, FindsThatNobodyListens) {
    EXPECT_THAT(trouble(examine(kGoodMilter, kGoodMaster, kRelease)).what,
                HasSubstr("no smtpd listens at port 10035"));
}

TEST(DoctorRelease, FindsAListenerThatEverybodyReaches) {
    const auto master =
        std::string(kGoodMaster) + "10035 inet n - n - - smtpd -o local_header_rewrite_clients=\n";
    EXPECT_THAT(trouble(examine(kGoodMilter, master, kRelease)).what, HasSubstr("beyond loopback"));
}

TEST(DoctorRelease, FindsHeaderFieldsThatAreRewritten) {
    const auto master = std::string(kGoodMaster) + "127.0.0.1:10035 inet n - n - - smtpd\n";
    EXPECT_THAT(trouble(examine(kGoodMilter, master, kRelease)).remedy,
                HasSubstr("master.cf:2: -o local_header_rewrite_clients="));
}

TEST(PostfixConfigFile, JoinsContinuedLinesOverComments) {
    const auto lines = postfix_lines("a = 1,\n# no\n\n  2\nb = 3\n");
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_EQ(lines[0].second, "a = 1, 2");
    EXPECT_EQ(lines[1].first, 5U);
}

TEST(PostfixConfigFile, EndsACircleOfNames) {
    EXPECT_EQ(exit_code_of(examine("smtpd_milters = $a\na = ${b}\nb = $(a)\n")), 2);
}

TEST(PostfixSeconds, ReadsEveryUnit) {
    EXPECT_EQ(postfix_seconds("30", 1), 30);
    EXPECT_EQ(postfix_seconds("5m", 1), 300);
    EXPECT_EQ(postfix_seconds("1w", 1), 604800);
    EXPECT_EQ(postfix_seconds("soon", 7), 7);
}

}  // namespace
}  // namespace cordon
