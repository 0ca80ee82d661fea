// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/judge/evidence_checks.h"

#include <algorithm>

namespace cordon {

namespace {

using Hits = std::vector<Hit>;

void check_spf(const Authentication& auth, Hits& hits) {
    if (auth.helo_spf && auth.helo_spf->result == SpfResult::fail)
        hits.push_back({"SPF_HELO_FAIL", auth.helo_spf->domain + ": " + auth.helo_spf->reason});
    if (!auth.spf) return;
    const auto& spf = *auth.spf;
    const auto detail = spf.domain + ": " + spf.reason;
    switch (spf.result) {
        case SpfResult::pass: return hits.push_back({"SPF_PASS", spf.domain});
        case SpfResult::fail: return hits.push_back({"SPF_FAIL", detail});
        case SpfResult::softfail: return hits.push_back({"SPF_SOFTFAIL", detail});
        case SpfResult::none: return hits.push_back({"SPF_NONE", spf.domain});
        case SpfResult::permerror: return hits.push_back({"SPF_PERMERROR", detail});
        case SpfResult::neutral:
        case SpfResult::temperror: return;
    }
}

const DkimOutcome* first_with(const Authentication& auth, DkimResult result) {
    const auto found = std::find_if(auth.dkim.begin(), auth.dkim.end(),
                                    [result](const auto& dkim) { return dkim.result == result; });
    return found == auth.dkim.end() ? nullptr : &*found;
}

void check_dkim(const Authentication& auth, Hits& hits) {
    if (const auto* const pass = first_with(auth, DkimResult::pass)) {
        hits.push_back({"DKIM_PASS", pass->domain});
        if (pass->is_partial) hits.push_back({"DKIM_PARTLY_SIGNED", pass->domain});
        return;
    }
    if (const auto* const fail = first_with(auth, DkimResult::fail))
        hits.push_back({"DKIM_FAIL", fail->domain + ": " + fail->reason});
    if (const auto* const refused = first_with(auth, DkimResult::policy))
        hits.push_back({"DKIM_REFUSED", refused->domain + ": " + refused->reason});
}

void check_dmarc(const Authentication& auth, Hits& hits) {
    if (!auth.dmarc) return;
    const auto& dmarc = *auth.dmarc;
    if (dmarc.result == DmarcOutcome::Result::pass)
        hits.push_back({"DMARC_PASS", dmarc.domain + " by " + dmarc.aligned});
    if (dmarc.result == DmarcOutcome::Result::permerror)
        hits.push_back({"DMARC_NO_AUTHOR", dmarc.reason});
    if (dmarc.result != DmarcOutcome::Result::fail) return;
    if (!dmarc.sealer.empty()) return hits.push_back({"DMARC_EXPLAINED", dmarc.sealer});
    switch (dmarc.policy) {
        case DmarcPolicy::none: return hits.push_back({"DMARC_FAIL", dmarc.reason});
        case DmarcPolicy::quarantine:
            return hits.push_back({"DMARC_FAIL_QUARANTINE", dmarc.reason});
        case DmarcPolicy::reject: return hits.push_back({"DMARC_FAIL_REJECT", dmarc.reason});
    }
}

void check_client(const Authentication& auth, Hits& hits) {
    if (!auth.iprev) return;
    if (auth.iprev->result == IprevOutcome::Result::permerror)
        hits.push_back({"CLIENT_NO_NAME", ""});
    if (auth.iprev->result == IprevOutcome::Result::fail) hits.push_back({"CLIENT_NAME_FALSE", ""});
}

bool is_unknown(const Authentication& auth) {
    return (auth.spf && auth.spf->result == SpfResult::temperror) ||
           first_with(auth, DkimResult::temperror) != nullptr || !auth.dmarc ||
           auth.dmarc->result == DmarcOutcome::Result::temperror;
}

/// What content says and authentication does not bear out.
void check_together(const Evidence& evidence, Hits& hits) {
    const auto& auth = evidence.auth;
    if (!evidence.content || is_unknown(auth) || is_author_proven(evidence)) return;
    if (auth.spf && auth.spf->result == SpfResult::none && auth.dkim.empty() &&
        auth.dmarc->result == DmarcOutcome::Result::none)
        hits.push_back({"SENDER_UNKNOWN", auth.dmarc->domain});
    if (!auth.dmarc->sealer.empty()) return;
    if (evidence.is_own_author && auth.spf)
        hits.push_back({"OWN_DOMAIN_FORGED", evidence.content->from_address});
    const auto& content = evidence.content->hits;
    const auto claim = std::find_if(content.begin(), content.end(), [](const Hit& hit) {
        return hit.rule.starts_with("BRAND_IN_") || hit.rule == "FROM_NAME_ADDRESS" ||
               hit.rule == "FROM_NAME_OWN_DOMAIN";
    });
    if (claim != content.end()) hits.push_back({"BRAND_UNPROVEN", claim->rule});
}

}  // namespace

bool is_author_proven(const Evidence& evidence) {
    const auto& auth = evidence.auth;
    if (!evidence.content || evidence.content->authors != 1) return false;
    const auto& author = evidence.content->from_domain;
    if (auth.dmarc && auth.dmarc->result == DmarcOutcome::Result::pass) {
        // What lies beyond l= may be anybody's.
        const bool is_partial = std::any_of(auth.dkim.begin(), auth.dkim.end(),
                                            [](const auto& dkim) { return dkim.is_partial; });
        if (auth.dmarc->aligned == "spf" || !is_partial) return true;
    }
    if (auth.dmarc && auth.dmarc->result != DmarcOutcome::Result::none) return false;
    const bool is_signed = std::any_of(auth.dkim.begin(), auth.dkim.end(), [&](const auto& dkim) {
        return dkim.result == DkimResult::pass && !dkim.is_partial &&
               is_aligned(dkim.domain, author, false);
    });
    return is_signed || (auth.spf && auth.spf->result == SpfResult::pass &&
                         is_aligned(auth.spf->domain, author, false));
}

std::vector<Hit> check_evidence(const Evidence& evidence) {
    std::vector<Hit> hits;
    check_spf(evidence.auth, hits);
    check_dkim(evidence.auth, hits);
    check_dmarc(evidence.auth, hits);
    if (evidence.auth.arc && evidence.auth.arc->result == ArcOutcome::Result::fail)
        hits.push_back({"ARC_FAIL", evidence.auth.arc->reason});
    check_client(evidence.auth, hits);
    check_together(evidence, hits);
    return hits;
}

}  // namespace cordon
