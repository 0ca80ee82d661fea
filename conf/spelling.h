// SPDX-License-Identifier: GPL-2.0-only
// How the values of an enumeration are written in the configuration: one table each, read and shown
// from here.
#pragma once

#include <fmt/format.h>

#include <array>
#include <string>
#include <string_view>

#include "conf/base/result.h"
#include "conf/base/text.h"

namespace cordon {

template <typename Enum>
struct Spelling {
    Enum value;
    std::string_view name;
};

template <typename Enum>
struct Spellings;  // `table`: every value with its name

template <typename Enum>
Result<Enum> parse_enum(const std::string& text) {
    std::string expected;
    for (const auto& spelling : Spellings<Enum>::kTable) {
        if (iequals(text, spelling.name)) return spelling.value;
        expected += (expected.empty() ? "" : ", ") + std::string(spelling.name);
    }
    return fail(fmt::format("'{}' is not one of {}", printable(text, 60), expected));
}

template <typename Enum>
std::string enum_text(Enum value) {
    for (const auto& spelling : Spellings<Enum>::kTable)
        if (spelling.value == value) return std::string(spelling.name);
    return {};
}

}  // namespace cordon
