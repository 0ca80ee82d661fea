// SPDX-License-Identifier: GPL-2.0-only
// Databases that can't be read: put aside under another name, so that a new one can begin.
#pragma once

#include <string>

#include "conf/base/result.h"

namespace cordon {

/// A disk that is full or a file that may not be read is no damage.
bool is_damage(const Error& error);

/// With its write-ahead log; the log line names both.
Result<void> put_aside(const std::string& path, const Error& why);

}  // namespace cordon
