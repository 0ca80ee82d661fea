// SPDX-License-Identifier: GPL-2.0-only
// Serves the metrics to one client at a time over HTTP/1.0, on a unix socket or on loopback. It
// reads no more of a request than its first line, and waits for nobody longer than a moment.
#pragma once

#include <string>

#include "conf/base/file_descriptor.h"
#include "conf/base/metrics.h"
#include "conf/configuration.h"

namespace cordon {

/// The listener of milter.metrics; without that key at RUN-DIRECTORY/metrics.sock.
Result<UniqueFd> open_metrics_listener(const Configuration& configuration);

/// Takes one connection, answers it and closes it.
void serve_metrics(int listener, const Metrics& metrics);

}  // namespace cordon
