// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/ctl/quarantine_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/builders.h"

namespace cordon {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

TEST(QuarantineView, ShowsASubjectThatWasPrintableBeforeAsItIs) {
    auto item = status_of(test::a_held_message("67a1b2c3"));
    item.subject = R"(C:\letters \x0a)";
    EXPECT_THAT(table_line(item, 0), EndsWith(R"( C:\letters \x0a)"));
    EXPECT_THAT(table_line(item, 120), EndsWith(R"( C:\letters \x0a)"));
}

TEST(QuarantineView, LetsNoSubjectWriteToTheTerminal) {
    auto item = status_of(test::a_held_message("67a1b2c3"));
    item.subject = "\x1B[2J\xE2\x80\xAE";
    EXPECT_THAT(table_line(item, 0), EndsWith(R"( \x1b[2J\u{202e})"));
    EXPECT_THAT(item_json(item), HasSubstr(R"(\u001b[2J)")) << "the exact text, escaped as JSON";
}

TEST(QuarantineView, GivesTheScoreAsANumber) {
    auto item = status_of(test::a_held_message("67a1b2c3"));
    item.score = "7.5";
    EXPECT_THAT(item_json(item), HasSubstr(R"("score":7.5,)"));
    item.score = "";
    EXPECT_THAT(item_json(item), HasSubstr(R"("score":null,)"));
}

}  // namespace
}  // namespace cordon
