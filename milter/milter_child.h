// SPDX-License-Identifier: GPL-2.0-only
// One milter process: libmilter's main loop on the shared listener.
#pragma once

#include <memory>

#include "conf/base/metrics.h"
#include "scoring/gather/examination.h"

namespace cordon {

/// Runs until SIGTERM or until `control` closes; new snapshots arrive there as handovers. Waits for
/// end-of-messages in flight, which smfi_main does not. Returns the exit code.
int run_milter_child(SnapshotPtr snapshot, int control, std::shared_ptr<Metrics> metrics);

}  // namespace cordon
