// SPDX-License-Identifier: GPL-2.0-only
// The bytes that the worker and the vault get are those that the sender sent.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "milter/transaction.h"
#include "tests/support/milter_site.h"

namespace cordon {
namespace {

using namespace std::string_literals;
using test::Mail;
using test::MilterSite;
using ::testing::ElementsAre;

std::string bytes_seen(const Mail& mail) {
    const MilterSite site;
    site.connection()->send(mail);
    return site.scanner->seen().at(0).message;
}

TEST(MessageBytes, KeepFoldedHeaderFields) {
    EXPECT_EQ(
        bytes_seen({.headers = {{"Subject", " one\n\ttwo\n  three"}, {"To", " a@example.org"}}}),
        "Subject: one\r\n\ttwo\r\n  three\r\nTo: a@example.org\r\n\r\nText\r\n");
}

TEST(MessageBytes, KeepBlanksAfterTheColonAsTheyWere) {
    EXPECT_EQ(
        bytes_seen(
            {.headers = {{"A", "none"}, {"B", " one"}, {"C", "  two"}, {"D", "\ttab"}, {"E", ""}},
             .body = ""}),
        "A:none\r\nB: one\r\nC:  two\r\nD:\ttab\r\nE:\r\n\r\n");
}

TEST(MessageBytes, KeepCarriageReturnsThatTheMtaLeftInAFold) {
    EXPECT_EQ(bytes_seen({.headers = {{"Subject", " one\r\n\ttwo"}}, .body = ""}),
              "Subject: one\r\n\ttwo\r\n\r\n");
}

TEST(MessageBytes, KeepEightBitTextAndNul) {
    const std::string body = "gr\xfc\xdf\0e\r\n.\r\nno final newline"s;
    EXPECT_EQ(bytes_seen({.headers = {{"Subject", " \xc3\xa4 \xff"}}, .body = body}),
              "Subject: \xc3\xa4 \xff\r\n\r\n" + body);
}

TEST(MessageBytes, JoinTheChunksOfTheBody) {
    const MilterSite site;
    const auto mta = site.connection();
    mta->mail({"<bob@example.com>"});
    mta->rcpt({"<alice@example.org>"});
    mta->end_of_header();
    const std::string chunk(65535, 'x');
    for (int i = 0; i < 20; ++i) mta->body(chunk);
    mta->end_of_message();
    EXPECT_EQ(site.scanner->seen().at(0).message, "\r\n" + std::string(20 * 65535, 'x'));
}

TEST(MessageBytes, ReachTheWorkerSealed) {
    const MilterSite site;
    site.connection()->send({});
    const auto seen = site.scanner->seen().at(0);
    EXPECT_TRUE(seen.is_sealed);
    EXPECT_EQ(seen.request.size, seen.message.size());
}

TEST(MessageBytes, StayExactOverTheMemoryBudget) {
    const MilterSite site("[milter]\nmemory = 1K\n");
    site.find({"SEVEN"});
    const std::string body(1'000'000, 'y');
    site.connection()->send({.body = body});
    EXPECT_EQ(site.scanner->seen().at(0).message, "Subject: Hello\r\n\r\n" + body);
    EXPECT_EQ(site.keeper->held().at(0).original, "Subject: Hello\r\n\r\n" + body);
}

TEST(MessageBytes, AreDeferredWhenTheyCannotBeKept) {
    MilterSite site("[milter]\nmemory = 1K\n");
    site.process.reset();
    const auto snapshot = site.snapshot_with("[milter]\nmemory = 1K\n", true);
    auto broken = std::make_shared<Configuration>(*snapshot->configuration);
    broken->cordon.state_directory = "/nonexistent";
    auto copy = std::make_shared<Snapshot>(*snapshot);
    copy->configuration = broken;
    site.process = std::make_unique<MilterProcess>(copy);
    EXPECT_EQ(site.connection()->send({.body = std::string(100'000, 'z')}), SMFIS_TEMPFAIL);
}

// ---- oversize ----

constexpr const char* kSmall = "[milter]\nmax-message-size = 64K\n";

TEST(Oversize, IsJudgedOnItsFirstPart) {
    const MilterSite site(kSmall);
    site.connection()->send({.body = std::string(100'000, 'x')});
    const auto seen = site.scanner->seen().at(0);
    EXPECT_EQ(seen.request.size, 65536U);
}

TEST(Oversize, IsHeldWhole) {
    const MilterSite site(kSmall);
    const auto mta = site.connection();
    EXPECT_EQ(mta->send({.body = std::string(100'000, 'x')}), SMFIS_CONTINUE);
    EXPECT_THAT(mta->recipients, ElementsAre("<quarantine@example.org>"));
    const auto held = site.keeper->held().at(0);
    EXPECT_EQ(held.original.size(), 100'000 + std::string("Subject: Hello\r\n\r\n").size());
    EXPECT_THAT(held.message.reason, ::testing::HasSubstr("oversize"));
}

TEST(Oversize, CountsNotAtTheLimitItself) {
    const MilterSite site(kSmall);
    const auto mta = site.connection();
    mta->send({.headers = {}, .body = std::string(65536 - 2, 'x')});
    EXPECT_THAT(mta->recipients, ElementsAre("<alice@example.org>"));
    EXPECT_EQ(mta->header_values("X-Spam-Flag"), std::vector<std::string>{" NO"});
}

TEST(Oversize, SkipsTheRestOfTheBodyWhereNothingIsHeld) {
    const MilterSite site(kSmall, false);
    test::FakeMta mta(*site.process);
    mta.offered_steps &= ~static_cast<unsigned long>(SMFIP_NR_BODY);
    mta.open();
    mta.mail({"<bob@example.com>"});
    mta.rcpt({"<alice@example.org>"});
    EXPECT_EQ(mta.body(std::string(60'000, 'x')), SMFIS_CONTINUE);
    EXPECT_EQ(mta.body(std::string(60'000, 'x')), SMFIS_SKIP);
    EXPECT_EQ(mta.end_of_message(), SMFIS_CONTINUE);
    EXPECT_EQ(mta.header_values("X-Spam-Flag"), std::vector<std::string>{" YES"}) << "acts as tag";
}

}  // namespace
}  // namespace cordon
