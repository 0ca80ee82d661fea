// SPDX-License-Identifier: GPL-2.0-only
// The MIME entity inside opaque S/MIME (RFC 8551 sections 3.5.2 and 3.6): signed or compressed, not
// encrypted. Nothing is verified; that is the business of whoever trusts the signer.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cordon {

/// Empty when there is none, or when it would be larger than the limit.
std::string content_of_signed_data(std::string_view der, std::size_t limit);

}  // namespace cordon
