// SPDX-License-Identifier: GPL-2.0-only
// What it means for the verdict that an archive could not be read in full.
#pragma once

#include <vector>

#include "scoring/analysis/analysis.h"
#include "scoring/message/archive_walker.h"

namespace cordon {

/// Conflicts are no reason: every reading was looked at. They are rules
/// (scoring/checks/archives.cc).
std::vector<UnreadReason> archive_reasons(const std::vector<ArchiveNote>& notes);

}  // namespace cordon
