// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/imap/imap_mailbox.h"

#include <gtest/gtest.h>

namespace cordon {
namespace {

TEST(FieldValue, UnfoldsAndTakesTheFirst) {
    const std::string fields =
        "X-Cordon-Id: abc\r\nX-Cordon-Seal: v1.\r\n aa\r\n\tbb\r\n"
        "X-Cordon-Seal: other\r\n\r\n";
    EXPECT_EQ(field_value(fields, "x-cordon-id"), "abc");
    EXPECT_EQ(field_value(fields, "X-Cordon-Seal"), "v1. aa\tbb");
}

TEST(FieldValue, IsEmptyForAFieldThatIsMissingOrOnlyBeginsTheSame) {
    EXPECT_EQ(field_value("X-Cordon-Identity: abc\r\n", "X-Cordon-Id"), "");
    EXPECT_EQ(field_value("", "X-Cordon-Id"), "");
    EXPECT_EQ(field_value(" folded into nothing", "X-Cordon-Id"), "");
}

TEST(UidSet, JoinsNeighbours) {
    EXPECT_EQ(uid_set({9, 4, 5, 6, 1}), "1,4:6,9");
    EXPECT_EQ(uid_set({7, 7}), "7");
    EXPECT_EQ(uid_set({}), "");
}

TEST(ImapDate, HasTheFormOfTheRfc) {
    EXPECT_EQ(imap_date(1'795'538'100), "24-Nov-2026 16:35:00 +0000");
}

}  // namespace
}  // namespace cordon
