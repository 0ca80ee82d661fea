// SPDX-License-Identifier: GPL-2.0-only
// The small part of tests/figures/flip_bytes.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/flips.h"

namespace cordon {
namespace {

using ::testing::IsEmpty;

TEST(SignatureFlips, LetNothingPassThatIsSignedAndChanged) {
    const auto samples = test::signed_samples();
    ASSERT_EQ(samples.size(), 20U);
    // One of each form and each trick; all of them with all bits is what flip_bytes does.
    for (const std::size_t i : {0U, 3U, 5U, 6U, 8U, 13U, 16U, 19U}) {
        const auto count = test::flip_every_byte(samples.at(i), {0x20});
        EXPECT_THAT(count.wrong, IsEmpty());
        EXPECT_GT(count.passes, 30U) << samples[i].name << ": fields that are not signed";
        EXPECT_GT(count.flips, 2 * count.passes) << samples[i].name;
    }
}

TEST(SignedText, LeavesOutOnlyWhatNoSignatureCovers) {
    test::Coverage coverage;
    coverage.names = {"from"};
    const std::string message =
        "DKIM-Signature: h=from; b=abc; x=1\r\nFROM : a  b\r\n\tc \r\n\r\nx \r\n\r\n";
    EXPECT_EQ(test::signed_text(message, coverage),
              "from:a b c\r\ndkim-signature:h=from; b=; x=1\r\n\r\nx\r\n");
    coverage.is_header_relaxed = coverage.is_body_relaxed = false;
    EXPECT_EQ(test::signed_text(message, coverage),
              "FROM : a  b\r\n\tc \r\nDKIM-Signature: h=from; b=; x=1\r\n\r\nx \r\n");
    EXPECT_FALSE(test::signed_text("From: a\r\n\r\n", coverage));
}

}  // namespace
}  // namespace cordon
