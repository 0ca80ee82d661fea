// SPDX-License-Identifier: GPL-2.0-only
// What a decision teaches, and when nobody can learn it.
#include "quarantine/keeper/teaching.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/builders.h"
#include "tests/support/matchers.h"
#include "tests/support/temporary_directory.h"

namespace cordon {
namespace {

using test::IsOk;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr auto kId = "67a1b2c3";
constexpr std::int64_t kHour = 3600;

/// A keeper that holds one message, and learns while `is_able`.
struct Site {
    explicit Site(const std::string& more = "") : keeper(open(more)) {
        EXPECT_THAT(hold(kId), IsOk());
    }
    ConfigurationPtr configuration(const std::string& more) const {
        return test::a_configuration("[cordon]\nstate-directory = " + folder.path() + "\n" + more);
    }
    std::unique_ptr<Keeper> open(const std::string& more = "") {
        auto out = open_keeper(configuration(more));
        EXPECT_THAT(out, IsOk());
        (*out)->learn = [this](const OpenedMessage& message, bool is_spam) -> Result<void> {
            ++attempts;
            if (!is_able) return fail("content: no worker");
            EXPECT_EQ(message.original, "Subject: x\r\n\r\n");
            taught.push_back(is_spam);
            return {};
        };
        return std::move(*out);
    }
    Result<void> hold(const std::string& id) const {
        auto message = test::a_held_message(id);
        auto done = keeper->vault->store(message, "Subject: x\r\n\r\n");
        return done ? keeper->journal->add(message, "held", "cordon") : done;
    }
    void teach(Learned what, const std::string& who = "root") const {
        cordon::teach(*keeper, kId, what, who);
    }
    /// All that is due until then, when it is due.
    void learn_until(std::int64_t end) {
        for (auto next = learn_due(*keeper, now); next != 0 && next <= end;
             next = learn_due(*keeper, now))
            now = next;
    }
    /// As if the keeper had started again.
    void restart() {
        keeper.reset();
        keeper = open();
    }
    test::TemporaryDirectory folder;
    bool is_able = true;
    int attempts = 0;
    std::vector<bool> taught;
    std::unique_ptr<Keeper> keeper;
    std::int64_t now = unix_time() + 1;
};

TEST(Lessons, AreLearnedOnceForEachChangeOfMind) {
    Site site;
    for (const auto what : {Learned::spam, Learned::spam, Learned::ham, Learned::ham}) {
        site.teach(what);
        site.learn_until(site.now + kHour);
    }
    EXPECT_THAT(site.taught, ElementsAre(true, false));
}

TEST(Lessons, AreLearnedByThePolicyThatAReloadBrought) {
    Site site;
    site.keeper->configuration.set(site.configuration("[policy]\nlearning = nobody\n"));
    site.teach(Learned::spam);
    site.learn_until(site.now);
    EXPECT_THAT(site.taught, IsEmpty());
    site.keeper->configuration.set(site.configuration("[policy]\nlearning = reviewers\n"));
    site.teach(Learned::spam);
    site.learn_until(site.now);
    EXPECT_THAT(site.taught, ElementsAre(true));
}

TEST(Lessons, AreTakenFromRecipientsOnlyWhereTheyMayTeach) {
    for (const auto& [policy, wanted] : {std::pair{"reviewers", 1}, {"users", 2}, {"nobody", 0}}) {
        Site site(std::string("[user.alice@example.org]\nlearning = ") + policy +
                  "\n[domain.example.org]\nlearning = users\n");
        ASSERT_THAT(site.hold("67a1b2c4"), IsOk());
        site.teach(Learned::ham, "user:alice@example.org");
        teach(*site.keeper, "67a1b2c4", Learned::ham, "imap");
        site.learn_until(site.now);
        EXPECT_EQ(static_cast<int>(site.taught.size()), wanted) << policy;
    }
}

TEST(Lessons, WaitForAWorkerAndAreLearnedOnce) {
    Site site;
    site.is_able = false;
    site.teach(Learned::ham);
    EXPECT_EQ(site.keeper->journal->waiting_lessons(), 0U);
    site.learn_until(site.now + 3 * kHour);
    EXPECT_THAT(site.taught, IsEmpty());
    EXPECT_EQ(site.keeper->journal->waiting_lessons(), 1U);
    site.is_able = true;
    site.learn_until(site.now + 24 * kHour);
    EXPECT_THAT(site.taught, ElementsAre(false));
    EXPECT_EQ(site.keeper->journal->waiting_lessons(), 0U);
}

TEST(Lessons, OutliveTheKeeper) {
    Site site;
    site.is_able = false;
    site.teach(Learned::spam);
    site.learn_until(site.now);
    site.is_able = true;
    site.restart();
    site.learn_until(site.now + kHour);
    EXPECT_THAT(site.taught, ElementsAre(true));
}

TEST(Lessons, AreReplacedByASecondThought) {
    Site site;
    site.is_able = false;
    site.teach(Learned::spam);
    site.learn_until(site.now + kHour);
    site.teach(Learned::ham);
    site.is_able = true;
    site.learn_until(site.now + 24 * kHour);
    EXPECT_THAT(site.taught, ElementsAre(false));
}

TEST(Lessons, FollowASecondThoughtThatCameWhileOneWasLearned) {
    Site site;
    site.keeper->learn = [&](const OpenedMessage&, bool is_spam) -> Result<void> {
        if (site.taught.empty()) site.teach(Learned::ham);
        site.taught.push_back(is_spam);
        return {};
    };
    site.teach(Learned::spam);
    site.learn_until(site.now + kHour);
    EXPECT_THAT(site.taught, ElementsAre(true, false));
}

TEST(Lessons, AreGivenUpAfterTwelveAttemptsInMoreThanThreeHoursAndTheLogSaysSo) {
    Site site;
    site.is_able = false;
    const auto begin = site.now;
    site.teach(Learned::spam);
    ::testing::internal::CaptureStderr();
    site.learn_until(begin + 24 * kHour);
    const auto told = ::testing::internal::GetCapturedStderr();
    EXPECT_EQ(site.attempts, 12);
    EXPECT_GT(site.now, begin + 3 * kHour);
    EXPECT_THAT(told, HasSubstr("learning-failed id=67a1b2c3 as=spam"));
    EXPECT_THAT(told, HasSubstr("cordon learn spam 67a1b2c3.eml"));
    EXPECT_EQ(learn_due(*site.keeper, begin + 48 * kHour), 0);
}

TEST(Lessons, CanBeTaughtAgainWhenTheyWereGivenUp) {
    Site site;
    site.is_able = false;
    site.teach(Learned::spam);
    site.learn_until(site.now + 24 * kHour);
    site.is_able = true;
    site.teach(Learned::spam);
    site.learn_until(site.now);
    EXPECT_THAT(site.taught, ElementsAre(true));
}

TEST(Lessons, OfMailThatIsGoneAreGivenUpAtOnce) {
    Site site;
    site.teach(Learned::spam);
    ASSERT_THAT(site.keeper->vault->remove(kId), IsOk());
    site.learn_until(site.now);
    EXPECT_THAT(site.taught, IsEmpty());
    EXPECT_EQ(learn_due(*site.keeper, site.now), 0);
}

TEST(Lessons, AreNotLostToAClockThatWasAhead) {
    Site site;
    site.is_able = false;
    site.teach(Learned::ham);
    learn_due(*site.keeper, site.now + 1000 * kHour);
    site.is_able = true;
    site.learn_until(site.now);
    EXPECT_THAT(site.taught, ElementsAre(false));
}

TEST(Lessons, AreKeptInAJournalThatAnOlderVersionMade) {
    Site site;
    site.keeper.reset();
    {
        auto database = SqlDatabase::open(site.folder.file("journal.db"));
        ASSERT_THAT(database, IsOk());
        ASSERT_THAT(database->run("DROP TABLE lessons"), IsOk());
    }
    site.keeper = site.open();
    site.teach(Learned::spam);
    site.learn_until(site.now);
    EXPECT_THAT(site.taught, ElementsAre(true));
}

}  // namespace
}  // namespace cordon
