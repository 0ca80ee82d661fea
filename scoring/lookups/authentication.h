// SPDX-License-Identifier: GPL-2.0-only
// All that was learned about who sent a message. What is absent was not tried or is not known; the
// evidence says which.
#pragma once

#include <optional>
#include <vector>

#include "scoring/lookups/arc.h"
#include "scoring/lookups/dkim.h"
#include "scoring/lookups/dmarc.h"
#include "scoring/lookups/iprev.h"
#include "scoring/lookups/spf.h"

namespace cordon {

struct Authentication {
    std::optional<SpfOutcome> spf;       // of MAIL FROM; for the null sender of HELO
    std::optional<SpfOutcome> helo_spf;  // of HELO, beside MAIL FROM
    std::optional<IprevOutcome> iprev;
    std::vector<DkimOutcome> dkim;
    std::optional<DmarcOutcome> dmarc;
    std::optional<ArcOutcome> arc;

    /// Of both identities (RFC 7208 section 2.4): MAIL FROM is not asked where HELO has failed.
    SpfResult spf_result() const;
    /// A DKIM pass of exactly this or an aligned domain, or a DMARC pass.
    bool is_author_authenticated() const;
};

}  // namespace cordon
