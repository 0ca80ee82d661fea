// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/lookups/lookups.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/support/dns_zone.h"

namespace cordon {
namespace {

/// Answers when the test says so.
class SlowResolver : public Resolver {
 public:
    DnsAnswerPtr ask(const DnsQuestion& question, Done done) override {
        asked.push_back(question);
        waiting.push_back(std::move(done));
        return nullptr;
    }
    void answer(std::size_t i) {
        auto found = std::make_shared<DnsAnswer>();
        found->status = DnsAnswer::Status::found;
        waiting.at(i)(asked.at(i), found);
    }
    std::vector<DnsQuestion> asked;
    std::vector<Done> waiting;
};

TEST(Lookups, AskOnceAndAreReadableWhenTheAnswerIsThere) {
    const auto resolver = std::make_shared<SlowResolver>();
    Lookups lookups(resolver);
    EXPECT_FALSE(lookups.find("O.Example.", DnsType::a));
    EXPECT_FALSE(lookups.find("o.example", DnsType::a));
    EXPECT_EQ(resolver->asked.size(), 1U);
    EXPECT_FALSE(lookups.wait(Deadline::in(Milliseconds(0))));
    resolver->answer(0);
    EXPECT_TRUE(lookups.wait(Deadline::in(Milliseconds(0))));
    EXPECT_TRUE(lookups.find("o.example", DnsType::a)->is_found());
    EXPECT_FALSE(lookups.is_waiting());
}

TEST(Lookups, AreUnknownAfterTheDeadlineAndForEver) {
    const auto resolver = std::make_shared<SlowResolver>();
    Lookups lookups(resolver);
    lookups.find("o.example", DnsType::a);
    lookups.expire("time is up");
    EXPECT_EQ(lookups.find("o.example", DnsType::a)->reason, "time is up");
    EXPECT_TRUE(lookups.find("x.example", DnsType::a)->is_failed());
    resolver->answer(0);
    lookups.take_answers();
    EXPECT_TRUE(lookups.find("o.example", DnsType::a)->is_failed()) << "same evidence to the end";
}

TEST(Lookups, MayBeAnsweredAfterTheMessageIsGone) {
    const auto resolver = std::make_shared<SlowResolver>();
    { Lookups(resolver).find("o.example", DnsType::a); }
    resolver->answer(0);
}

TEST(Lookups, HaveABudget) {
    const auto resolver = std::make_shared<SlowResolver>();
    Lookups lookups(resolver);
    for (int i = 0; i < 1000; ++i) lookups.find("n" + std::to_string(i) + ".example", DnsType::txt);
    EXPECT_EQ(resolver->asked.size(), kMaxLookups);
    EXPECT_TRUE(lookups.find("more.example", DnsType::txt)->is_failed());
    EXPECT_FALSE(lookups.find_listed("1.2.0.192.list.example")) << "asked: no sender prevents that";
}

TEST(Lookups, AskNothingThatCanNotBeAName) {
    const auto resolver = std::make_shared<SlowResolver>();
    Lookups lookups(resolver);
    for (const auto& name : {std::string("a..b"), std::string(64, 'x') + ".example", std::string(),
                             std::string(300, '.')})
        EXPECT_TRUE(lookups.find(name, DnsType::a)->is_void());
    EXPECT_TRUE(resolver->asked.empty());
}

TEST(Lookups, FailWhenTheyAreSwitchedOff) {
    Lookups lookups(nullptr);
    EXPECT_FALSE(lookups.is_on());
    EXPECT_TRUE(lookups.find("o.example", DnsType::a)->is_failed());
}

TEST(ZoneResolver, KnowsNamesThatExistOnlyBecauseOfOthers) {
    auto lookups = test::lookups_in(R"({"a.b.example": {"A": "192.0.2.1"}})");
    EXPECT_EQ(lookups.find("b.example", DnsType::a)->status, DnsAnswer::Status::no_data);
    EXPECT_EQ(lookups.find("c.example", DnsType::a)->status, DnsAnswer::Status::no_name);
}

TEST(ZoneResolver, ExpandsWildcardsWhereNothingCloserExists) {
    auto lookups = test::lookups_in(
        R"({"*.w.example": {"A": "192.0.2.1"}, "x.w.example": {"TXT": "x"}, "n.example": "NXDOMAIN",
            "t.example": {"A": "TIMEOUT"}})");
    EXPECT_TRUE(lookups.find("y.w.example", DnsType::a)->is_found());
    EXPECT_TRUE(lookups.find("y.z.w.example", DnsType::a)->is_found());
    EXPECT_EQ(lookups.find("y.x.w.example", DnsType::a)->status, DnsAnswer::Status::no_name);
    EXPECT_EQ(lookups.find("n.example", DnsType::a)->status, DnsAnswer::Status::no_name);
    EXPECT_TRUE(lookups.find("t.example", DnsType::a)->is_failed());
}

TEST(ZoneResolver, NamesWhatIsWrongWithAFile) {
    EXPECT_FALSE(ZoneResolver::parse("[1]"));
    EXPECT_FALSE(ZoneResolver::parse("{"));
    const auto bad = ZoneResolver::parse(R"({"o.example": {"A": "300.1.1.1"}})");
    ASSERT_FALSE(bad);
    EXPECT_NE(bad.error().what.find("o.example: A: '300.1.1.1'"), std::string::npos);
}

}  // namespace
}  // namespace cordon
