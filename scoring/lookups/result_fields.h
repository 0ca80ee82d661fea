// SPDX-License-Identifier: GPL-2.0-only
// Authentication-Results (RFC 8601): the field that we write, and what one that we may believe
// says.
#pragma once

#include <string>
#include <string_view>

#include "scoring/lookups/authentication.h"

namespace cordon {

/// The value of our field, folded with "\n\t"; whatever a sender chose is quoted or left out, so
/// that nothing in it can end a line or begin a result.
std::string results_field(const Authentication& auth, std::string_view authserv_id,
                          std::string_view mail_from, std::string_view helo);

/// The domain behind "dmarc=pass ... header.from=DOMAIN" in a value of Authentication-Results, with
/// or without the authserv-id in front; empty when it doesn't say so. Comments are passed over.
std::string dmarc_passed_domain(std::string_view value);

}  // namespace cordon
