// SPDX-License-Identifier: GPL-2.0-only
// X-Cordon-Release: v1.NONCE, the first header field of what Cordon itself sends. The milter asks
// the keeper whether the nonce is good, which uses it up, and removes the field.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cordon {

constexpr std::string_view kReleaseHeader = "X-Cordon-Release";

std::string release_value(std::string_view nonce);

/// The nonce in a value that could be ours; anything else is a forgery that nobody needs to be
/// asked about.
std::optional<std::string> release_nonce(std::string_view value);

}  // namespace cordon
