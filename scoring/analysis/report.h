// SPDX-License-Identifier: GPL-2.0-only
// The words about a message that people read: in the quarantine, in digests, on the terminal.
// Everything in it is printable, no link can be clicked.
#pragma once

#include <string>

#include "scoring/checks/check.h"

namespace cordon {

constexpr std::size_t kMaxReportBytes = 16 * 1024;

/// `analysis` holds parts, urls, subject and from already.
std::string make_report(const CheckInput& input, const Analysis& analysis);

}  // namespace cordon
