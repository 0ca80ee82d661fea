// SPDX-License-Identifier: GPL-2.0-only
// SPF (RFC 7208): may this client send for this domain? A pure function over the lookups of one
// message, run again whenever answers have come.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "scoring/lookups/lookups.h"

namespace cordon {

/// RFC 7208 section 2.6.
enum class SpfResult : std::uint8_t { none, neutral, pass, fail, softfail, temperror, permerror };
std::string_view to_text(SpfResult result);

struct SpfQuery {
    IpAddress client;
    std::string sender;  // the identity as local-part@domain; the local part may be missing
    std::string helo;
    std::string receiver;  // our name
    std::int64_t now = 0;  // seconds since the epoch
};

struct SpfOutcome {
    SpfResult result = SpfResult::none;
    std::string domain;       // that was asked, in lower case
    std::string reason;       // the term that decided, or what went wrong; printable
    std::string explanation;  // of a fail, by the domain's owner (exp=): hostile text, printable
};

/// Null while lookups are pending.
std::optional<SpfOutcome> check_spf(const SpfQuery& query, Lookups& lookups);

/// The names of a client that stand the test of section 5.5, at most 10 tried; nothing while
/// pending.
struct ValidatedNames {
    std::vector<std::string> names;
    std::string problem;     // why it can't be known; empty: it is
    bool has_names = false;  // valid or not
};
std::optional<ValidatedNames> validated_names(const IpAddress& client, Lookups& lookups);

}  // namespace cordon
