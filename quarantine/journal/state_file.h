// SPDX-License-Identifier: GPL-2.0-only
// The states of an item as text beside its message in the vault: what a lost journal is made from.
// Without one an item is held.
#pragma once

#include "quarantine/journal/journal.h"

namespace cordon {

std::string encode_states(const JournalItem& item);

/// What a damaged text still tells; `id` is the item's.
JournalItem decode_states(std::string_view id, std::string_view text);

}  // namespace cordon
