// SPDX-License-Identifier: GPL-2.0-only
// Content that can't be judged because a password protects it: RAR and 7z archives and office
// documents. Zip archives are walked through (scoring/message/archive_walker.h), which tells.
// S/MIME and OpenPGP do not count: they are no way to hide something from a filter.
#pragma once

#include <string>
#include <string_view>

namespace cordon {

/// What is protected ("rar archive"), or empty.
std::string find_encryption(std::string_view bytes);

}  // namespace cordon
