// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/judge/evidence_checks.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "scoring/rules/evidence_rules.h"

namespace cordon {
namespace {

using ::testing::Contains;
using ::testing::Not;

Evidence evidence(SpfResult spf, DmarcOutcome::Result dmarc,
                  DmarcPolicy policy = DmarcPolicy::none) {
    Evidence out;
    out.content.emplace();
    out.content->from_domain = "author.example";
    out.content->from_address = "a@author.example";
    out.content->authors = 1;
    out.auth.spf = SpfOutcome{spf, "author.example", "-all", ""};
    out.auth.dmarc.emplace();
    out.auth.dmarc->result = dmarc;
    out.auth.dmarc->domain = "author.example";
    out.auth.dmarc->policy = policy;
    return out;
}

std::vector<std::string> names(const Evidence& evidence) {
    std::vector<std::string> out;
    for (const auto& hit : check_evidence(evidence)) out.push_back(hit.rule);
    return out;
}

using D = DmarcOutcome::Result;

TEST(CheckEvidence, HitsNothingForWhatIsUnknown) {
    EXPECT_TRUE(check_evidence({}).empty());
    EXPECT_TRUE(check_evidence(evidence(SpfResult::temperror, D::temperror)).empty());
}

TEST(CheckEvidence, NamesOnlyRulesOfTheCatalogue) {
    auto all = evidence(SpfResult::none, D::none);
    all.is_own_author = true;
    all.content->hits.push_back({"BRAND_IN_FROM", ""});
    for (const auto& name : names(all))
        EXPECT_TRUE(std::any_of(kEvidenceRules.begin(), kEvidenceRules.end(),
                                [&](const auto& rule) { return rule.name == name; }))
            << name;
    EXPECT_THAT(names(all), Contains("SENDER_UNKNOWN"));
    EXPECT_THAT(names(all), Contains("OWN_DOMAIN_FORGED"));
    EXPECT_THAT(names(all), Contains("BRAND_UNPROVEN"));
}

TEST(CheckEvidence, HoldsNothingForOneFailureAlone) {
    for (const auto& rule : kEvidenceRules) EXPECT_LT(rule.score, 4) << rule.name;
}

TEST(CheckEvidence, ListensToATrustedForwarder) {
    auto forwarded = evidence(SpfResult::fail, D::fail, DmarcPolicy::reject);
    EXPECT_THAT(names(forwarded), Contains("DMARC_FAIL_REJECT"));
    forwarded.auth.dmarc->sealer = "list.example";
    EXPECT_THAT(names(forwarded), Not(Contains("DMARC_FAIL_REJECT")));
    EXPECT_THAT(names(forwarded), Contains("DMARC_EXPLAINED"));
}

Policy with_allow(const std::string& entry) {
    Policy out;
    out.allow = parse_value<AddressList>(entry).value();
    return out;
}

Action action_for(const Evidence& evidence, const Policy& policy, bool honours = false) {
    Verdict verdict;
    verdict.score = 20;
    Circumstances circumstances;
    circumstances.has_quarantine = true;
    circumstances.honours_dmarc_reject = honours;
    return decide(verdict, evidence, policy, circumstances).action;
}

TEST(Decide, AllowsOnlyAnAuthorWhoIsProven) {
    const auto allow = with_allow("author.example");
    EXPECT_EQ(action_for(evidence(SpfResult::pass, D::pass), allow), Action::accept);
    EXPECT_EQ(action_for(evidence(SpfResult::pass, D::none), allow), Action::accept)
        << "SPF of his own domain";
    EXPECT_EQ(action_for(evidence(SpfResult::fail, D::fail), allow), Action::reject);
    EXPECT_EQ(action_for(evidence(SpfResult::temperror, D::temperror), allow), Action::reject);
    EXPECT_EQ(action_for(evidence(SpfResult::pass, D::pass), with_allow("x.example")),
              Action::reject);
    auto other = evidence(SpfResult::pass, D::none);
    other.auth.spf->domain = "newsletter.example";
    EXPECT_EQ(action_for(other, allow), Action::reject) << "the envelope is another's";
    auto two = evidence(SpfResult::pass, D::none);
    two.content->authors = 2;
    EXPECT_EQ(action_for(two, allow), Action::reject);
}

TEST(Decide, TrustsNoSignatureOfHalfABody) {
    auto partial = evidence(SpfResult::none, D::none);
    DkimOutcome signature;
    signature.result = DkimResult::pass;
    signature.domain = "author.example";
    partial.auth.dkim.push_back(signature);
    EXPECT_TRUE(is_author_proven(partial));
    partial.auth.dkim[0].is_partial = true;
    EXPECT_FALSE(is_author_proven(partial));
}

TEST(Decide, RefusesWhatTheAuthorsDomainWantsRefusedIfTheSiteSays) {
    const auto forged = evidence(SpfResult::pass, D::fail, DmarcPolicy::reject);
    Policy mild;
    mild.tag.value = mild.quarantine.value = mild.reject.value = 100;
    EXPECT_EQ(action_for(forged, mild), Action::accept);
    EXPECT_EQ(action_for(forged, mild, true), Action::reject);
    auto explained = forged;
    explained.auth.dmarc->sealer = "list.example";
    EXPECT_EQ(action_for(explained, mild, true), Action::accept);
}

}  // namespace
}  // namespace cordon
