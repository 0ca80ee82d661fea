// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/doctor/finding.h"

#include <algorithm>

namespace cordon {

std::string_view health_name(Health health) {
    switch (health) {
        case Health::good: return "ok";
        case Health::note: return "note";
        case Health::warning: return "WARNING";
        case Health::error: return "ERROR";
        case Health::unknown: return "unknown";
    }
    return "unknown";
}

int exit_code_of(const Findings& findings) {
    int out = 0;
    for (const auto& finding : findings) {
        if (finding.health == Health::error) return 2;
        if (finding.health == Health::warning || finding.health == Health::unknown) out = 1;
    }
    return out;
}

}  // namespace cordon
