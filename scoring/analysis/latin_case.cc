// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/analysis/latin_case.h"

namespace cordon {

std::uint32_t other_case(std::uint32_t value) {
    const bool is_sign = (value >= 0xa1 && value <= 0xa9) || (value >= 0x2010 && value <= 0x205e) ||
                         (value >= 0x20a0 && value <= 0x20bf);
    if (is_sign) return value;
    const std::uint32_t lower_latin1 = value | 0x20U;
    if (lower_latin1 >= 0xe0 && lower_latin1 <= 0xfe) {
        const bool is_pair = lower_latin1 != 0xe5 && lower_latin1 != 0xf7;
        return is_pair ? value ^ 0x20U : 0;
    }
    const bool begins_even = (value >= 0x100 && value <= 0x12f) ||
                             (value >= 0x132 && value <= 0x137) ||
                             (value >= 0x14a && value <= 0x177);
    if (begins_even) return value ^ 1U;
    const bool begins_odd =
        (value >= 0x139 && value <= 0x148) || (value >= 0x179 && value <= 0x17e);
    return begins_odd ? ((value - 1) ^ 1U) + 1 : 0;
}

}  // namespace cordon
