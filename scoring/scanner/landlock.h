// SPDX-License-Identifier: GPL-2.0-only
// Landlock (Linux 5.13 and later) by its system calls: no file outside one folder, no TCP port, no
// signal and no abstract socket to others, as far as this kernel knows them.
#pragma once

#include <string>

#include "conf/base/result.h"

namespace cordon {

/// Leaves access to `folder` and what is in it; to nothing when it is empty.
Result<void> restrict_files(const std::string& folder);

}  // namespace cordon
