// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "conf/configuration.h"

namespace cordon {

/// Asks the reviewer for a probe and waits for it; the exit code.
int probe_quarantine(const Configuration& configuration);

}  // namespace cordon
