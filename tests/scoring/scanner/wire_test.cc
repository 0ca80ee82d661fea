// SPDX-License-Identifier: GPL-2.0-only
// The wire format: what is written is read back, what does not fit is cut aloud, hostile bytes are
// refused or made harmless.
#include "scoring/scanner/wire.h"

#include <gtest/gtest.h>

#include <limits>

#include "conf/base/ipc.h"

namespace cordon {
namespace {

Analysis full_analysis() {
    Analysis out;
    out.hits = {{"SUBJ_ALL_CAPS", "Subject: BUY NOW"}, {"URI_IP", ""}};
    out.unread = {{Unread::encrypted, "secret.zip"}};
    out.parts = {{0, 0, "text/plain", "", 12, std::string(64, 'a')},
                 {1, 2, "application/zip", "b\u00e4r.zip", 1U << 20U, std::string(64, 'b')}};
    out.urls = {"http://example.org/a", "http://b\u00fccher.example/"};
    out.readings = 2;
    out.subject = "Gr\u00fc\u00dfe";
    out.from = "Alice <alice@example.org>";
    out.from_domain = "example.org";
    out.report = "first line\n\nthird line\n";
    out.elapsed_us = 1234;
    out.opinion = Opinion{0.25, 300, 400, {{"subject pills", -1.5}}};
    out.features = std::string("\x01\x00\x80", 3);
    out.identity = std::string(64, 'c');
    return out;
}

TEST(Wire, GivesTheAnalysisBackAsItWas) {
    const auto in = full_analysis();
    const auto out = decode_analysis(encode(in));
    ASSERT_TRUE(out) << out.error().what;
    ASSERT_EQ(out->hits.size(), 2U);
    EXPECT_EQ(out->hits[0].rule, "SUBJ_ALL_CAPS");
    EXPECT_EQ(out->hits[0].detail, "Subject: BUY NOW");
    ASSERT_EQ(out->unread.size(), 1U);
    EXPECT_EQ(out->unread[0].kind, Unread::encrypted);
    ASSERT_EQ(out->parts.size(), 2U);
    EXPECT_EQ(out->parts[1].name, in.parts[1].name);
    EXPECT_EQ(out->parts[1].size, in.parts[1].size);
    EXPECT_EQ(out->parts[1].depth, 2);
    EXPECT_EQ(out->urls, in.urls);
    EXPECT_EQ(out->readings, 2);
    EXPECT_EQ(out->subject, in.subject);
    EXPECT_EQ(out->from, in.from);
    EXPECT_EQ(out->from_domain, in.from_domain);
    EXPECT_EQ(out->report, in.report);
    EXPECT_EQ(out->elapsed_us, 1234U);
    ASSERT_TRUE(out->opinion);
    EXPECT_EQ(out->opinion->probability, 0.25);
    EXPECT_EQ(out->opinion->spam, 400U);
    ASSERT_EQ(out->opinion->tokens.size(), 1U);
    EXPECT_EQ(out->opinion->tokens[0].token, "subject pills");
    EXPECT_EQ(out->features, in.features);
    EXPECT_EQ(out->identity, in.identity);
}

TEST(Wire, RefusesAnImpossibleOpinion) {
    auto in = full_analysis();
    in.opinion->probability = 1.5;
    EXPECT_FALSE(decode_analysis(encode(in)));
    in.opinion->probability = std::numeric_limits<double>::quiet_NaN();
    EXPECT_FALSE(decode_analysis(encode(in)));
}

TEST(Wire, GivesTheRequestBackAsItWas) {
    ScanRequest in;
    in.kind = ScanKind::antivirus;
    in.deadline = Deadline::in(Milliseconds(5000));
    in.size = 77;
    in.envelope.client_name = "mx.example.net";
    in.envelope.client = *IpAddress::parse("2001:db8::1");
    in.envelope.mail_from = "a@example.net";
    in.envelope.recipients = {"b@example.org", "c@example.org"};
    in.envelope.auth_user = "bob";
    in.envelope.received_at = 1'700'000'000;
    const auto out = decode_request(encode(in));
    ASSERT_TRUE(out) << out.error().what;
    EXPECT_EQ(out->kind, ScanKind::antivirus);
    EXPECT_NEAR(static_cast<double>(out->deadline.left().count()), 5000, 100);
    EXPECT_EQ(out->size, 77U);
    EXPECT_EQ(out->envelope.client, in.envelope.client);
    EXPECT_EQ(out->envelope.recipients, in.envelope.recipients);
    EXPECT_EQ(out->envelope.auth_user, "bob");
    EXPECT_EQ(out->envelope.received_at, 1'700'000'000);
}

TEST(Wire, RefusesEveryShortenedRecordAndTrailingBytes) {
    const auto request = encode(ScanRequest{});
    const auto answer = encode(full_analysis());
    for (std::size_t n = 0; n < request.size(); ++n)
        EXPECT_FALSE(decode_request(request.substr(0, n))) << n;
    for (std::size_t n = 0; n < answer.size(); ++n)
        EXPECT_FALSE(decode_analysis(answer.substr(0, n))) << n;
    EXPECT_FALSE(decode_request(request + "x"));
    EXPECT_FALSE(decode_analysis(answer + "x"));
}

TEST(Wire, CutsLongListsAloudAndKeepsTheRecordSmall) {
    Analysis in = full_analysis();
    in.urls.assign(5000, "http://example.org/" + std::string(900, 'u'));
    in.parts.assign(3000, in.parts[1]);
    in.report.assign(1U << 20U, 'r');
    const auto record = encode(in);
    ASSERT_LE(record.size(), kMaxRecordBytes);
    const auto out = decode_analysis(record);
    ASSERT_TRUE(out) << out.error().what;
    EXPECT_EQ(out->hits.size(), 2U);
    EXPECT_LT(out->parts.size(), 3000U);
    EXPECT_LT(out->urls.size(), 5000U);
    ASSERT_EQ(out->unread.size(), 3U);
    EXPECT_EQ(out->unread[1].kind, Unread::unscanned);
    EXPECT_NE(out->unread[1].detail.find("of 3000 parts"), std::string::npos);
}

TEST(Wire, ShortensLinksBeforeItLeavesAnyOut) {
    Analysis in;
    in.urls.assign(300, "http://example.org/" + std::string(700, 'u'));
    const auto out = decode_analysis(encode(in));
    ASSERT_TRUE(out);
    EXPECT_EQ(out->urls.size(), 300U);
    EXPECT_TRUE(out->unread.empty());
}

TEST(Wire, KeepsOneReasonOfEachKindWhenThereAreThousands) {
    AntivirusResult in;
    in.unread.assign(5000, {Unread::encrypted, "a"});
    in.unread.push_back({Unread::scan_failed, "b"});
    const auto out = decode_antivirus(encode(in));
    ASSERT_TRUE(out);
    EXPECT_EQ(out->unread.front().kind, Unread::scan_failed);
    EXPECT_LE(out->unread.size(), 70U);
}

TEST(Wire, MakesControlBytesOfAHostileWorkerHarmless) {
    Analysis in;
    in.subject = "a\r\nBcc: victim@example.org";
    in.report = "one\ntwo\x1b[2J\nthree";
    in.hits = {{"RULE", "\xff\xfe"}};
    const auto out = decode_analysis(encode(in));
    ASSERT_TRUE(out);
    EXPECT_EQ(out->subject, "a\\x0d\\x0aBcc: victim@example.org");
    EXPECT_EQ(out->report, "one\ntwo\\x1b[2J\nthree");
    EXPECT_EQ(out->hits[0].detail, "\\xff\\xfe");
}

TEST(Wire, RefusesARuleWhoseNameCouldBreakAHeader) {
    for (const auto* const name : {"", "lower", "A B", "A\r\nX: y", "1A"}) {
        Analysis in;
        in.hits = {{name, ""}};
        EXPECT_FALSE(decode_analysis(encode(in))) << name;
    }
}

TEST(Wire, TurnsAFailureIntoItsReason) {
    const auto out = decode_antivirus(encode_failure("no database"));
    ASSERT_FALSE(out);
    EXPECT_EQ(out.error().what, "no database");
}

TEST(Wire, RefusesTheAnswerOfTheOtherPoolAndOtherVersions) {
    EXPECT_FALSE(decode_analysis(encode(AntivirusResult{})));
    EXPECT_FALSE(decode_antivirus(encode(Analysis{})));
    auto record = encode(AntivirusResult{});
    record[0] = 9;
    const auto out = decode_antivirus(record);
    ASSERT_FALSE(out);
    EXPECT_NE(out.error().what.find("version 9"), std::string::npos);
}

TEST(Wire, SurvivesEveryOneByteChangeOfAnAnswer) {
    const auto record = encode(full_analysis());
    for (std::size_t i = 0; i < record.size(); ++i) {
        for (const int value : {0, 1, 0x7f, 0x80, 0xff}) {
            auto changed = record;
            changed[i] = static_cast<char>(value);
            const auto out = decode_analysis(changed);  // either is right; a crash is not
            if (out) {
                EXPECT_EQ(out->subject.find('\n'), std::string::npos);
            }
        }
    }
}

}  // namespace
}  // namespace cordon
