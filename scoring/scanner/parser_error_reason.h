// SPDX-License-Identifier: GPL-2.0-only
// The reason for which a message is unscanned when a parser of Cordon failed over its content.
#pragma once

#include <string_view>

#include "scoring/analysis/analysis.h"

namespace cordon {

/// How its detail begins; the name by which metrics count it, too.
constexpr std::string_view kParserError = "parser-error";

inline bool is_parser_error(const UnreadReason& reason) {
    return reason.kind == Unread::unscanned && reason.detail.starts_with(kParserError);
}

}  // namespace cordon
