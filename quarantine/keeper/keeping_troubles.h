// SPDX-License-Identifier: GPL-2.0-only
// What of the keeper's own figures needs a person: for `cordon doctor` and for the alarm by mail.
#pragma once

#include <string>
#include <vector>

namespace cordon {

struct KeepingStatus;

struct KeepingTrouble {
    bool is_grave = false;  // something waits or is refused until a person has acted
    std::string what;
    std::string remedy;
};

std::vector<KeepingTrouble> keeping_troubles(const KeepingStatus& status);

}  // namespace cordon
