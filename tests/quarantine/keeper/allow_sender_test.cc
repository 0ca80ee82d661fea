// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "conf/allowed_senders.h"
#include "quarantine/keeper/keeper.h"
#include "tests/support/builders.h"
#include "tests/support/matchers.h"
#include "tests/support/temporary_directory.h"

namespace cordon {
namespace {

using test::FailsWith;
using test::IsOk;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr std::int64_t kDay = 86'400;
constexpr std::int64_t kNow = 1'800'000'000;

struct Site {
    Site() : keeper(std::move(*open_keeper(test::a_configuration(text())))) {}
    std::string text() const {
        return "[cordon]\nstate-directory = " + folder.path() +
               "\n[quarantine]\nmailbox = q@example.org\n[user.bob@example.org]\nallow = "
               "a.example\n";
    }
    std::string file() const { return allowed_senders_file(folder.path()); }
    /// Holds a message of this author; what came of the wish to allow him.
    std::string allow(const std::string& author, const std::string& virus = "",
                      std::int64_t now = kNow) {
        auto message = test::a_held_message("67a1b2c" + std::to_string(number++));
        message.author = author;
        message.virus = virus;
        EXPECT_THAT(keeper->vault->store(message, "Subject: x\r\n\r\n"), IsOk());
        return allow_sender(*keeper, {message.id, "imap:carol of the board"}, now);
    }
    std::vector<AllowedSender> allowed(std::int64_t now = kNow) const {
        return *read_allowed_senders(file(), now);
    }
    int number = 10;
    test::TemporaryDirectory folder;
    std::unique_ptr<Keeper> keeper;
};

TEST(AllowSender, TakesAnAuthorWhoWasAuthenticatedForNinetyDays) {
    Site site;
    EXPECT_EQ(site.allow("dana@example.net"), "sender dana@example.net allowed until 2027-04-15");
    ASSERT_THAT(site.allowed(), SizeIs(1));
    EXPECT_EQ(site.allowed()[0].address, "dana@example.net");
    EXPECT_EQ(site.allowed()[0].who, "imap:carol_of_the_board");
    EXPECT_THAT(site.allowed(kNow + 90 * kDay - 1), SizeIs(1));
    EXPECT_THAT(site.allowed(kNow + 90 * kDay), SizeIs(0));
}

TEST(AllowSender, RefusesAnAuthorWhoWasNot) {
    Site site;
    EXPECT_THAT(site.allow(""), StartsWith("sender not allowed: the author was not authent"));
    EXPECT_THAT(site.allowed(), SizeIs(0));
}

TEST(AllowSender, RefusesAnAuthorWhoSentAVirus) {
    Site site;
    EXPECT_THAT(site.allow("dana@example.net", "Eicar"), HasSubstr("holds a virus"));
    EXPECT_THAT(site.allowed(), SizeIs(0));
}

TEST(AllowSender, RefusesAnAddressThatWouldBeMoreThanOneEntry) {
    Site site;
    for (const char* address : {"\"a b\"@example.net", "\"a,example.org\"@example.net",
                                "\"#\"@example.net", "example.net", "a@example.net\n.example"})
        EXPECT_THAT(site.allow(address), HasSubstr("is no address")) << address;
    EXPECT_THAT(site.allowed(), SizeIs(0));
}

TEST(AllowSender, RenewsAnEntryInsteadOfDoublingIt) {
    Site site;
    site.allow("dana@example.net");
    site.allow("Dana@EXAMPLE.net", "", kNow + kDay);
    ASSERT_THAT(site.allowed(), SizeIs(1));
    EXPECT_EQ(site.allowed()[0].until, kNow + 91 * kDay);
}

TEST(AllowSender, TakesAnEntryOffWhenItsTimeIsOver) {
    Site site;
    site.allow("dana@example.net");
    site.allow("eve@example.net", "", kNow + kDay);
    expire_allowed(*site.keeper, kNow + 90 * kDay);
    ASSERT_THAT(site.allowed(0), SizeIs(1));
    EXPECT_EQ(site.allowed(0)[0].address, "eve@example.net");
}

TEST(AllowedSenders, CountInEveryAllowList) {
    Site site;
    const auto path = site.folder.write("cordon.conf", site.text());
    const auto before = load_configuration(path);
    ASSERT_THAT(before, IsOk());
    EXPECT_FALSE((*before)->policy.site.allow.contains("dana@example.net"));
    ASSERT_THAT(write_allowed_senders(site.file(), {{"dana@example.net", 1LL << 40U, "x", "y"}}),
                IsOk());
    // As cordond does when the file changes, and as it hands it to the roles.
    const auto after = reload_lists(**before);
    ASSERT_THAT(after, IsOk());
    const auto handed = parse_configuration((*after)->text, "handed");
    ASSERT_THAT(handed, IsOk());
    for (const auto& policy : {(*after)->policy.site, (*handed)->policy.site,
                               (*handed)->policy.for_recipient("bob@example.org")}) {
        EXPECT_TRUE(policy.allow.contains("dana@example.net"));
        EXPECT_FALSE(policy.allow.contains("eve@example.net"));
    }
}

TEST(AllowedSenders, LetLinesThatMakeNoSenseAllowNobody) {
    const test::TemporaryDirectory folder;
    const auto path = folder.write("allowed-senders",
                                   "# a head\nexample.net 9999999999 id who\n"
                                   "a@example.net soon id who\nb@example.net 9999999999 id\n"
                                   "c@example.net 99999999999999999999 id who\n\x01\xff\n"
                                   "d@example.net 9999999999 id who");
    const auto read = read_allowed_senders(path, kNow);
    ASSERT_THAT(read, IsOk());
    ASSERT_THAT(*read, SizeIs(1));
    EXPECT_EQ((*read)[0].address, "d@example.net");
}

TEST(AllowedSenders, AreNoneWhereThereIsNoFile) {
    const auto read = read_allowed_senders("/nowhere/allowed-senders", kNow);
    ASSERT_THAT(read, IsOk());
    EXPECT_THAT(*read, SizeIs(0));
}

}  // namespace
}  // namespace cordon
