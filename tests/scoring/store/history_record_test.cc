// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/store/history_record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "conf/base/text.h"
#include "tests/support/builders.h"
#include "tests/support/matchers.h"

namespace cordon {
namespace {

using test::a_catalogue;
using test::FailsWith;
using test::IsOk;
using ::testing::HasSubstr;
using ::testing::Not;

/// Everything that judging and deciding look at, and texts that must not be kept.
Evidence full_evidence() {
    Evidence out;
    out.envelope = {.client_name = "mx.example.net",
                    .client = *IpAddress::parse("192.0.2.7"),
                    .helo = "mx.example.net",
                    .mail_from = "a@example.net",
                    .recipients = {"u@example.org"},
                    .auth_user = "",
                    .received_at = 1'790'000'000};
    auto& content = out.content.emplace();
    content.hits = {
        {"BRAND_IN_SUBJECT", "secret words"}, {"TWO", "secret words"}, {"TWO", "again"}};
    content.unread = {{Unread::encrypted, "secret.zip"},
                      {Unread::unscanned, "damaged archive: secret.rar"}};
    content.subject = "secret words";
    content.from = "Secret Name <a@example.net>";
    content.from_address = "a@example.net";
    content.from_domain = "example.net";
    content.authors = 1;
    content.files = {{"iso", "application/x-iso9660-image", "secret.iso"}};
    content.opinion = Opinion{0.987654, 700, 600, {{"secret", 2.0}}};
    auto& antivirus = out.antivirus.emplace();
    antivirus.virus = "Eicar-Test-Signature";
    antivirus.hits = {{"FIVE", "secret words"}};
    out.lists = {{"SEVEN", "127.0.0.2"}};
    out.auth.spf = SpfOutcome{SpfResult::softfail, "example.net", "secret", "secret"};
    out.auth.helo_spf = SpfOutcome{SpfResult::fail, "mx.example.net", "secret", ""};
    out.auth.iprev = IprevOutcome{IprevOutcome::Result::fail, ""};
    out.auth.dkim.resize(2);
    out.auth.dkim[0].result = DkimResult::fail;
    out.auth.dkim[0].domain = "example.net";
    out.auth.dmarc = DmarcOutcome{
        DmarcOutcome::Result::fail, "example.net", DmarcPolicy::reject, "", "secret", ""};
    out.auth.arc = ArcOutcome{ArcOutcome::Result::fail, "secret", {}, {}};
    out.unknown = {"dnsbl example: secret"};
    out.memory.emplace();
    out.memory->is_correspondent = true;
    out.memory->senders = {{"author a@example.net", 1, 30, 9}};
    return out;
}

Catalogue full_catalogue() {
    return a_catalogue({{"TWO", 2},
                        {"FIVE", 5},
                        {"SEVEN", 7},
                        {"BRAND_IN_SUBJECT", 0.3},
                        {"BRAND_UNPROVEN", 2.5},
                        {"SPF_SOFTFAIL", 0.9},
                        {"SPF_HELO_FAIL", 1},
                        {"DKIM_FAIL", 0.4},
                        {"DMARC_FAIL_REJECT", 4},
                        {"ARC_FAIL", 0.2},
                        {"CLIENT_NAME_FALSE", 0.7},
                        {"KNOWN_CORRESPONDENT", -2},
                        {"REPUTATION_BAD", 2.5},
                        {"CLASSIFIER_SPAM", 7},
                        {"CLASSIFIER_HAM", -4}});
}

HistoryRecord a_record() {
    const auto evidence = full_evidence();
    auto out = history_of(evidence, judge(evidence, full_catalogue()));
    out.id = "6924d1c51f0a9b3c7d";
    out.queue_id = "4Xyz";
    out.message_id = "<m@example.net>";
    out.recipients = 1;
    out.decisions = {{"u@example.org", Action::reject, Action::quarantine, Action::reject,
                      Cause::virus, Mode::enforce, -1500}};
    return out;
}

TEST(HistoryRecord, GivesTheSameVerdictAgain) {
    const auto then = judge(full_evidence(), full_catalogue());
    const auto record = decode_history(encode(a_record()));
    ASSERT_THAT(record, IsOk());
    const auto now = judge(evidence_of(*record), full_catalogue());
    EXPECT_EQ(now.score, then.score);
    ASSERT_EQ(now.hits.size(), then.hits.size());
    for (std::size_t i = 0; i < then.hits.size(); ++i) {
        EXPECT_EQ(now.hits[i].rule, then.hits[i].rule);
        EXPECT_EQ(now.hits[i].score, then.hits[i].score) << then.hits[i].rule;
    }
    EXPECT_EQ(now.virus, then.virus);
    EXPECT_EQ(now.learned, then.learned);
    EXPECT_EQ(now.unread.size(), then.unread.size());
}

TEST(HistoryRecord, GivesTheSameDecisionAgain) {
    auto evidence = full_evidence();
    evidence.antivirus->virus.clear();
    const auto then = judge(evidence, full_catalogue());
    const auto record = decode_history(encode(history_of(evidence, then)));
    ASSERT_THAT(record, IsOk());
    const auto kept = evidence_of(*record);
    const auto now = judge(kept, full_catalogue());
    Policy strict;
    strict.unscanned = Action::tag;
    Policy denying = strict;
    denying.deny = *parse_value<AddressList>("example.net");
    for (const auto& policy : {Policy(), strict, denying}) {
        const auto before = decide(then, evidence, policy, {.has_quarantine = true});
        const auto after = decide(now, kept, policy, {.has_quarantine = true});
        EXPECT_EQ(after.action, before.action);
        EXPECT_EQ(after.cause, before.cause);
    }
}

TEST(HistoryRecord, KeepsKindsOfFilesForTheirBlocking) {
    const auto then = judge(full_evidence(), full_catalogue());
    const auto evidence = evidence_of(history_of(full_evidence(), then));
    ASSERT_EQ(evidence.content->files.size(), 1U);
    EXPECT_EQ(evidence.content->files[0].extension, "iso");
    EXPECT_EQ(evidence.content->files[0].type, "application/x-iso9660-image");
}

TEST(HistoryRecord, KeepsNoTextOfTheMessage) {
    const auto bytes = lower(encode(a_record()));
    EXPECT_THAT(bytes, Not(HasSubstr("secret")));
    EXPECT_THAT(bytes, HasSubstr("damaged archive"));
}

TEST(HistoryRecord, WritesItselfAgain) {
    const auto bytes = encode(a_record());
    const auto record = decode_history(bytes);
    ASSERT_THAT(record, IsOk());
    EXPECT_EQ(encode(*record), bytes);
    EXPECT_EQ(record->decisions.front().score, -1500);
    EXPECT_EQ(record->opinion->probability, 987'654U);
}

TEST(HistoryRecord, ThatIsCutOrLongerIsRefused) {
    const auto bytes = encode(a_record());
    for (std::size_t size = 0; size < bytes.size(); ++size)
        EXPECT_FALSE(decode_history(bytes.substr(0, size))) << size;
    EXPECT_FALSE(decode_history(bytes + "x"));
}

TEST(HistoryRecord, OfAnotherVersionIsRefusedByName) {
    auto bytes = encode(a_record());
    bytes.front() = 9;
    EXPECT_THAT(decode_history(bytes), FailsWith("version 9, not 3"));
}

TEST(HistoryRecord, OfBeforeSendersWereRememberedIsRead) {
    auto evidence = full_evidence();
    evidence.memory.reset();
    evidence.content->files.clear();
    auto bytes = encode(history_of(evidence, judge(evidence, full_catalogue())));
    bytes.front() = 1;
    bytes.resize(bytes.size() - 6);  // no files; no memory, and its empty fields
    const auto record = decode_history(bytes);
    ASSERT_THAT(record, IsOk());
    EXPECT_FALSE(evidence_of(*record).memory);
}

TEST(HistoryRecord, BelievesNoEnumeratorAndNoCount) {
    const auto bytes = encode(a_record());
    for (std::size_t i = 1; i < bytes.size(); ++i) {
        auto damaged = bytes;
        damaged[i] = '\xFF';
        const auto record = decode_history(damaged);  // must not crash; what is read is in bounds
        if (!record) continue;
        EXPECT_LE(static_cast<int>(record->direction), 2);
        for (const auto& d : record->decisions) EXPECT_LE(static_cast<int>(d.action), 5);
    }
}

}  // namespace
}  // namespace cordon
