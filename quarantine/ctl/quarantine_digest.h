// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

#include "conf/configuration.h"

namespace cordon {

/// `cordon quarantine digest ADDRESS`: what would come at digest-time, now; still one a day.
int send_digest_to(const Configuration& configuration, const std::string& address);

}  // namespace cordon
