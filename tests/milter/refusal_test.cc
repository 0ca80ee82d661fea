// SPDX-License-Identifier: GPL-2.0-only
#include "milter/refusal.h"

#include <gtest/gtest.h>

namespace cordon {
namespace {

std::string told(Cause cause, std::string_view contact = "") {
    Decision decision;
    decision.cause = cause;
    const auto refusal = refusal_for(decision, "Worm", "X1", contact);
    return std::string(refusal.code) + " " + refusal.enhanced_code + " " + refusal.text;
}

TEST(Refusal, CallsOnlySpamSpam) {
    EXPECT_EQ(told(Cause::score), "550 5.7.1 Message refused as spam (id X1)");
    EXPECT_EQ(told(Cause::denied), "550 5.7.1 Message refused by policy (id X1)");
    EXPECT_EQ(told(Cause::unscanned),
              "550 5.7.1 Message refused: its content could not be read in full (id X1)");
    EXPECT_EQ(told(Cause::encrypted), "550 5.7.1 Message refused: encrypted content (id X1)");
    EXPECT_EQ(told(Cause::oversize),
              "552 5.3.4 Message refused: too large to be scanned in full (id X1)");
}

TEST(Refusal, NamesTheVirus) {
    EXPECT_EQ(told(Cause::virus), "554 5.7.1 Message refused: virus Worm (id X1)");
}

TEST(Refusal, SaysWhereTheSenderMayTurnTo) {
    EXPECT_EQ(told(Cause::score, "https://example.org/mail"),
              "550 5.7.1 Message refused as spam (id X1); see https://example.org/mail");
}

}  // namespace
}  // namespace cordon
