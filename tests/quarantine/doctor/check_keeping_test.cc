// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quarantine/doctor/checks.h"
#include "quarantine/keeper/item_messages.h"

namespace cordon {
namespace {

using testing::HasSubstr;

KeepingStatus a_status() {
    KeepingStatus out;
    out.states = {{ItemState::held, 12, 1}, {ItemState::filed, 3, 1}};
    out.vault_bytes = 5U << 20U;
    out.vault_limit = 100U << 20U;
    return out;
}

void expect_one(const KeepingStatus& status, Health health, const std::string& words) {
    const auto found = keeping_findings(status);
    ASSERT_EQ(found.size(), 1U) << words;
    EXPECT_EQ(found[0].health, health) << words;
    EXPECT_THAT(found[0].what, HasSubstr(words));
}

TEST(KeepingFindings, CountWhereAllIsWell) {
    expect_one(a_status(), Health::good, "15 messages in the vault, 5 MB");
}

TEST(KeepingFindings, NameWhyNothingExpires) {
    auto status = a_status();
    status.expiry_pause = "a seal key is missing or unknown";
    status.misses_key = true;
    expect_one(status, Health::error, "nothing expires: a seal key is missing");
    status.misses_key = false;
    status.expiry_pause = "the clock jumped by more than a day, or Cordon was off for longer";
    expect_one(status, Health::warning, "nothing expires: the clock jumped");
}

TEST(KeepingFindings, WarnBeforeTheVaultIsFull) {
    auto status = a_status();
    status.vault_bytes = 92U << 20U;
    expect_one(status, Health::warning, "92 of 100 MB");
    status.vault_bytes = 100U << 20U;
    expect_one(status, Health::error, "100 of 100 MB of the vault are used");
}

TEST(KeepingFindings, NameDecisionsThatCouldNotBeLearned) {
    auto status = a_status();
    status.lessons = 3;
    expect_one(status, Health::warning, "3 decision(s) wait to be learned");
}

TEST(KeepingFindings, NameReleasesThatDoNotGetThrough) {
    auto status = a_status();
    status.stuck = 2;
    status.stuck_ids = {"67a1b2c3"};
    expect_one(status, Health::error,
               "2 release(s) do not get through for more than an hour: "
               "67a1b2c3 ...");
    status = a_status();
    status.states.push_back({ItemState::failed, 4, 1});
    expect_one(status, Health::warning, "4 release(s) failed");
}

}  // namespace
}  // namespace cordon
