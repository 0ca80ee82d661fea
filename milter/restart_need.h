// SPDX-License-Identifier: GPL-2.0-only
// Which changes of the configuration a reload can't take over.
#pragma once

#include <string>
#include <vector>

#include "conf/configuration.h"

namespace cordon {

/// The keys that differ of those that only a start can change: sockets that are bound, memory that
/// is laid out, the open vault.
std::vector<std::string> keys_for_restart(const Configuration& a, const Configuration& b);

/// What antivirus workers were started with: a database takes seconds to load, so that they stay
/// where nothing of this differs.
bool need_new_antivirus(const Configuration& a, const Configuration& b);

}  // namespace cordon
