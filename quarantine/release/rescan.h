// SPDX-License-Identifier: GPL-2.0-only
// A held original under the signatures of today. Only a named virus counts: what could not be
// scanned was held for that, and a person has decided.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "conf/configuration.h"

namespace cordon {

/// The name of the virus, empty when none is named; nothing when nobody could look.
std::optional<std::string> find_virus(const Configuration& configuration,
                                      std::string_view original);

}  // namespace cordon
