// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/gather/examination.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "conf/base/ipc.h"
#include "tests/support/builders.h"
#include "tests/support/dns_zone.h"
#include "tests/support/fake_roles.h"
#include "tests/support/matchers.h"
#include "tests/support/temporary_directory.h"

namespace cordon {
namespace {

using test::a_catalogue;
using test::a_configuration;
using test::FailsWith;
using test::FakeScanner;
using test::IsOk;
using test::TemporaryDirectory;
using ::testing::ElementsAre;
using ::testing::SizeIs;

constexpr Milliseconds kLong(10'000);

struct Site {
    explicit Site(const std::string& options = "[clamav]\nenabled = no\n")
        : content(folder.file("content.sock")), antivirus(folder.file("antivirus.sock")) {
        antivirus.answer_with(AntivirusResult{});
        snapshot =
            make_snapshot(a_configuration(fmt::format(
                              "[cordon]\nrun-directory = {}\nown-networks = 198.51.100.0/24\n"
                              "trusted-relays = 203.0.113.5\n{}",
                              folder.path(), options)),
                          {})
                .value();
    }
    Evidence examine(Examination& examination, const std::string& message) const {
        const auto fd = test::memory_with(message);
        EXPECT_THAT(seal_memfd(fd.get()), IsOk());
        return examination.finish(fd.get(), message.size(), Deadline::in(kLong));
    }

    TemporaryDirectory folder;
    FakeScanner content;
    FakeScanner antivirus;
    SnapshotPtr snapshot;
};

Direction direction_of(const std::string& client, const std::string& user) {
    const Site site;
    Examination examination(site.snapshot);
    examination.connect("", *IpAddress::parse(client));
    examination.mail("<bob@example.com>", user);
    return examination.direction();
}

TEST(Examination, KnowsTheDirection) {
    EXPECT_EQ(direction_of("192.0.2.7", ""), Direction::inbound);
    EXPECT_EQ(direction_of("192.0.2.7", "bob"), Direction::outbound);
    EXPECT_EQ(direction_of("198.51.100.7", ""), Direction::outbound);
    EXPECT_EQ(direction_of("203.0.113.5", ""), Direction::relayed);
    EXPECT_EQ(direction_of("203.0.113.5", "bob"), Direction::outbound)
        << "authenticated comes first";
}

/// The SPF result for a client behind the relay, as its Received fields name it.
Evidence relayed(const Analysis& analysis) {
    Site site;
    site.content.answer_with(analysis);
    auto snapshot = *site.snapshot;
    snapshot.resolver = test::a_zone(
        R"({"sender.example": {"TXT": "v=spf1 ip4:192.0.2.7 -all"},
            "203.0.113.5": {"PTR": "relay.example.org"}})");
    Examination examination(std::make_shared<const Snapshot>(std::move(snapshot)));
    examination.connect("relay.example.org", *IpAddress::parse("203.0.113.5"));
    examination.helo("relay.example.org");
    examination.mail("<bob@sender.example>", "");
    return site.examine(examination, "Subject: x\r\n\r\n");
}

ReceivedHop hop(const std::string& client, const std::string& helo) {
    return {IpAddress::parse(client).value_or(IpAddress()), helo};
}

TEST(Examination, TakesTheClientOfATrustedRelayFromItsReceivedField) {
    Analysis analysis;
    analysis.hops = {hop("127.0.0.1", "localhost"), hop("203.0.113.5", "relay.example.org"),
                     hop("192.0.2.7", "out.sender.example"), hop("198.18.0.9", "forged.example")};
    const auto evidence = relayed(analysis);
    EXPECT_EQ(evidence.direction, Direction::relayed);
    EXPECT_EQ(evidence.envelope.client.to_string(), "192.0.2.7");
    EXPECT_EQ(evidence.envelope.helo, "out.sender.example");
    EXPECT_EQ(evidence.envelope.client_name, "") << "the relay's name is not the client's";
    ASSERT_TRUE(evidence.auth.spf);
    EXPECT_EQ(evidence.auth.spf->result, SpfResult::pass);
}

TEST(Examination, BelievesNoHopBelowTheFirstStrangerBehindARelay) {
    Analysis analysis;
    analysis.hops = {hop("198.18.0.9", "evil.example"), hop("192.0.2.7", "out.sender.example")};
    const auto evidence = relayed(analysis);
    ASSERT_TRUE(evidence.auth.spf);
    EXPECT_EQ(evidence.auth.spf->result, SpfResult::fail);
}

TEST(Examination, BelievesNoHopBelowAClientOfARelayThatCanNotBeRead) {
    Analysis analysis;
    analysis.hops = {hop("203.0.113.5", "relay.example.org"), hop("", "unread(able"),
                     hop("192.0.2.7", "out.sender.example")};
    const auto evidence = relayed(analysis);
    EXPECT_FALSE(evidence.envelope.client.is_known());
    EXPECT_FALSE(evidence.auth.spf && evidence.auth.spf->result == SpfResult::pass);
}

TEST(Examination, PassesByHopsInsideARelayThatHaveNoClient) {
    Analysis analysis;
    analysis.hops = {hop("203.0.113.5", "relay.example.org"), hop("", ""),
                     hop("192.0.2.7", "out.sender.example")};
    EXPECT_EQ(relayed(analysis).envelope.client.to_string(), "192.0.2.7");
}

TEST(Examination, KnowsNoClientWhereARelayNamesNone) {
    const auto evidence = relayed({});
    EXPECT_FALSE(evidence.envelope.client.is_known());
    EXPECT_FALSE(evidence.auth.iprev) << "the relay is not checked in its place";
    EXPECT_FALSE(evidence.auth.spf && evidence.auth.spf->result == SpfResult::pass);
}

TEST(Examination, TellsTheWorkerWhatTheEnvelopeSaid) {
    Site site;
    Examination examination(site.snapshot);
    examination.connect("mail.example.com", *IpAddress::parse("192.0.2.7"));
    examination.helo("mail.example.com");
    examination.mail("<Bob@example.com>", "");
    examination.rcpt("<alice@example.org>");
    examination.set_time(1'764'000'000);
    site.examine(examination, "Subject: x\r\n\r\n");
    const auto seen = site.content.seen().at(0).request.envelope;
    EXPECT_EQ(seen.client_name, "mail.example.com");
    EXPECT_EQ(seen.mail_from, "Bob@example.com");
    EXPECT_THAT(seen.recipients, ElementsAre("alice@example.org"));
    EXPECT_EQ(seen.received_at, 1'764'000'000);
}

TEST(Examination, LeavesATimeOfReceptionThatNobodyToldUnknown) {
    Site site;
    Examination examination(site.snapshot);
    examination.mail("<bob@example.com>", "");
    site.examine(examination, "Subject: x\r\n\r\n");
    EXPECT_EQ(site.content.seen().at(0).request.envelope.received_at, 0);
}

TEST(Examination, BoundsWhatASenderMayMakeLong) {
    const Site site;
    Examination examination(site.snapshot);
    const std::string huge(100'000, 'x');
    examination.connect(huge, {});
    examination.helo(huge);
    examination.mail(huge, huge);
    for (int i = 0; i < 1000; ++i) examination.rcpt(huge);
    EXPECT_THAT(examination.envelope().helo, SizeIs(1024));
    EXPECT_THAT(examination.envelope().mail_from, SizeIs(1024));
    EXPECT_THAT(examination.envelope().recipients, SizeIs(100));
}

TEST(Examination, BringsTheAnswersOfBothPools) {
    Site site("[clamav]\nenabled = yes\n");
    site.content.answer_with(test::an_analysis({"RULE"}));
    AntivirusResult infected;
    infected.virus = "Worm";
    site.antivirus.answer_with(infected);
    Examination examination(site.snapshot);
    const auto evidence = site.examine(examination, "x");
    ASSERT_TRUE(evidence.content);
    EXPECT_EQ(evidence.content->hits.at(0).rule, "RULE");
    ASSERT_TRUE(evidence.antivirus);
    EXPECT_EQ(evidence.antivirus->virus, "Worm");
    EXPECT_THAT(evidence.unread, SizeIs(0));
}

TEST(Examination, AsksNoVirusScannerThatIsSwitchedOff) {
    Site site;
    Examination examination(site.snapshot);
    const auto evidence = site.examine(examination, "x");
    EXPECT_FALSE(evidence.antivirus);
    EXPECT_THAT(evidence.unread, SizeIs(0));
    EXPECT_THAT(site.antivirus.seen(), SizeIs(0));
}

TEST(Examination, JudgesAnOversizedMessageOnItsFirstPart) {
    Site site("[clamav]\nenabled = no\n[milter]\nmax-message-size = 64K\n");
    Examination examination(site.snapshot);
    const auto evidence = site.examine(examination, std::string(70'000, 'x'));
    ASSERT_THAT(evidence.unread, SizeIs(1));
    EXPECT_EQ(evidence.unread[0].kind, Unread::oversize);
    EXPECT_EQ(evidence.unread[0].detail, "70000 bytes, judged on the first 65536");
    EXPECT_EQ(site.content.seen().at(0).request.size, 65536U);
}

TEST(Examination, GivesWorkersNoLongerThanTwoAttempts) {
    Site site("[clamav]\nenabled = no\n[scanner]\ntimeout = 1s\n");
    Examination examination(site.snapshot);
    const auto latest = Deadline::in(Milliseconds(2000)).at();
    site.examine(examination, "x");
    EXPECT_LE(site.content.seen().at(0).request.deadline.at(), latest + Milliseconds(1000));
}

// ---- snapshots ----

TEST(MakeSnapshot, PutsTheSitesScoresOverTheShippedOnes) {
    const auto snapshot = make_snapshot(a_configuration("[scores]\nRULE = 1.5\nOTHER = off\n"),
                                        a_catalogue({{"RULE", 9}, {"OTHER", 9}, {"THIRD", 9}}));
    ASSERT_THAT(snapshot, IsOk());
    EXPECT_EQ((*snapshot)->catalogue.find("RULE")->score, 1.5);
    EXPECT_EQ((*snapshot)->catalogue.find("OTHER")->score, 0);
    EXPECT_EQ((*snapshot)->catalogue.find("THIRD")->score, 9);
}

TEST(MakeSnapshot, NamesTheLineOfAScoreForNoRule) {
    EXPECT_THAT(make_snapshot(a_configuration("[scores]\n\nRULE = 1.5\n"), {}),
                FailsWith("test.conf:3: no rule is named RULE"));
}

TEST(MakeSnapshot, NamesTheLineOfAnAbsurdScore) {
    EXPECT_THAT(
        make_snapshot(a_configuration("[scores]\nRULE = 5000\n"), a_catalogue({{"RULE", 1}})),
        FailsWith("test.conf:2: rule RULE: a score lies between"));
}

TEST(MakeSnapshot, KnowsTheSocketsOfThePools) {
    const auto text = std::string("[cordon]\nrun-directory = /r\n[clamav]\nenabled = ");
    EXPECT_EQ((*make_snapshot(a_configuration(text + "yes\n"), {}))->pools.antivirus,
              "/r/antivirus.sock");
    EXPECT_EQ((*make_snapshot(a_configuration(text + "no\n"), {}))->pools.antivirus, "");
    EXPECT_EQ((*make_snapshot(a_configuration(text + "no\n"), {}))->pools.content,
              "/r/content.sock");
}

}  // namespace
}  // namespace cordon
