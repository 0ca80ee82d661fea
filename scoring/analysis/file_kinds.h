// SPDX-License-Identifier: GPL-2.0-only
// Which kinds of files a message brings, attached or inside archives: what a policy may block.
#pragma once

#include <vector>

#include "scoring/analysis/analysis.h"
#include "scoring/message/message.h"

namespace cordon {

/// One entry for each extension and type. More kinds than fit are not silently none: `is_complete`.
struct FileKinds {
    std::vector<FileFact> files;
    bool is_complete = true;
};

FileKinds file_kinds(const Message& message);

}  // namespace cordon
