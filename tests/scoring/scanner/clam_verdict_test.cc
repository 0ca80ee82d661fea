// SPDX-License-Identifier: GPL-2.0-only
// What the names and codes of libclamav become.
#include "scoring/scanner/clam_verdict.h"

#include <gtest/gtest.h>

namespace cordon {
namespace {

AntivirusResult verdict_on(cl_error_t code, const std::string& alert,
                           const io_guard::Failures& failures = {}, bool is_private = true) {
    AntivirusResult out;
    add_outcome({code, alert, failures}, is_private, out);
    return out;
}

TEST(ClamVerdict, NamesAVirus) {
    const auto result = verdict_on(CL_VIRUS, "Win.Test.EICAR_HDB-1");
    EXPECT_EQ(result.virus, "Win.Test.EICAR_HDB-1");
    EXPECT_TRUE(result.hits.empty());
    EXPECT_TRUE(result.unread.empty());
}

TEST(ClamVerdict, IsEmptyForACleanObject) {
    const auto result = verdict_on(CL_CLEAN, "");
    EXPECT_TRUE(result.virus.empty());
    EXPECT_TRUE(result.hits.empty());
    EXPECT_TRUE(result.unread.empty());
}

struct Alert {
    const char* alert;
    const char* rule;  // empty: a reason
    Unread kind;
};

class ClamAlert : public ::testing::TestWithParam<Alert> {};

TEST_P(ClamAlert, IsAScoreOrAReasonAndNoVirus) {
    const auto result = verdict_on(CL_VIRUS, GetParam().alert);
    EXPECT_TRUE(result.virus.empty());
    if (*GetParam().rule != '\0') {
        ASSERT_EQ(result.hits.size(), 1U);
        EXPECT_EQ(result.hits[0].rule, GetParam().rule);
        EXPECT_EQ(result.hits[0].detail, GetParam().alert);
        EXPECT_TRUE(result.unread.empty());
    } else {
        EXPECT_TRUE(result.hits.empty());
        ASSERT_EQ(result.unread.size(), 1U);
        EXPECT_EQ(result.unread[0].kind, GetParam().kind);
    }
}

INSTANTIATE_TEST_SUITE_P(
    Names, ClamAlert,
    ::testing::Values(Alert{"Heuristics.OLE2.ContainsMacros.VBA", "CLAM_MACROS", {}},
                      Alert{"Heuristics.Phishing.Email.SpoofedDomain", "CLAM_PHISHING_SPOOFED", {}},
                      Alert{"Heuristics.Phishing.Email.Whatever", "CLAM_PHISHING", {}},
                      Alert{"PUA.Win.Packer.Upx-4", "CLAM_PUA", {}},
                      Alert{"Heuristics.Limits.Exceeded.MaxRecursion", "", Unread::unscanned},
                      Alert{"Heuristics.Limits.Exceeded.MaxFileSize", "", Unread::unscanned},
                      Alert{"Heuristics.Encrypted.Zip", "", Unread::encrypted},
                      Alert{"Heuristics.Encrypted.PDF", "", Unread::encrypted}));

TEST(ClamVerdict, IsOurFaultWhenACallFailedUnderACleanCode) {
    const io_guard::Failures failures{2, 0, 0, 5, "write"};
    const auto result = verdict_on(CL_CLEAN, "", failures);
    ASSERT_EQ(result.unread.size(), 1U);
    EXPECT_EQ(result.unread[0].kind, Unread::scan_failed);
    EXPECT_EQ(result.unread[0].detail, "write: Input/output error (2 failures)");
}

TEST(ClamVerdict, BlamesTheMessageThatFillsItsOwnSpaceAndUsWhenItIsShared) {
    const io_guard::Failures failures{1, 1, 0, 28, "write"};
    EXPECT_EQ(verdict_on(CL_CLEAN, "", failures, true).unread.at(0).kind, Unread::unscanned);
    EXPECT_EQ(verdict_on(CL_CLEAN, "", failures, false).unread.at(0).kind, Unread::scan_failed);
}

TEST(ClamVerdict, BlamesTheMessageForMemory) {
    const io_guard::Failures failures{0, 0, 1, 12, "mmap"};
    EXPECT_EQ(verdict_on(CL_CLEAN, "", failures).unread.at(0).kind, Unread::unscanned);
}

TEST(ClamVerdict, NeverTakesAnErrorCodeForClean) {
    for (int code = CL_VIRUS + 1; code < CL_ELAST_ERROR; ++code) {
        const auto result = verdict_on(static_cast<cl_error_t>(code), "");
        EXPECT_EQ(result.unread.size(), 1U) << code;
    }
    EXPECT_EQ(verdict_on(CL_ETIMEOUT, "").unread.at(0).kind, Unread::unscanned);
    EXPECT_EQ(verdict_on(CL_EWRITE, "").unread.at(0).kind, Unread::scan_failed);
}

AntivirusResult verdict_by(const SignatureMap& map, const std::string& alert) {
    AntivirusResult out;
    add_outcome({CL_VIRUS, alert, {}}, true, out, map);
    return out;
}

TEST(ClamVerdict, FollowsTheAdministratorOnSignatures) {
    const SignatureMap map = {{"Sane.*", SignatureEntry::Meaning::score, 4},
                              {"Sane.False-1", SignatureEntry::Meaning::ignore},
                              {"Heuristics.Phishing.*", SignatureEntry::Meaning::virus}};
    const auto scored = verdict_by(map, "Sane.Spam-7.UNOFFICIAL");
    ASSERT_EQ(scored.hits.size(), 1U);
    EXPECT_EQ(scored.hits[0].rule, "SIGNATURE_SANE");
    EXPECT_EQ(scored.hits[0].detail, "Sane.Spam-7.UNOFFICIAL");
    EXPECT_EQ(scored.virus, "");
    const auto ignored = verdict_by(map, "Sane.False-1.UNOFFICIAL");
    EXPECT_TRUE(ignored.hits.empty() && ignored.unread.empty() && ignored.virus.empty());
    EXPECT_EQ(verdict_by(map, "Heuristics.Phishing.URL").virus, "Heuristics.Phishing.URL");
    EXPECT_EQ(verdict_by(map, "Win.Other-1").virus, "Win.Other-1");
}

TEST(ClamVerdict, LetsNobodyCallUnreadContentClean) {
    const SignatureMap map = {{"Heur*", SignatureEntry::Meaning::ignore}};
    EXPECT_EQ(verdict_by(map, "Heuristics.Limits.Exceeded.MaxFiles").unread.size(), 1U);
    EXPECT_EQ(verdict_by(map, "Heuristics.Encrypted.Zip").unread.size(), 1U);
}

TEST(ClamVerdict, CountsTheSameReasonOfManyPartsOnce) {
    AntivirusResult result;
    for (int i = 0; i < 3; ++i)
        add_outcome({CL_VIRUS, "Heuristics.Encrypted.Zip", {}}, true, result);
    EXPECT_EQ(result.unread.size(), 1U);
}

}  // namespace
}  // namespace cordon
