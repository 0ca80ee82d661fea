// SPDX-License-Identifier: GPL-2.0-only
// What `cordon doctor` says: one finding a thing that was looked at.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cordon {

enum class Health : std::uint8_t { good, note, warning, error, unknown };

struct Finding {
    Health health = Health::good;
    std::string subject;  // "postfix: milter", "signatures"
    std::string what;     // one sentence
    std::string remedy;   // the line to change, or the command to run; empty when good
};
using Findings = std::vector<Finding>;

std::string_view health_name(Health health);

/// 0 nothing worse than a note, 1 a warning or something that could not be looked at, 2 an error:
/// the convention of monitoring plugins.
int exit_code_of(const Findings& findings);

}  // namespace cordon
