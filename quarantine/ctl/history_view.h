// SPDX-License-Identifier: GPL-2.0-only
// How verdicts of the past look on a terminal and as JSON.
#pragma once

#include <string>

#include "scoring/store/history_store.h"

namespace cordon {

/// The head line and one line a message, no longer than `columns` (0: whole values).
std::string history_head(std::size_t columns);
std::string history_line(const HistoryEntry& entry, std::size_t columns);
/// All that is kept of one message.
std::string history_text(const HistoryEntry& entry);
std::string history_json(const HistoryEntry& entry);

/// The strongest action that a recipient of the message got.
Action action_of(const HistoryRecord& record);
/// "2026-11-24 21:03", UTC.
std::string minute_of(std::int64_t time);
/// The first recipient, and how many there are besides.
std::string recipients_of(const HistoryRecord& record);

}  // namespace cordon
