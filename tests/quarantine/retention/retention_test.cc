// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/retention/retention.h"

#include <gtest/gtest.h>

#include "conf/base/text.h"
#include "tests/support/builders.h"
#include "tests/support/matchers.h"
#include "tests/support/temporary_directory.h"

namespace cordon {
namespace {

using test::IsOk;

constexpr std::int64_t kDay = 86'400;
constexpr std::int64_t kNow = 1'800'000'000;

/// A keeper that holds one message received at kNow and keeps it for 30 days.
struct Site {
    Site() : keeper(open()) {
        auto message = test::a_held_message("67a1b2c3");
        message.received_at = kNow;
        EXPECT_THAT(keeper->vault->store(message, "Subject: x\r\n\r\n"), IsOk());
        EXPECT_THAT(keeper->journal->add(message, "held", "cordon"), IsOk());
    }
    ConfigurationPtr configuration(const std::string& more) const {
        return test::a_configuration("[cordon]\nstate-directory = " + folder.path() + "\n" + more);
    }
    std::unique_ptr<Keeper> open() const {
        auto out = open_keeper(configuration("[quarantine]\nretention = 30d\n"));
        EXPECT_THAT(out, IsOk());
        return std::move(*out);
    }
    bool is_held() const { return keeper->vault->has("67a1b2c3"); }
    test::TemporaryDirectory folder;
    std::unique_ptr<Keeper> keeper;
};

TEST(Retention, RemovesWhatIsOlderThanItsTime) {
    const Site site;
    Retention retention(*site.keeper);
    std::int64_t day = 0;
    for (; day <= 30; ++day) EXPECT_EQ(retention.sweep(kNow + day * kDay, day * kDay), 0U) << day;
    EXPECT_TRUE(site.is_held());
    EXPECT_EQ(retention.sweep(kNow + day * kDay, day * kDay), 1U);
    EXPECT_FALSE(site.is_held());
    EXPECT_EQ(site.keeper->journal->events("67a1b2c3", 1)->back().what, "expired");
}

TEST(Retention, KeepsMailAsLongAsTheConfigurationSaysThatAReloadBrought) {
    const Site site;
    Retention retention(*site.keeper);
    EXPECT_EQ(retention.sweep(kNow + 3600, 3600), 0U);
    site.keeper->configuration.set(site.configuration("[quarantine]\nretention = 1h\n"));
    EXPECT_EQ(retention.sweep(kNow + 3601, 3601), 1U);
}

TEST(Retention, RemovesNothingWhenTheClockJumpedNorInTheDayAfter) {
    const Site site;
    Retention retention(*site.keeper);
    EXPECT_EQ(retention.sweep(kNow, 0), 0U);
    EXPECT_EQ(retention.sweep(kNow + 400 * kDay, 3600), 0U);
    EXPECT_EQ(retention.sweep(kNow + 400 * kDay + 3600, 7200), 0U);
    EXPECT_EQ(retention.sweep(kNow + 3 * 3600, 3 * 3600), 0U);  // set right again
    EXPECT_TRUE(site.is_held());
}

TEST(Retention, RemovesNothingAtFirstWhenTheLastProcessWasLongAgo) {
    const Site site;
    Retention(*site.keeper).sweep(kNow, 0);
    Retention next(*site.keeper);
    EXPECT_EQ(next.sweep(kNow + 100 * kDay, 50), 0U);
    EXPECT_EQ(next.sweep(kNow + 100 * kDay + 3600, 50 + 3600), 0U);
    EXPECT_EQ(next.sweep(kNow + 101 * kDay, 50 + kDay), 1U);
}

TEST(Retention, DoubtsTheClockOverARestart) {
    const Site site;
    Retention first(*site.keeper);
    EXPECT_EQ(first.sweep(kNow, 0), 0U);
    EXPECT_EQ(first.sweep(kNow + 400 * kDay, 3600), 0U);
    Retention next(*site.keeper);
    EXPECT_EQ(next.sweep(kNow + 400 * kDay + 60, 5), 0U);
    Retention last(*site.keeper);
    EXPECT_EQ(last.sweep(kNow + 400 * kDay + 120, 7), 0U);
    EXPECT_TRUE(site.keeper->is_clock_doubtful);
    EXPECT_EQ(last.sweep(kNow + 401 * kDay, 7 + kDay - 120), 1U);
}

TEST(Retention, RemovesNothingWhileAKeyIsMissing) {
    const Site site;
    site.keeper->expires_nothing = true;
    Retention retention(*site.keeper);
    EXPECT_EQ(retention.sweep(kNow + 31 * kDay, 0), 0U);
    EXPECT_TRUE(site.is_held());
}

TEST(Retention, LeavesAReleaseUnderWayAlone) {
    const Site site;
    ASSERT_THAT(site.keeper->journal->release({"67a1b2c3", "root"}, kNow), IsOk());
    EXPECT_EQ(Retention(*site.keeper).sweep(kNow + 31 * kDay, 0), 0U);
    EXPECT_TRUE(site.is_held());
}

TEST(Keeper, MakesALostJournalAgainFromTheVault) {
    Site site;
    ASSERT_THAT(site.keeper->journal->confirm("67a1b2c3", "root", kNow), IsOk());
    save_states(*site.keeper, "67a1b2c3");
    auto held = test::a_held_message("67a1b2c4");
    ASSERT_THAT(site.keeper->vault->store(held, "x"), IsOk());
    site.keeper.reset();
    for (const auto* const suffix : {"", "-wal", "-shm"})
        std::remove((site.folder.file("journal.db") + suffix).c_str());
    site.keeper = site.open();
    EXPECT_EQ(site.keeper->journal->find("67a1b2c3")->status.state, ItemState::spam);
    EXPECT_EQ(site.keeper->journal->find("67a1b2c4")->status.state, ItemState::held);
}

TEST(Keeper, ForgetsWhatTheVaultLostUntilItComesBackAndKeepsItsState) {
    Site site;
    ASSERT_THAT(site.keeper->journal->confirm("67a1b2c3", "root", kNow), IsOk());
    site.keeper.reset();
    std::remove(site.folder.file("vault/67a1b2c3.held").c_str());
    site.keeper = site.open();
    EXPECT_FALSE(site.keeper->journal->find("67a1b2c3"));
    ItemQuery query;
    query.states = {ItemState::gone};
    EXPECT_TRUE(site.keeper->journal->list(query)->items.empty());  // no order to take it away
    EXPECT_EQ(site.keeper->journal->events("67a1b2c3", 1)->back().what, "lost");
    auto restored = test::a_held_message("67a1b2c3");
    ASSERT_THAT(site.keeper->vault->store(restored, "Subject: x\r\n\r\n"), IsOk());
    ASSERT_THAT(add_with_states(*site.keeper, restored, "restored", "imap"), IsOk());
    EXPECT_EQ(site.keeper->journal->find("67a1b2c3")->status.state, ItemState::spam);
}

TEST(Keeper, PutsADamagedJournalAside) {
    Site site;
    site.keeper.reset();
    for (const auto* const suffix : {"-wal", "-shm"})
        std::remove((site.folder.file("journal.db") + suffix).c_str());
    site.folder.write("journal.db", std::string(8192, 'x'));
    site.keeper = site.open();
    EXPECT_EQ(site.keeper->journal->find("67a1b2c3")->status.state, ItemState::held);
}

TEST(Keeper, MakesNoKeyWhereMailIsHeldAndSaysSo) {
    Site site;
    site.keeper.reset();
    std::remove(site.folder.file("seal.key").c_str());
    site.keeper = site.open();
    EXPECT_TRUE(site.keeper->expires_nothing);
    EXPECT_TRUE(site.keeper->keys.with([](const SealKeys& keys) { return keys.empty(); }));
}

}  // namespace
}  // namespace cordon
