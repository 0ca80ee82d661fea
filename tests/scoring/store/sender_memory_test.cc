// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/store/sender_memory.h"

#include "tests/support/matchers.h"
#include "tests/support/temporary_directory.h"

namespace cordon {
namespace {

using test::IsOk;

constexpr std::int64_t kNow = 1'700'000'000;
constexpr std::int64_t kMonth = 30LL * 86'400;
constexpr auto kKind = MemoryKind::behaviour;

MemoryChange change(MemoryKind kind, const std::string& name, double ham, double spam,
                    std::int64_t time = kNow) {
    return {kind, {memory_key(kind, name)}, ham, spam, time, false};
}

class SenderMemoryTest : public ::testing::Test {
 protected:
    std::unique_ptr<SenderMemory> open() {
        auto memory = SenderMemory::open(directory_.file("senders.db"));
        EXPECT_THAT(memory, IsOk());
        return std::move(*memory);
    }
    test::TemporaryDirectory directory_;
};

TEST_F(SenderMemoryTest, KnowsWhatItWasToldWhateverTheCase) {
    const auto memory = open();
    EXPECT_FALSE(memory->find(MemoryKind::correspondent, "a@example.org", kNow)->is_there());
    EXPECT_THAT(memory->add(change(MemoryKind::correspondent, "A@Example.org", 1, 0)), IsOk());
    EXPECT_TRUE(memory->find(MemoryKind::correspondent, "a@example.org", kNow)->is_there());
    EXPECT_FALSE(memory->find(MemoryKind::message, "a@example.org", kNow)->is_there());
}

TEST_F(SenderMemoryTest, ForgetsHalfInAMonth) {
    const auto memory = open();
    EXPECT_THAT(memory->add(change(kKind, "domain x", 8, 4)), IsOk());
    const auto later = memory->find(kKind, "domain x", kNow + kMonth);
    EXPECT_NEAR(later->ham, 4, 1e-6);
    EXPECT_NEAR(later->spam, 2, 1e-6);
    EXPECT_THAT(memory->add(change(kKind, "domain x", 1, 0, kNow + kMonth)), IsOk());
    const auto now = memory->find(kKind, "domain x", kNow + kMonth);
    EXPECT_NEAR(now->ham, 5, 1e-6);
    EXPECT_EQ(now->first, kNow);
    EXPECT_EQ(now->last, kNow + kMonth);
}

TEST_F(SenderMemoryTest, GrowsNoPastWhenTheClockGoesBack) {
    const auto memory = open();
    EXPECT_THAT(memory->add(change(kKind, "x", 8, 0)), IsOk());
    EXPECT_THAT(memory->add(change(kKind, "x", 1, 0, kNow - kMonth)), IsOk());
    EXPECT_NEAR(memory->find(kKind, "x", kNow - kMonth)->ham, 9, 1e-6);
}

TEST_F(SenderMemoryTest, NoticesSoonThatALongGoodNameWentBad) {
    const auto memory = open();
    for (int i = 0; i < 5000; ++i) EXPECT_THAT(memory->add(change(kKind, "x", 1, 0)), IsOk());
    EXPECT_LE(memory->find(kKind, "x", kNow)->ham, SenderMemory::kMostCounted);
    for (int i = 0; i < 10; ++i) EXPECT_THAT(memory->add(change(kKind, "x", 0, 1)), IsOk());
    const auto found = *memory->find(kKind, "x", kNow);
    EXPECT_GT(found.spam / (found.ham + found.spam), 0.05);
}

TEST_F(SenderMemoryTest, TakesAPersonsWordInsteadOfWhatWasCounted) {
    const auto memory = open();
    EXPECT_THAT(memory->add(change(kKind, "x", 0, 50)), IsOk());
    auto verdict = change(kKind, "x", 10, 0);
    verdict.is_verdict = true;
    EXPECT_THAT(memory->add(verdict), IsOk());
    EXPECT_EQ(memory->find(kKind, "x", kNow)->spam, 0);
    EXPECT_EQ(memory->find(kKind, "x", kNow)->ham, 10);
}

TEST_F(SenderMemoryTest, KeepsWhatItKnows) {
    { EXPECT_THAT(open()->add(change(MemoryKind::message, "<1@x>", 1, 0)), IsOk()); }
    const auto memory = open();
    EXPECT_EQ(*memory->size(), 1);
    EXPECT_TRUE(memory->find(MemoryKind::message, "<1@x>", kNow)->is_there());
}

TEST_F(SenderMemoryTest, ForgetsTheOldestOfAKindAndNothingOfAnother) {
    const auto memory = open();
    EXPECT_THAT(memory->add(change(MemoryKind::correspondent, "friend", 1, 0, kNow - 100)), IsOk());
    for (int i = 0; i < 10; ++i)
        EXPECT_THAT(memory->add(change(kKind, std::to_string(i), 1, 0, kNow + i)), IsOk());
    EXPECT_THAT(memory->prune(kNow + 10, 4), IsOk());
    EXPECT_EQ(*memory->size(), 5);
    EXPECT_TRUE(memory->find(MemoryKind::correspondent, "friend", kNow)->is_there());
    EXPECT_FALSE(memory->find(kKind, "5", kNow)->is_there());
    EXPECT_TRUE(memory->find(kKind, "6", kNow)->is_there());
    EXPECT_THAT(memory->prune(kNow + 25 * kMonth, 4), IsOk());
    EXPECT_EQ(*memory->size(), 0);
}

TEST_F(SenderMemoryTest, BeginsAnewWhenItsFileIsDamaged) {
    directory_.write("senders.db", std::string(8192, 'x'));
    const auto memory = open();
    EXPECT_EQ(*memory->size(), 0);
    EXPECT_THAT(memory->add(change(MemoryKind::message, "<1@x>", 1, 0)), IsOk());
}

TEST_F(SenderMemoryTest, LeavesAFileOfANewerVersionAlone) {
    {
        auto database = SqlDatabase::open(directory_.file("senders.db"));
        ASSERT_THAT(database, IsOk());
        ASSERT_THAT(database->run("PRAGMA user_version=9"), IsOk());
    }
    const auto memory = SenderMemory::open(directory_.file("senders.db"));
    ASSERT_FALSE(memory);
    EXPECT_TRUE(is_newer_store(memory.error()));
}

}  // namespace
}  // namespace cordon
