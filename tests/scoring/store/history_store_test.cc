// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/store/history_store.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "scoring/store/history_service.h"
#include "tests/support/matchers.h"
#include "tests/support/temporary_directory.h"

namespace cordon {
namespace {

using test::FailsWith;
using test::IsOk;
using test::TemporaryDirectory;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr Milliseconds kLong(10'000);

HistoryRecord a_verdict(int number, const std::string& from, const std::string& to,
                        const std::vector<std::string>& rules = {}) {
    HistoryRecord out;
    out.id = fmt::format("6924d1c51f0a9b{:04x}", number);
    out.queue_id = fmt::format("Q{}", number);
    out.message_id = fmt::format("<{}@example.net>", number);
    out.received_at = 1000 + number;
    out.mail_from = from;
    out.author = "author-of-" + from;
    for (const auto& rule : rules) out.hits.push_back({rule, 1500, HitOrigin::list});
    out.recipients = 1;
    out.decisions.emplace_back().recipient = to;
    return out;
}

class History : public ::testing::Test {
 protected:
    History() { reopen(); }
    void reopen() {
        store.reset();
        auto opened = HistoryStore::open(folder.file("history.db"));
        ASSERT_THAT(opened, IsOk());
        store = std::move(*opened);
    }
    std::vector<std::string> found(const HistoryQuery& query) const {
        std::vector<std::string> out;
        const auto page = store->find(query, kLong);
        EXPECT_THAT(page, IsOk());
        for (const auto& entry : page->entries) out.push_back(entry.record.queue_id);
        return out;
    }

    TemporaryDirectory folder;
    std::unique_ptr<HistoryStore> store;
};

TEST_F(History, FindsByIdAddressRuleAndTimeTheNewestFirst) {
    ASSERT_THAT(store->add({a_verdict(1, "a@x.example", "Alice@Example.org", {"TWO"}),
                            a_verdict(2, "b@x.example", "bob@example.org", {"TWO", "SPF_PASS"}),
                            a_verdict(3, "a@x.example", "bob@example.org")}),
                IsOk());
    EXPECT_THAT(found({}), ElementsAre("Q3", "Q2", "Q1"));
    EXPECT_THAT(found({.id = "6924d1c51f0a9b0002"}), ElementsAre("Q2"));
    EXPECT_THAT(found({.id = "Q1"}), ElementsAre("Q1"));
    EXPECT_THAT(found({.id = "<3@example.net>"}), ElementsAre("Q3"));
    EXPECT_THAT(found({.id = "3@example"}), IsEmpty());
    EXPECT_THAT(found({.sender = "A@X"}), ElementsAre("Q3", "Q1"));
    EXPECT_THAT(found({.sender = "author-of-b"}), ElementsAre("Q2"));
    EXPECT_THAT(found({.recipient = "alice@"}), ElementsAre("Q1"));
    EXPECT_THAT(found({.recipient = "a@x"}), IsEmpty());
    EXPECT_THAT(found({.address = "bob@"}), ElementsAre("Q3", "Q2"));
    EXPECT_THAT(found({.rule = "TWO"}), ElementsAre("Q2", "Q1"));
    EXPECT_THAT(found({.rule = "SPF_PASS"}), ElementsAre("Q2"));
    EXPECT_THAT(found({.rule = "NEVER_HIT"}), IsEmpty());
    EXPECT_THAT(found({.received_from = 1002}), ElementsAre("Q3", "Q2"));
    EXPECT_THAT(found({.received_before = 1002}), ElementsAre("Q1"));
}

TEST_F(History, FindsEachMessageOfOneMessageIdWhateverItsLengthAndLetters) {
    const std::string name = "<" + std::string(200, 'x') + "ä.Same@example.net>";
    std::vector<HistoryRecord> records;
    for (int i = 0; i < 30; ++i) {
        records.push_back(a_verdict(i, "a@x.example", "u@example.org", {i < 5 ? "OLD" : "NEW"}));
        records.back().message_id = i % 2 == 0 ? name : name.substr(0, 100) + "other>";
    }
    ASSERT_THAT(store->add(records), IsOk());
    EXPECT_EQ(found({.id = name}).size(), 15U);
    EXPECT_EQ(found({.id = name}).front(), "Q28");
    EXPECT_THAT(found({.id = name, .rule = "OLD"}), ElementsAre("Q4", "Q2", "Q0"));
    EXPECT_THAT(found({.id = name, .received_from = 1026}), ElementsAre("Q28", "Q26"));
    EXPECT_THAT(found({.id = name, .limit = 2}), ElementsAre("Q28", "Q26"));
    EXPECT_THAT(found({.id = name, .before = 5}), ElementsAre("Q2", "Q0"));
    EXPECT_THAT(found({.id = name.substr(0, 100)}), IsEmpty());
}

TEST_F(History, GivesHitsBackAfterAnotherStart) {
    ASSERT_THAT(store->add({a_verdict(1, "a@x.example", "u@example.org", {"TWO", "SIX"})}), IsOk());
    reopen();
    const auto page = store->find({}, kLong);
    ASSERT_THAT(page, IsOk());
    const auto& hits = page->entries.at(0).record.hits;
    ASSERT_EQ(hits.size(), 2U);
    EXPECT_EQ(hits[1].rule, "SIX");
    EXPECT_EQ(hits[1].score, 1500);
    EXPECT_EQ(hits[1].origin, HitOrigin::list);
}

TEST_F(History, PagesMissNothingAndRepeatNothing) {
    std::vector<HistoryRecord> records;
    for (int i = 0; i < 95; ++i) records.push_back(a_verdict(i, "a@x.example", "u@example.org"));
    ASSERT_THAT(store->add(records), IsOk());
    HistoryQuery query{.limit = 10};
    std::vector<std::string> all;
    do {
        const auto page = store->find(query, Milliseconds(0));  // one chunk at a time
        ASSERT_THAT(page, IsOk());
        for (const auto& entry : page->entries) all.push_back(entry.record.queue_id);
        query.before = page->next;
    } while (query.before != 0);
    ASSERT_EQ(all.size(), 95U);
    EXPECT_EQ(all.front(), "Q94");
    EXPECT_EQ(all.back(), "Q0");
}

TEST_F(History, KeepsOneRecordOfAMessageThatIsSentTwice) {
    ASSERT_THAT(store->add({a_verdict(1, "a@x.example", "u@example.org")}), IsOk());
    ASSERT_THAT(store->add({a_verdict(1, "a@x.example", "u@example.org")}), IsOk());
    EXPECT_THAT(found({}), ElementsAre("Q1"));
}

TEST_F(History, TellsWhatPeopleMadeOfIt) {
    ASSERT_THAT(store->add({a_verdict(1, "a@x.example", "u@example.org")}), IsOk());
    ASSERT_THAT(store->mark("6924d1c51f0a9b0001", Feedback::released), IsOk());
    const auto page = store->find({}, kLong);
    ASSERT_THAT(page, IsOk());
    EXPECT_EQ(page->entries.at(0).feedback, Feedback::released);
}

TEST_F(History, ForgetsByAge) {
    ASSERT_THAT(store->add({a_verdict(1, "a@x.example", "u@example.org"),
                            a_verdict(2, "a@x.example", "u@example.org")}),
                IsOk());
    ASSERT_THAT(store->forget_before(1002), IsOk());
    EXPECT_THAT(found({}), ElementsAre("Q2"));
}

TEST_F(History, StaysBelowItsSizeAndGivesTheRoomBack) {
    for (int i = 0; i < 50; ++i) {
        std::vector<HistoryRecord> records;
        for (int j = 0; j < 200; ++j)
            records.push_back(a_verdict(200 * i + j, "a@x.example", "u@example.org", {"TWO"}));
        ASSERT_THAT(store->add(records), IsOk());
    }
    const auto before = store->figures();
    ASSERT_THAT(before, IsOk());
    EXPECT_EQ(before->records, 10'000U);
    ASSERT_THAT(store->keep_below(before->bytes / 2), IsOk());
    const auto after = store->figures();
    ASSERT_THAT(after, IsOk());
    EXPECT_LE(after->bytes, before->bytes / 2);
    EXPECT_EQ(found({.limit = 1}), std::vector<std::string>{"Q9999"});
}

TEST_F(History, ErasesAPersonAlsoFromTheBytesOfTheFile) {
    ASSERT_THAT(store->add({a_verdict(1, "jane.roe@x.example", "u@example.org"),
                            a_verdict(2, "a@x.example", "Jane.Roe@X.example"),
                            a_verdict(3, "not.jane.roe@x.example", "u@example.org")}),
                IsOk());
    const auto erased = store->erase("Jane.Roe@x.example");
    ASSERT_THAT(erased, IsOk());
    EXPECT_EQ(*erased, 2U);
    EXPECT_THAT(found({}), ElementsAre("Q3"));
    for (const char* const name : {"history.db", "history.db-wal"}) {
        std::ifstream file(folder.file(name), std::ios::binary);
        const std::string bytes{std::istreambuf_iterator<char>(file), {}};
        EXPECT_THAT(bytes, Not(HasSubstr("<1@example.net>"))) << name;
        EXPECT_THAT(bytes, Not(HasSubstr("<2@example.net>"))) << name;
    }
}

TEST_F(History, OfANewerVersionIsRefusedAndLeftAsItIs) {
    store.reset();
    {
        auto database = SqlDatabase::open(folder.file("history.db"));
        ASSERT_THAT(database, IsOk());
        ASSERT_THAT(database->run("PRAGMA user_version=9"), IsOk());
    }
    const auto opened = HistoryStore::open(folder.file("history.db"));
    ASSERT_FALSE(opened);
    EXPECT_TRUE(is_newer_store(opened.error())) << opened.error().what;
    EXPECT_THAT(opened.error().what, HasSubstr("its version is 9, this one knows 1"));
}

TEST(HistoryService, AnswersWhatWasPosted) {
    const TemporaryDirectory folder;
    {
        auto service = HistoryService::start(folder.file("h.db"), 1U << 30U);
        ASSERT_THAT(service, IsOk());
        EXPECT_EQ((*service)->post({a_verdict(1, "a@x.example", "u@example.org")}), 0U);
        (*service)->mark("6924d1c51f0a9b0001", Feedback::confirmed);
    }  // what is queued is written at the end
    auto service = HistoryService::start(folder.file("h.db"), 1U << 30U);
    ASSERT_THAT(service, IsOk());
    const auto page = (*service)->find({});
    ASSERT_THAT(page, IsOk());
    ASSERT_EQ(page->entries.size(), 1U);
    EXPECT_EQ(page->entries[0].feedback, Feedback::confirmed);
    const auto erased = (*service)->erase("u@example.org");
    ASSERT_THAT(erased, IsOk());
    EXPECT_EQ(*erased, 1U);
}

TEST(HistoryService, DropsWhatItsQueueHasNoRoomFor) {
    const TemporaryDirectory folder;
    auto service = HistoryService::start(folder.file("h.db"), 1U << 30U);
    ASSERT_THAT(service, IsOk());
    EXPECT_GT((*service)->post(std::vector<HistoryRecord>(50'000)), 0U);
}

}  // namespace
}  // namespace cordon
