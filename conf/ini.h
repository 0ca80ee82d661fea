// SPDX-License-Identifier: GPL-2.0-only
// The one file syntax: [section], key = value, `include = FILE` (a glob, relative to the including
// file), comments from `#` at the start of a line or after white space. Keys may repeat. A line
// that begins with a blank continues the value above.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "conf/base/result.h"

namespace cordon {

struct IniEntry {
    std::string section;  // empty before the first [section]
    std::string key;
    std::string value;
    std::string file;
    unsigned line = 0;

    std::string where() const { return file + ":" + std::to_string(line); }
};

/// Errors read "FILE:LINE: message".
Result<std::vector<IniEntry>> parse_ini(std::string_view text, const std::string& file_name);
Result<std::vector<IniEntry>> read_ini(const std::string& path);

}  // namespace cordon
