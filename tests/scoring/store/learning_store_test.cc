// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/store/learning_store.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/support/matchers.h"

namespace cordon {
namespace {

using test::FailsWith;
using test::IsOk;

class LearningStoreTest : public ::testing::Test {
 protected:
    void SetUp() override { ASSERT_NE(::mkdtemp(folder_.data()), nullptr); }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    static LearnEvent event(unsigned number, bool is_spam,
                            LabelOrigin origin = LabelOrigin::person) {
        LearnEvent out;
        out.identity = std::to_string(number);
        out.is_spam = is_spam;
        out.origin = origin;
        out.features =
            encode_features({10 + number % 50, 1000 + (is_spam ? 1U : 0U), 300'000 + number % 7});
        out.time = 1;
        return out;
    }
    std::unique_ptr<LearningStore> open() {
        auto store = LearningStore::open(folder_ + "/learning", "");
        EXPECT_THAT(store, IsOk());
        return std::move(*store);
    }
    static LearnOutcome learn(LearningStore& store, const LearnEvent& event) {
        const auto outcomes = store.learn({&event, 1});
        EXPECT_THAT(outcomes, IsOk());
        return outcomes->at(0);
    }
    static void fill(LearningStore& store, unsigned count) {
        for (unsigned i = 0; i < count; ++i) learn(store, event(i, i % 2 == 0));
    }
    std::string file(const char* name) const { return folder_ + "/learning/" + name; }
    void overwrite(const char* name, const std::string& bytes) const {
        std::ofstream(file(name), std::ios::binary) << bytes;
    }

    std::string folder_ = ::testing::TempDir() + "learning-XXXXXX";
};

TEST_F(LearningStoreTest, LearnsAMessageOnceHoweverOftenItIsTaught) {
    auto store = open();
    EXPECT_EQ(learn(*store, event(1, true)), LearnOutcome::learned);
    EXPECT_EQ(learn(*store, event(1, true)), LearnOutcome::known);
    EXPECT_EQ(store->counts().spam, 1U);
}

TEST_F(LearningStoreTest, FlipsAMessageWhenAPersonChangesHisMind) {
    auto store = open();
    learn(*store, event(1, true));
    EXPECT_EQ(learn(*store, event(1, false)), LearnOutcome::corrected);
    EXPECT_EQ(store->counts().spam, 0U);
    EXPECT_EQ(store->counts().ham, 1U);
}

TEST_F(LearningStoreTest, LetsNoAutomaticLabelOverruleAPerson) {
    auto store = open();
    learn(*store, event(1, true));
    EXPECT_EQ(learn(*store, event(1, false, LabelOrigin::automatic)), LearnOutcome::overruled);
    EXPECT_EQ(store->counts().spam, 1U);
}

TEST_F(LearningStoreTest, OpensWithWhatItHadLearned) {
    std::string before;
    {
        auto store = open();
        fill(*store, 50);
        before = snapshot_bytes(store->table());
    }
    EXPECT_EQ(snapshot_bytes(open()->table()), before);
}

TEST_F(LearningStoreTest, LosesNothingAndLearnsNothingTwiceWhenItIsKilled) {
    const pid_t child = ::fork();
    if (child == 0) {
        auto store = open();
        fill(*store, 40);
        static_cast<void>(store->save(true));
        for (unsigned i = 40; i < 60; ++i) learn(*store, event(i, i % 2 == 0));
        ::kill(::getpid(), SIGKILL);
    }
    ::waitpid(child, nullptr, 0);
    std::filesystem::path other = folder_ + "/other";
    auto whole = LearningStore::open(other, "");
    ASSERT_THAT(whole, IsOk());
    fill(**whole, 60);
    const auto store = open();
    EXPECT_EQ(store->counts().ham + store->counts().spam, 60U);
    EXPECT_EQ(snapshot_bytes(store->table()), snapshot_bytes((*whole)->table()));
}

TEST_F(LearningStoreTest, PutsADamagedSnapshotAsideAndBuildsItAnew) {
    std::string before;
    {
        auto store = open();
        fill(*store, 30);
        before = snapshot_bytes(store->table());
    }
    overwrite("weights.snapshot", "nonsense");
    const auto store = open();
    EXPECT_EQ(snapshot_bytes(store->table()), before);
    const std::filesystem::directory_iterator files(folder_ + "/learning");
    EXPECT_EQ(std::count_if(begin(files), end(files),
                            [](const auto& entry) {
                                return entry.path().filename().string().find("damaged") !=
                                       std::string::npos;
                            }),
              1);
}

TEST_F(LearningStoreTest, KeepsTheTableWhenTheDatabaseIsDamaged) {
    {
        auto store = open();
        fill(*store, 30);
    }
    overwrite("events.db", "this is no database, and long enough to be read as one");
    auto store = open();
    EXPECT_EQ(store->counts().ham + store->counts().spam, 30U);
    EXPECT_EQ(learn(*store, event(99, true)), LearnOutcome::learned);
    EXPECT_EQ(store->counts().events, 31U);
}

TEST_F(LearningStoreTest, RefusesASecondWriter) {
    const auto store = open();
    EXPECT_THAT(LearningStore::open(folder_ + "/learning", ""), FailsWith("another process"));
}

TEST_F(LearningStoreTest, RebuildsWithTheLabelsThatCountNow) {
    auto store = open();
    fill(*store, 30);
    learn(*store, event(2, false));
    EXPECT_THAT(store->rebuild(), IsOk());
    EXPECT_EQ(store->counts().ham, 16U);
    EXPECT_EQ(store->counts().spam, 14U);
    EXPECT_EQ(store->counts().events, 31U);
}

TEST_F(LearningStoreTest, RefusesFeaturesThatMakeNoSense) {
    auto store = open();
    auto bad = event(1, true);
    bad.features = "\x7f";
    EXPECT_FALSE(store->learn({&bad, 1}));
    EXPECT_EQ(store->counts().spam, 0U);
}

TEST_F(LearningStoreTest, ShowsTheWorkersWhatItLearns) {
    auto store = LearningStore::open(folder_ + "/learning", folder_ + "/live");
    ASSERT_THAT(store, IsOk());
    const auto fd = open_table_readonly(folder_ + "/live");
    const auto reader = TableMapping::map(fd->get(), false);
    learn(**store, event(1, true));
    EXPECT_EQ((*reader)->spam, 1U);
    EXPECT_GT(raw_score(**reader, {11, 1001, 300'001}), 0);
}

}  // namespace
}  // namespace cordon
