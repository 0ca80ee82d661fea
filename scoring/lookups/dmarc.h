// SPDX-License-Identifier: GPL-2.0-only
// DMARC (RFC 7489, with np= and psd= of RFC 9091 and t= of its successor): does what passed belong
// to the author's domain, and what does its owner want done otherwise?
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scoring/lookups/dkim.h"
#include "scoring/lookups/spf.h"

namespace cordon {

enum class DmarcPolicy : std::uint8_t { none, quarantine, reject };
std::string_view to_text(DmarcPolicy policy);

struct DmarcRecord {
    DmarcPolicy policy = DmarcPolicy::none;  // p=
    std::optional<DmarcPolicy> subdomains;   // sp=
    std::optional<DmarcPolicy> nonexistent;  // np=
    bool is_dkim_strict = false;             // adkim=s
    bool is_spf_strict = false;              // aspf=s
    bool is_testing = false;                 // t=y, or pct=0
    bool is_public_suffix = false;           // psd=y
    unsigned percent = 100;                  // pct=
};

/// Nothing for what is no DMARC record.
std::optional<DmarcRecord> parse_dmarc_record(std::string_view text);

struct DmarcOutcome {
    /// permerror: no author to speak of (several From fields or addresses); never a pass.
    enum class Result : std::uint8_t { none, pass, fail, temperror, permerror };
    Result result = Result::none;
    std::string domain;                      // of the author
    DmarcPolicy policy = DmarcPolicy::none;  // what its owner asks for on failure
    std::string aligned;                     // of a pass: "dkim" or "spf"
    std::string reason;                      // of what is no pass; printable
    std::string sealer;                      // a failure that this trusted ARC sealer explains
};
std::string_view to_text(DmarcOutcome::Result result);

struct DmarcQuery {
    std::string domain;  // of the only author; empty when there is none or more
    unsigned authors = 0;
    const SpfOutcome* spf = nullptr;  // of MAIL FROM (HELO for the null sender)
    const std::vector<DkimOutcome>* dkim = nullptr;
};

/// Null while lookups are pending.
std::optional<DmarcOutcome> check_dmarc(const DmarcQuery& query, Lookups& lookups);

/// Whether two domains belong together: the same, or, not strictly, of one organization.
bool is_aligned(std::string_view a, std::string_view b, bool is_strict);

}  // namespace cordon
