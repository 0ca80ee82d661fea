// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>

namespace cordon {

/// The other case of a Latin letter that has just one, by the pairs of Unicode's charts; the value
/// itself for signs without case (punctuation, currencies); 0: unknown. Left out are letters that
/// fold to more (U+00C5 and the sign of angstrom, U+00DF) or are no pair.
std::uint32_t other_case(std::uint32_t value);

}  // namespace cordon
