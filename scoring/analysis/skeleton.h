// SPDX-License-Identifier: GPL-2.0-only
// What a short text looks like (Unicode Technical Standard 39): equal for texts that people
// confuse.
#pragma once

#include <string>
#include <string_view>

namespace cordon {

/// Of a host's label or a person's name, up to 252 bytes; a longer text is returned as it is.
std::string skeleton(std::string_view text);

}  // namespace cordon
