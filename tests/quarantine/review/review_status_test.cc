// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/review/review_status.h"

#include <gtest/gtest.h>

#include "quarantine/imap/imap_mailbox.h"
#include "quarantine/review/review_folders.h"
#include "tests/support/matchers.h"

namespace cordon {
namespace {

TEST(ReviewStatus, ReadsBackWhatWasWritten) {
    ReviewStatus status;
    status.is_connected = true;
    status.problem = "cannot store in Quarantine: NO [OVERQUOTA] full";
    status.since = 1'795'538'100;
    status.swept_at = 1'795'538'200;
    status.items = 10'000;
    status.waiting = 3;
    status.foreign = 1;
    status.missed = 2;
    const auto read = decode_review_status(encode_review_status(status));
    ASSERT_THAT(read, test::IsOk());
    EXPECT_EQ(*read, status);
}

TEST(ReviewStatus, LetsNoProblemAddALine) {
    ReviewStatus status;
    status.problem = "x\nconnected=1";
    const auto read = decode_review_status(encode_review_status(status));
    ASSERT_THAT(read, test::IsOk());
    EXPECT_FALSE(read->is_connected);
}

TEST(ReviewStatus, RefusesAnotherVersion) {
    EXPECT_THAT(decode_review_status(""), test::FailsWith("version"));
    EXPECT_THAT(decode_review_status("cordon-review-status=2\n"), test::FailsWith("version"));
}

TEST(ServerName, HasThePrefixAndTheDelimiterOfTheServer) {
    EXPECT_EQ(server_name({"INBOX.", '.'}, "Quarantine", "Release"), "INBOX.Quarantine.Release");
    EXPECT_EQ(server_name({"", '/'}, "/Post/Quarant\u00E4ne/", ""), "Post/Quarant&AOQ-ne");
}

}  // namespace
}  // namespace cordon
