// SPDX-License-Identifier: GPL-2.0-only
// People of this site whose names strangers bear: the file `own-people` in a folder of rules, one a
// line, read when the rules are.
#pragma once

#include <string>
#include <vector>

#include "conf/base/result.h"

namespace cordon {

/// "Jane Doe", or with private addresses that are truly hers "Jane Doe <jane@doe.example>". A
/// folder without such a file has none; errors read "FILE:LINE: message".
Result<std::vector<std::string>> read_own_people(const std::vector<std::string>& folders);

}  // namespace cordon
