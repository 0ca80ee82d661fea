// SPDX-License-Identifier: GPL-2.0-only
// Texts made to slow one regular expression down: what it is made of without end, and what nearly
// matches. Derived from its source alone, so that an expression that nothing else understands has
// them as well.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cordon {

/// Each of some KB. Valid UTF-8 when the pattern is.
std::vector<std::string> hostile_texts(std::string_view pattern);

}  // namespace cordon
