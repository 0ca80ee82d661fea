// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/lookups/dmarc.h"

#include <gtest/gtest.h>

#include "tests/support/dns_zone.h"

namespace cordon {
namespace {

using R = DmarcOutcome::Result;

struct Sender {
    std::string author = "author.example";
    unsigned authors = 1;
    std::string signer = {};  // of a good signature
    std::string client = {};  // of an SPF pass
    DkimResult dkim = DkimResult::pass;
    SpfResult spf = SpfResult::pass;
};

DmarcOutcome outcome_of(const std::string& zone, const Sender& sender) {
    auto lookups = test::lookups_in(zone);
    SpfOutcome spf;
    spf.result = sender.spf;
    spf.domain = sender.client;
    std::vector<DkimOutcome> dkim;
    if (!sender.signer.empty()) {
        dkim.emplace_back();
        dkim.back().result = sender.dkim;
        dkim.back().domain = sender.signer;
    }
    return check_dmarc({sender.author, sender.authors, &spf, &dkim}, lookups).value();
}

std::string record(const std::string& text) {
    return R"({"_dmarc.author.example": {"TXT": [")" + text + "\"]}}";
}

TEST(Dmarc, PassesWhatAnAlignedDomainSignedOrSent) {
    const auto zone = record("v=DMARC1; p=reject");
    EXPECT_EQ(outcome_of(zone, {.signer = "author.example"}).result, R::pass);
    EXPECT_EQ(outcome_of(zone, {.signer = "mail.author.example"}).aligned, "dkim");
    EXPECT_EQ(outcome_of(zone, {.client = "bounce.author.example"}).aligned, "spf");
    const auto other = outcome_of(zone, {.signer = "newsletter.example"});
    EXPECT_EQ(other.result, R::fail);
    EXPECT_EQ(other.policy, DmarcPolicy::reject);
    EXPECT_EQ(other.reason, "signed by newsletter.example, not by author.example");
    EXPECT_EQ(outcome_of(zone, {.client = "evilauthor.example"}).result, R::fail);
}

TEST(Dmarc, IsStrictWhereItIsAsked) {
    const auto zone = record("v=DMARC1; p=none; adkim=s; aspf=s");
    EXPECT_EQ(outcome_of(zone, {.signer = "mail.author.example"}).result, R::fail);
    EXPECT_EQ(outcome_of(zone, {.client = "mail.author.example"}).result, R::fail);
    EXPECT_EQ(outcome_of(zone, {.client = "author.example"}).result, R::pass);
}

TEST(Dmarc, NeverPassesForSeveralAuthorsOrNone) {
    const auto zone = record("v=DMARC1; p=none");
    EXPECT_EQ(outcome_of(zone, {.author = "", .authors = 2, .signer = "author.example"}).result,
              R::permerror);
    EXPECT_EQ(outcome_of(zone, {.authors = 2, .signer = "author.example"}).result, R::permerror);
    EXPECT_EQ(outcome_of(zone, {.author = "", .authors = 0}).result, R::permerror);
}

TEST(Dmarc, TakesTheOrganizationsPolicyForItsSubdomains) {
    const std::string zone =
        R"({"_dmarc.author.example": {"TXT": "v=DMARC1; p=reject; sp=quarantine; np=none"},
            "here.author.example": {"A": "192.0.2.1"}})";
    EXPECT_EQ(outcome_of(zone, {.author = "author.example"}).policy, DmarcPolicy::reject);
    EXPECT_EQ(outcome_of(zone, {.author = "here.author.example"}).policy, DmarcPolicy::quarantine);
    EXPECT_EQ(outcome_of(zone, {.author = "nowhere.author.example"}).policy, DmarcPolicy::none);
    EXPECT_EQ(
        outcome_of(zone, {.author = "a.b.here.author.example", .signer = "author.example"}).result,
        R::pass);
}

TEST(Dmarc, PrefersTheRecordOfTheAuthorsOwnDomain) {
    const std::string zone =
        R"({"_dmarc.author.example": {"TXT": "v=DMARC1; p=reject; sp=reject; np=reject"},
            "_dmarc.shop.author.example": {"TXT": "v=DMARC1; p=none; sp=reject"}})";
    EXPECT_EQ(outcome_of(zone, {.author = "shop.author.example"}).policy, DmarcPolicy::none)
        << "sp= speaks of names below, np= of names without a record";
    EXPECT_EQ(outcome_of(zone, {.author = "x.shop.author.example"}).policy, DmarcPolicy::reject)
        << "the organization's, not that of a name in between";
}

TEST(Dmarc, FallsBackFromNpToSpToP) {
    const auto policy_of = [](const std::string& tags) {
        return outcome_of(record("v=DMARC1; " + tags), {.author = "none.author.example"}).policy;
    };
    EXPECT_EQ(policy_of("p=reject"), DmarcPolicy::reject);
    EXPECT_EQ(policy_of("p=none; sp=reject"), DmarcPolicy::reject);
    EXPECT_EQ(policy_of("p=reject; sp=none"), DmarcPolicy::none);
    EXPECT_EQ(policy_of("p=none; sp=none; np=reject"), DmarcPolicy::reject);
    EXPECT_EQ(policy_of("p=reject; sp=sometimes; np=never"), DmarcPolicy::reject);
}

TEST(Dmarc, TakesANameWhoseLookupFailsForOneThatExists) {
    const std::string zone =
        R"({"_dmarc.author.example": {"TXT": "v=DMARC1; p=none; np=reject"},
            "slow.author.example": "TIMEOUT", "mx.author.example": {"MX": "10 m.example"}})";
    EXPECT_EQ(outcome_of(zone, {.author = "slow.author.example"}).policy, DmarcPolicy::none);
    EXPECT_EQ(outcome_of(zone, {.author = "mx.author.example"}).policy, DmarcPolicy::none);
    EXPECT_EQ(outcome_of(zone, {.author = "no.author.example"}).policy, DmarcPolicy::reject);
}

TEST(Dmarc, ReadsRecordsOfSixtyKilobytesAndCnames) {
    EXPECT_EQ(outcome_of(record("v=DMARC1; p=reject; x=" + std::string(60'000, 'y')), {}).policy,
              DmarcPolicy::reject);
    std::string tags;
    for (int i = 0; i < 10'000; ++i) tags += "; p=none";
    EXPECT_EQ(outcome_of(record("v=DMARC1" + tags), {}).policy, DmarcPolicy::none);
    EXPECT_EQ(outcome_of(R"({"_dmarc.author.example": {"CNAME": "d.example"},
                             "d.example": {"TXT": "v=DMARC1; p=reject"}})",
                         {})
                  .policy,
              DmarcPolicy::reject);
}

TEST(Dmarc, DoesNotAlignStrangersBelowAPublicSuffix) {
    const std::string zone = R"({"_dmarc.a.co.uk": {"TXT": "v=DMARC1; p=reject"}})";
    EXPECT_EQ(outcome_of(zone, {.author = "a.co.uk", .signer = "b.co.uk"}).result, R::fail);
    EXPECT_EQ(outcome_of(zone, {.author = "a.co.uk", .signer = "co.uk"}).result, R::fail);
}

TEST(Dmarc, AsksAPublicSuffixThatSaysItIsOne) {
    EXPECT_EQ(outcome_of(R"({"_dmarc.example": {"TXT": "v=DMARC1; p=reject; psd=y"}})", {}).policy,
              DmarcPolicy::reject);
    EXPECT_EQ(outcome_of(R"({"_dmarc.example": {"TXT": "v=DMARC1; p=reject"}})", {}).result,
              R::none);
}

TEST(Dmarc, ReadsRecordsLeniently) {
    const auto policy = [](const std::string& text) {
        const auto found = parse_dmarc_record(text);
        return found ? std::string(to_text(found->policy)) : "no record";
    };
    EXPECT_EQ(policy("v=DMARC1; p=reject"), "reject");
    EXPECT_EQ(policy("v = DMARC1 ;P=Quarantine;;x=y;pct=abc"), "quarantine");
    EXPECT_EQ(policy("v=DMARC1; p=sometimes; rua=mailto:a@b.example"), "none");
    EXPECT_EQ(policy("v=DMARC1; rua=mailto:a@b.example"), "none");
    for (const auto* const bad : {"v=DMARC1", "v=DMARC1; p=sometimes", "p=none; v=DMARC1",
                                  "v=dmarc1; p=none", "v=DMARC2; p=none", "", ";;;"})
        EXPECT_EQ(policy(bad), "no record") << bad;
}

TEST(Dmarc, TakesTwoRecordsForNone) {
    EXPECT_EQ(outcome_of(R"({"_dmarc.author.example":
                             {"TXT": ["v=DMARC1; p=none", "v=DMARC1; p=reject"]}})",
                         {})
                  .result,
              R::none);
}

TEST(Dmarc, IsMilderWhereTheOwnerIsStillTesting) {
    EXPECT_EQ(outcome_of(record("v=DMARC1; p=reject; pct=10"), {}).policy, DmarcPolicy::quarantine);
    EXPECT_EQ(outcome_of(record("v=DMARC1; p=quarantine; t=y"), {}).policy, DmarcPolicy::none);
}

TEST(Dmarc, IsUnknownWhereAnAlignedCheckIs) {
    const auto zone = record("v=DMARC1; p=reject");
    EXPECT_EQ(outcome_of(zone, {.signer = "author.example", .dkim = DkimResult::temperror}).result,
              R::temperror);
    EXPECT_EQ(outcome_of(zone, {.signer = "x.example", .dkim = DkimResult::temperror}).result,
              R::fail);
    EXPECT_EQ(outcome_of(zone, {.signer = "author.example",
                                .client = "author.example",
                                .dkim = DkimResult::temperror})
                  .result,
              R::pass);
    EXPECT_EQ(outcome_of(R"({"_dmarc.author.example": "SERVFAIL"})", {}).result, R::temperror);
}

}  // namespace
}  // namespace cordon
