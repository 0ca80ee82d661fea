// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/release/release_header.h"

#include <algorithm>

#include "conf/base/text.h"

namespace cordon {

namespace {
constexpr std::string_view kVersion = "v1.";
constexpr std::size_t kNonceDigits = 64;
}  // namespace

std::string release_value(std::string_view nonce) {
    return std::string(kVersion) + std::string(nonce);
}

std::optional<std::string> release_nonce(std::string_view value) {
    value = trim(value);
    if (!value.starts_with(kVersion)) return std::nullopt;
    value.remove_prefix(kVersion.size());
    const bool is_hex = std::all_of(value.begin(), value.end(),
                                    [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
    if (value.size() != kNonceDigits || !is_hex) return std::nullopt;
    return std::string(value);
}

}  // namespace cordon
