// SPDX-License-Identifier: GPL-2.0-only
// iprev (RFC 8601 section 3): does the client's address have a name, and the name that address?
#pragma once

#include <optional>
#include <string>

#include "scoring/lookups/lookups.h"

namespace cordon {

struct IprevOutcome {
    enum class Result : std::uint8_t {
        pass,
        fail,       // names, but none of them leads back
        temperror,  // the lookup failed
        permerror,  // no name
    };
    Result result = Result::permerror;
    std::string name;  // of a pass: the first that leads back
};
std::string_view to_text(IprevOutcome::Result result);

/// Null while lookups are pending.
std::optional<IprevOutcome> check_iprev(const IpAddress& client, Lookups& lookups);

}  // namespace cordon
