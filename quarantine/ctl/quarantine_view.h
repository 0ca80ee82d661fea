// SPDX-License-Identifier: GPL-2.0-only
// How held messages look on a terminal and as JSON.
#pragma once

#include <string>
#include <vector>

#include "quarantine/keeper/client.h"

namespace cordon {

/// Columns of standard output's terminal; 0 when it is none, and nothing is to be cut.
std::size_t terminal_columns();

/// Text of exactly so many columns: filled with blanks, or cut with an ellipsis. Counts characters,
/// the wide ones of East Asia twice.
std::string cell(std::string_view text, std::size_t columns);

/// The head line and one line an item, no longer than `columns` (0: whole values).
std::string table_head(std::size_t columns);
std::string table_line(const ItemStatus& item, std::size_t columns);

std::string item_json(const ItemStatus& item);
/// With envelope, recipients' states and audit.
std::string opened_json(const OpenedItem& item, const std::vector<ItemEvent>& events);
std::string opened_text(const OpenedItem& item, const std::vector<ItemEvent>& events);
std::string event_json(const ItemEvent& event);
std::string event_text(const ItemEvent& event);

/// An item as the vault alone knows it.
ItemStatus status_of(const HeldMessage& message);

}  // namespace cordon
