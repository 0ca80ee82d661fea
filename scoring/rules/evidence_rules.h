// SPDX-License-Identifier: GPL-2.0-only
// Rules over what the lookups brought: judged outside the workers (scoring/judge/evidence_checks),
// and listed in the catalogue from here. No single one of them, and no failure of one method, is
// enough to hold a message with the shipped thresholds.
#pragma once

#include <array>
#include <string_view>

namespace cordon {

struct EvidenceRule {
    std::string_view name;
    double score;
    std::string_view describe;
};

constexpr std::array kEvidenceRules = {
    EvidenceRule{"SPF_PASS", -0.1, "The client may send for the domain of the envelope sender"},
    EvidenceRule{"SPF_FAIL", 1.8, "The client may not send for the domain of the envelope sender"},
    EvidenceRule{"SPF_SOFTFAIL", 0.8, "The client should not send for this domain"},
    EvidenceRule{"SPF_NONE", 0.3, "The domain of the envelope sender has no SPF record"},
    EvidenceRule{"SPF_PERMERROR", 0.4, "The SPF record of the sender's domain is broken"},
    EvidenceRule{"SPF_HELO_FAIL", 1.2, "The client may not call itself by its HELO name"},
    EvidenceRule{"DKIM_PASS", -0.1, "At least one signature of the message is good"},
    EvidenceRule{"DKIM_FAIL", 0.3, "A signature does not verify, and none does"},
    EvidenceRule{"DKIM_REFUSED", 0.3, "A signature that is not acceptable: weak key or algorithm"},
    EvidenceRule{"DKIM_PARTLY_SIGNED", 0.8, "The good signature leaves part of the body unsigned"},
    EvidenceRule{"DMARC_PASS", -0.3, "The author's domain signed or sent the message"},
    EvidenceRule{"DMARC_FAIL", 0.6, "The author's domain neither signed nor sent the message"},
    EvidenceRule{"DMARC_FAIL_QUARANTINE", 2.4,
                 "The author's domain did not send this and wants such mail held"},
    EvidenceRule{"DMARC_FAIL_REJECT", 3.6,
                 "The author's domain did not send this and wants such mail refused"},
    EvidenceRule{"DMARC_EXPLAINED", -0.1, "DMARC fails, but a trusted forwarder saw it pass (ARC)"},
    EvidenceRule{"DMARC_NO_AUTHOR", 1.5, "From names no single author whom DMARC could check"},
    EvidenceRule{"ARC_FAIL", 0.2, "The chain of forwarders (ARC) is broken"},
    EvidenceRule{"CLIENT_NO_NAME", 0.9, "The client's address has no name"},
    EvidenceRule{"CLIENT_NAME_FALSE", 0.7, "The name of the client's address does not lead back"},
    EvidenceRule{"SENDER_UNKNOWN", 0.8,
                 "Nothing says who sent this: no SPF, no signature, no DMARC"},
    EvidenceRule{"OWN_DOMAIN_FORGED", 2.8,
                 "From outside, with an author of this site, and nothing proves it"},
    EvidenceRule{"BRAND_UNPROVEN", 1.0,
                 "The message names a company or another domain, and its author is not proven"},
};

}  // namespace cordon
