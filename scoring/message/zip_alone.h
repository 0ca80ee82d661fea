// SPDX-License-Identifier: GPL-2.0-only
// A zip archive of one member, in which nothing contradicts: for a library that knows methods which
// Cordon doesn't undo itself.
#pragma once

#include <string>
#include <string_view>

#include "scoring/message/zip.h"

namespace cordon {

std::string zip_alone(const ZipEntry& entry, std::string_view packed);

}  // namespace cordon
