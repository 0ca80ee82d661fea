// SPDX-License-Identifier: GPL-2.0-only
// Encoded words (RFC 2047), decoded wherever they stand, as clients do, and not only where the RFC
// lets them stand. Words in a row with one charset are joined before conversion, so that a
// character split between two of them is whole again.
#pragma once

#include <string>
#include <string_view>

namespace cordon {

/// `text` is unfolded; the result is valid UTF-8. Other 8-bit bytes: UTF-8, else windows-1252.
std::string decode_encoded_words(std::string_view text);

}  // namespace cordon
