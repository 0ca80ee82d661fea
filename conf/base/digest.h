// SPDX-License-Identifier: GPL-2.0-only
// SHA-256 and random bytes, by OpenSSL.
#pragma once

#include <string>
#include <string_view>

namespace cordon {

std::string sha256_hex(std::string_view bytes);

/// Random lower-case hex digits from the system's generator.
std::string random_hex(std::size_t bytes);

/// A new message id: seconds in hex and 40 random bits, so that names sort by time.
std::string make_message_id();

}  // namespace cordon
