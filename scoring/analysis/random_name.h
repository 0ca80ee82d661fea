// SPDX-License-Identifier: GPL-2.0-only
// Names that a machine threw together: "gspqfpmlq". Judged by pairs of letters that hardly occur in
// the words of six languages (English, German, French, Spanish, Italian, Portuguese).
#pragma once

#include <string_view>

namespace cordon {

/// Of a local part or a label of a host; what is short, or no ASCII letters, is not judged.
bool is_random_name(std::string_view name);

}  // namespace cordon
