// SPDX-License-Identifier: GPL-2.0-only
// Who is told what, how often, and which answers release something.
#include "quarantine/keeper/digest_jobs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/builders.h"
#include "tests/support/matchers.h"
#include "tests/support/temporary_directory.h"

namespace cordon {
namespace {

using test::FailsWith;
using test::IsOk;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::int64_t kDay = 86'400;

struct Site {
    explicit Site(const std::string& more = "")
        : keeper(std::move(*open_keeper(test::a_configuration(text(more))))) {}
    std::string text(const std::string& more) const {
        return "[cordon]\nstate-directory = " + folder.path() +
               "\nown-domains = example.org\naddress-map = sales@example.org=alice@example.org\n"
               "[quarantine]\nmailbox = q@example.org\nrelease-via = smtp://127.0.0.1:10035\n"
               "digest-time = 07:00\n" +
               more + "[policy]\ndigest = yes\n[user.bob@example.org]\ndigest = no\n";
    }
    /// As if cordond had started again.
    void restart() {
        keeper.reset();
        keeper = std::move(*open_keeper(test::a_configuration(text(""))));
    }
    HeldMessage hold(std::int64_t at, const std::string& to = "<alice@example.org>",
                     const std::string& virus = "") {
        auto message = test::a_held_message("67a1b2c" + std::to_string(number++));
        message.received_at = at;
        message.recipients = {{"<bob@example.org>", ""}, {to, ""}};
        message.virus = virus;
        EXPECT_THAT(keeper->vault->store(message, "Subject: x\r\n\r\n"), IsOk());
        EXPECT_THAT(keeper->journal->add(message, "held", "cordon"), IsOk());
        return message;
    }
    TakeDigestAnswer take(std::int64_t now) {
        const auto taken = take_digest(*keeper, {}, now);
        EXPECT_THAT(taken, IsOk());
        return taken ? *taken : TakeDigestAnswer{};
    }
    void sent(const TakeDigestAnswer& job, std::int64_t now) {
        EXPECT_THAT(
            record_digest(*keeper, {job.digest.address, job.until, DigestOutcome::sent}, now),
            IsOk());
    }
    std::string token(std::int64_t at) { return take(at).digest.entries.at(0).token; }
    Result<AnswerDigestAnswer> answer(const std::string& token, const std::string& sender,
                                      std::int64_t now) {
        return answer_digest(*keeper, {token, sender, "login"}, now);
    }
    std::int64_t seven() const {
        return last_time_of_day(keeper->configuration.get()->quarantine.digest_time, 1'800'000'000);
    }
    int number = 10;
    test::TemporaryDirectory folder;
    std::unique_ptr<Keeper> keeper;
};

TEST(TakeDigest, TellsOnceADayWhatIsNewSinceTheLast) {
    Site site;
    const auto seven = site.seven();
    const auto first = site.hold(seven - 3600);
    const auto later = site.hold(seven + 3600);
    const auto job = site.take(seven + 60);
    ASSERT_TRUE(job.is_there);
    EXPECT_EQ(job.digest.address, "alice@example.org");
    ASSERT_THAT(job.digest.entries, SizeIs(1));
    EXPECT_EQ(job.digest.entries[0].id, first.id);
    site.sent(job, seven + 61);
    EXPECT_FALSE(site.take(seven + 62).is_there);
    EXPECT_FALSE(site.take(seven + kDay - 3600).is_there);
    const auto next = site.take(seven + kDay + 7200);
    ASSERT_THAT(next.digest.entries, SizeIs(1));
    EXPECT_EQ(next.digest.entries[0].id, later.id);
}

TEST(TakeDigest, TellsNobodyTwiceAfterARestart) {
    Site site;
    const auto seven = site.seven();
    site.hold(seven - 3600);
    EXPECT_TRUE(site.take(seven + 60).is_there);  // and was killed before it recorded anything
    site.restart();
    EXPECT_FALSE(site.take(seven + 61).is_there);
    EXPECT_THAT(site.take(seven + kDay + 7200).digest.entries, SizeIs(1));
}

TEST(TakeDigest, TriesAgainLaterWhatTheServerPutOff) {
    Site site;
    const auto seven = site.seven();
    site.hold(seven - 3600);
    const auto job = site.take(seven + 60);
    EXPECT_THAT(record_digest(*site.keeper, {job.digest.address, job.until, DigestOutcome::later},
                              seven + 61),
                IsOk());
    EXPECT_FALSE(site.take(seven + 62).is_there);
    EXPECT_TRUE(site.take(seven + 3600).is_there);
}

TEST(TakeDigest, IsForPeopleOfOwnDomainsWhoWantOne) {
    for (const char* other :
         {"<carol@elsewhere.example>", "<staff-request@example.org>", "<owner-staff@example.org>",
          "<mailer-daemon@example.org>", "<q@example.org>", "<x@lists.example.org>"}) {
        Site site;
        site.hold(site.seven() - 3600, other);
        EXPECT_FALSE(site.take(site.seven() + 60).is_there) << other;
    }
}

TEST(TakeDigest, LeavesOutListsAndCatchAllsThatAreNamed) {
    Site site("digest-exclude = alice@example.org\n");
    site.hold(site.seven() - 3600);
    EXPECT_FALSE(site.take(site.seven() + 60).is_there);
}

TEST(TakeDigest, GoesToThePersonBehindAnAlias) {
    Site site;
    site.hold(site.seven() - 3600, "<sales@example.org>");
    site.hold(site.seven() - 3600, "<Alice@Example.org>");
    const auto job = site.take(site.seven() + 60);
    EXPECT_EQ(job.digest.address, "alice@example.org");
    EXPECT_THAT(job.digest.entries, SizeIs(2));
}

TEST(TakeDigest, OnDemandStillOnceADay) {
    Site site;
    const auto now = site.seven() + 7200;
    site.hold(now - 60);
    EXPECT_THAT(take_digest(*site.keeper, {"alice@example.org"}, now), IsOk());
    EXPECT_THAT(take_digest(*site.keeper, {"alice@example.org"}, now + 60), FailsWith("today"));
    EXPECT_THAT(take_digest(*site.keeper, {"bob@example.org"}, now), FailsWith("wants no digest"));
}

TEST(AnswerDigest, ReleasesForThatRecipientAlone) {
    Site site;
    const auto now = site.seven() + 60;
    const auto message = site.hold(now - 3600);
    const auto answer = site.answer(site.token(now), "Alice@Example.org", now);
    ASSERT_THAT(answer, IsOk());
    EXPECT_TRUE(answer->has_changed);
    const auto job = site.keeper->journal->take_order(now)->job;
    ASSERT_TRUE(job);
    EXPECT_EQ(job->recipients, std::vector<std::string>{"<alice@example.org>"});
    EXPECT_EQ(job->who, "user:alice@example.org");
}

TEST(AnswerDigest, ReleasesOnceHoweverOftenItComes) {
    Site site;
    const auto now = site.seven() + 60;
    site.hold(now - 3600);
    const auto token = site.token(now);
    EXPECT_TRUE(site.answer(token, "alice@example.org", now)->has_changed);
    for (int i = 0; i < 3; ++i)
        EXPECT_FALSE(site.answer(token, "alice@example.org", now)->has_changed);
}

TEST(AnswerDigest, RefusesAnotherSenderItemOrTime) {
    Site site;
    const auto now = site.seven() + 60;
    const auto message = site.hold(now - 3600);
    const auto other = site.hold(now + 3600);
    const auto token = site.token(now);
    EXPECT_THAT(site.answer(token, "bob@example.org", now), FailsWith("another recipient"));
    EXPECT_THAT(site.answer(token, "", now), FailsWith("another recipient"));
    EXPECT_THAT(site.answer(token, "alice@example.org", now + 32 * kDay), FailsWith("expired"));
    auto forged = token;
    forged.replace(forged.find(message.id), message.id.size(), other.id);
    EXPECT_THAT(site.answer(forged, "alice@example.org", now), FailsWith("not good"));
    forged = token;
    forged[forged.find("-1-") + 1] = '0';  // bob, for whom it is held too
    EXPECT_THAT(site.answer(forged, "bob@example.org", now), FailsWith("not good"));
    EXPECT_THAT(site.answer("CR1", "alice@example.org", now), FailsWith("no token"));
    EXPECT_FALSE(site.keeper->journal->take_order(now)->job);
}

TEST(AnswerDigest, NeverReleasesAVirus) {
    Site site;
    const auto now = site.seven() + 60;
    site.hold(now - 3600, "<alice@example.org>", "Eicar");
    EXPECT_THAT(site.token(now), IsEmpty());
}

TEST(AnswerDigest, LeavesWhatAReviewerFoundToBeSpam) {
    Site site;
    const auto now = site.seven() + 60;
    const auto message = site.hold(now - 3600);
    const auto token = site.token(now);
    EXPECT_THAT(site.keeper->journal->confirm(message.id, "imap", now), IsOk());
    EXPECT_THAT(site.answer(token, "alice@example.org", now), FailsWith("reviewer"));
}

}  // namespace
}  // namespace cordon
