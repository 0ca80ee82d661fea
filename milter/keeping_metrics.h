// SPDX-License-Identifier: GPL-2.0-only
// What the keeper keeps, among the metrics: held mail by state and age, the vault, the history.
// Asked when somebody looks.
#pragma once

#include <string>

#include "conf/base/metrics.h"

namespace cordon {

/// Waits for the keeper no longer than a moment; without its answer cordon_keeper_up is 0.
void refresh_keeping_metrics(Metrics& metrics, const std::string& keeper_socket);

}  // namespace cordon
