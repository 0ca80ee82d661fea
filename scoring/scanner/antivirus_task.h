// SPDX-License-Identifier: GPL-2.0-only
// The task of the antivirus pool: decodes the message once more, for itself, and lets libclamav see
// its parts under the I/O guard.
#pragma once

#include <memory>

#include "conf/base/result.h"
#include "scoring/scanner/scan_task.h"
#include "scoring/scanner/scanner_options.h"

namespace cordon {

/// Loads and compiles the signature database; the error names the folder and the remedy.
Result<std::unique_ptr<ScanTask>> make_antivirus_task(const ScannerOptions& options);

}  // namespace cordon
