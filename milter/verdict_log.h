// SPDX-License-Identifier: GPL-2.0-only
// The one line that the log has for each message and recipient.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "scoring/judge/verdict.h"

namespace cordon {

struct VerdictRecord {
    std::string_view id;
    std::string_view queue_id;
    std::string_view message_id;
    std::string_view mail_from;
    std::string client;
    std::uint64_t size = 0;
    std::int64_t microseconds = 0;
};

/// Names of the hits, between commas.
std::string rule_names(const Verdict& verdict);

/// One line for each failure of a parser that the verdict holds.
void log_parser_errors(const VerdictRecord& record, const Verdict& verdict);

/// would= is what mode = enforce does, whatever the mode; trial= what scores and thresholds on
/// trial would do, empty where there are none.
void log_decision(const VerdictRecord& record, std::string_view recipient, const Verdict& verdict,
                  const Decision& decision, Mode mode);

}  // namespace cordon
