// SPDX-License-Identifier: GPL-2.0-only
// The verdict in words for a person: `cordon scan`, review items and the history show the same
// text.
#pragma once

#include <string>

#include "scoring/judge/verdict.h"

namespace cordon {

/// Several lines of plain text, each printable: action and reason, score against the thresholds,
/// every hit with its words and evidence, what was not read, what was unknown.
std::string explain(const Verdict& verdict, const Decision& decision, const Policy& policy);

}  // namespace cordon
