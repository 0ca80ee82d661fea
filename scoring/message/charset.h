// SPDX-License-Identifier: GPL-2.0-only
// Charsets to UTF-8 (RFC 2978 names), by tables of our own for the common ones and by ICU for the
// rest. ICU's data lie in its library: no file is opened. The result is always valid UTF-8.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cordon {

struct Utf8Text {
    std::string text;
    bool is_unknown_charset = false;  // read as UTF-8 if it is that, else as windows-1252
    bool is_wrong_charset = false;    // bytes that the declared charset doesn't have
};

/// At most about `limit` bytes of the result. An empty or 7-bit charset with bytes above 127 is
/// read as UTF-8 if it is that, else as windows-1252: what clients in the west show.
Utf8Text to_utf8(std::string_view bytes, std::string_view charset, std::size_t limit);

/// Whether a charset of this name exists; the empty name does not.
bool is_known_charset(std::string_view charset);

bool is_ascii(std::string_view bytes);
bool is_valid_utf8(std::string_view bytes);
std::string windows_1252_to_utf8(std::string_view bytes);

}  // namespace cordon
