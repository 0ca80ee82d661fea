// SPDX-License-Identifier: GPL-2.0-only
// What the name of a file promises to whoever opens it, and how it deceives.
#pragma once

#include <string_view>

#include "scoring/analysis/content_type.h"

namespace cordon {

bool runs_when_opened(ContentKind kind);
/// Something to read or to look at.
bool looks_harmless(ContentKind kind);

/// "invoice.pdf.exe", "photo.jpg      .scr": runs, but begins like something to read.
bool has_double_extension(std::string_view name);

/// Characters that turn the direction of reading: "exe.fdp" is shown for "pdf.exe".
bool has_direction_override(std::string_view name);

/// The extension stands out of sight, behind many blanks or the like.
bool has_padded_extension(std::string_view name);

}  // namespace cordon
