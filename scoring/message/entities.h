// SPDX-License-Identifier: GPL-2.0-only
// Character references (&amp; &#x41; &eacute ...) as browsers decode them (HTML standard, sections
// 13.2.5.72 to 80).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace cordon {

struct NamedReference {
    std::uint32_t first = 0;   // 0: no such name
    std::uint32_t second = 0;  // 0: one code point only
    bool needs_semicolon = true;
};

/// `name` without & and semicolon; the case counts.
NamedReference find_named_reference(std::string_view name);

enum class ReferencePlace : std::uint8_t { text, attribute };

/// Appends what the reference at the start of `text` stands for. The bytes it takes; 0, and nothing
/// appended, when the & is just an ampersand.
std::size_t read_reference(std::string_view text, ReferencePlace place, std::string& out);

/// An attribute's value with its references decoded.
std::string decode_attribute(std::string_view value);

}  // namespace cordon
