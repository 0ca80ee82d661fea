// SPDX-License-Identifier: GPL-2.0-only
// What the keeper says of learning, among the metrics: asked when somebody looks.
#pragma once

#include <string>

#include "conf/base/metrics.h"

namespace cordon {

/// Waits for the keeper no longer than a moment; without its answer the store counts as down.
void refresh_learning_metrics(Metrics& metrics, const std::string& keeper_socket);

}  // namespace cordon
