// SPDX-License-Identifier: GPL-2.0-only
// What a sender is told when a message is refused: why, under which id, and where to turn to. Pure.
#pragma once

#include <string>
#include <string_view>

#include "scoring/judge/verdict.h"

namespace cordon {

struct Refusal {
    const char* code;
    const char* enhanced_code;
    std::string text;
};

Refusal refusal_for(const Decision& decision, std::string_view virus, std::string_view id,
                    std::string_view contact);

}  // namespace cordon
