// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quarantine/doctor/checks.h"
#include "quarantine/review/review_status.h"

namespace cordon {
namespace {

using testing::HasSubstr;

constexpr std::int64_t kNow = 1'800'000'000;

Configuration a_configuration() {
    Configuration out;
    out.quarantine.mailbox = "quarantine@example.org";
    out.quarantine.imap_url = "imaps://imap.example.org";
    return out;
}

ReviewStatus a_status() {
    ReviewStatus out;
    out.is_connected = true;
    out.items = 12;
    out.swept_at = kNow - 300;
    return out;
}

TEST(ReviewFindings, AreGoodWhereAllWorks) {
    const auto found = review_findings(a_status(), a_configuration(), kNow);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].health, Health::good);
    EXPECT_EQ(found[0].what, "12 items, 0 on their way");
}

TEST(ReviewFindings, NameTheTroubleAndARemedyForIt) {
    for (const auto& [problem, remedy] :
         {std::pair{"login refused: NO; see [quarantine] imap-user and imap-password-file",
                    "imap-password-file"},
          {"APPEND: NO [OVERQUOTA] Quota exceeded", "room"},
          {"the certificate is refused: certificate has expired", "renew"},
          {"the folder Quarantine/Spam is read-only for q", "rights"},
          {"the probe did not arrive in INBOX within 60 s", "cordon quarantine probe"},
          {"connection refused", "vault"}}) {
        auto status = a_status();
        status.problem = problem;
        const auto found = review_findings(status, a_configuration(), kNow);
        ASSERT_EQ(found.size(), 1U);
        EXPECT_EQ(found[0].health, Health::error);
        EXPECT_THAT(found[0].what, HasSubstr(problem));
        EXPECT_THAT(found[0].remedy, HasSubstr(remedy));
    }
}

TEST(ReviewFindings, DoNotBelieveAStatusThatNobodyRenews) {
    auto status = a_status();
    status.swept_at = kNow - 3600;
    const auto found = review_findings(status, a_configuration(), kNow);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].health, Health::error);
    EXPECT_THAT(found[0].what, HasSubstr("has not looked into the mailbox since 2027-01-15"));
}

TEST(ReviewFindings, TellOfAMailboxThatTheMtaDoesNotReach) {
    auto status = a_status();
    status.missed = 3;
    const auto found = review_findings(status, a_configuration(), kNow);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].health, Health::error);
    EXPECT_THAT(found[0].what, HasSubstr("did not bring the last 3 held messages"));
}

TEST(ReviewFindings, TellOfNoConnectionAndOfForeignMail) {
    auto status = a_status();
    status.is_connected = false;
    status.foreign = 2;
    const auto found = review_findings(status, a_configuration(), kNow);
    ASSERT_EQ(found.size(), 2U);
    EXPECT_THAT(found[0].what, HasSubstr("not connected to imaps://imap.example.org"));
    EXPECT_EQ(found[1].health, Health::note);
}

}  // namespace
}  // namespace cordon
