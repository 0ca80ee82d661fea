// SPDX-License-Identifier: GPL-2.0-only
// The task of the content pool: analyse() over a snapshot compiled in the zygote.
#pragma once

#include <memory>

#include "conf/base/result.h"
#include "scoring/scanner/scan_task.h"
#include "scoring/scanner/scanner_options.h"

namespace cordon {

/// Reads and compiles all rules; errors read "FILE:LINE: message".
Result<std::unique_ptr<ScanTask>> make_content_task(const ScannerOptions& options);

}  // namespace cordon
