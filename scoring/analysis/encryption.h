// SPDX-License-Identifier: GPL-2.0-only
// Content that can't be judged because a password protects it: zip, RAR and 7z archives and office
// documents. S/MIME and OpenPGP do not count: they are no way to hide something from a filter.
#pragma once

#include <string>
#include <string_view>

#include "scoring/message/limits.h"

namespace cordon {

/// What is protected ("zip member invoice.exe"), or empty.
std::string find_encryption(std::string_view bytes, const Limits& limits);

}  // namespace cordon
