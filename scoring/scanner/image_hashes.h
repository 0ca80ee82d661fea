// SPDX-License-Identifier: GPL-2.0-only
// Whether a database holds signatures of pictures by fuzzy hash. libclamav does not tell, and
// computes the hash of every picture when asked to: some 100 ms each.
#pragma once

#include <string>

namespace cordon {

/// Looks into the logical signatures of the folder's files, those of official containers included.
/// What can't be read counts as yes.
bool has_image_hashes(const std::string& folder);

}  // namespace cordon
