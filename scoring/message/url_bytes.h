// SPDX-License-Identifier: GPL-2.0-only
// Sets of bytes to search for: one table look-up a byte, where string_view::find_first_of calls
// memchr for each.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace cordon {

class ByteSet {
 public:
    constexpr explicit ByteSet(std::string_view members) {
        for (const char c : members) table_[static_cast<unsigned char>(c)] = true;
    }

    constexpr bool has(char c) const { return table_[static_cast<unsigned char>(c)]; }

    /// Where the first member stands, or the first other byte; the size of the text without one.
    constexpr std::size_t find_in(std::string_view text, std::size_t at = 0) const {
        const char* const bytes = text.data();
        while (at < text.size() && !has(bytes[at])) ++at;
        return at;
    }
    constexpr std::size_t find_other(std::string_view text, std::size_t at = 0) const {
        const char* const bytes = text.data();
        while (at < text.size() && has(bytes[at])) ++at;
        return at;
    }

 private:
    std::array<bool, 256> table_{};
};

}  // namespace cordon
