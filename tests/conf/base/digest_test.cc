// SPDX-License-Identifier: GPL-2.0-only
#include "conf/base/digest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "conf/base/clock.h"

namespace cordon {
namespace {

TEST(Sha256, MatchesTheVectorsOfFips180) {
    EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(sha256_hex("abc"),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(RandomHex, HasTwoDigitsAByteAndNeverRepeats) {
    std::set<std::string> seen;
    for (int i = 0; i < 1000; ++i) EXPECT_TRUE(seen.insert(random_hex(16)).second);
    EXPECT_EQ(seen.begin()->size(), 32U);
}

TEST(MessageId, IsUniqueAndBeginsWithTheTime) {
    const auto before = unix_time();
    const auto id = make_message_id();
    EXPECT_THAT(id, ::testing::MatchesRegex("[0-9a-f]{18}"));
    const auto seconds = std::stoll(id.substr(0, 8), nullptr, 16);
    EXPECT_GE(seconds, before & 0xFFFFFFFF);
    EXPECT_LE(seconds, before + 2);
    EXPECT_NE(make_message_id(), id);
}

}  // namespace
}  // namespace cordon
