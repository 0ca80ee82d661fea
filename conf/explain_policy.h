// SPDX-License-Identifier: GPL-2.0-only
// Which policy counts for an address, and where each of its values is written.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "conf/configuration.h"

namespace cordon {

struct ExplainedValue {
    std::string key;
    std::string value;
    std::string place;    // FILE:LINE; empty: the default
    std::string section;  // "user.alice@example.org", "domain.example.org", "policy", "milter"
};

struct ExplainedPolicy {
    PolicyTable::Selection selection;
    std::vector<ExplainedValue> values;
};

ExplainedPolicy explain_policy(const Configuration& configuration, std::string_view address);

}  // namespace cordon
