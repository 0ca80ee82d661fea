// SPDX-License-Identifier: GPL-2.0-only
// An event as it travels among hosts: versioned, bounded, and believed in nothing when it is read.
#pragma once

#include <string>
#include <string_view>

#include "scoring/store/event_log.h"

namespace cordon {

std::string encode_event(const LearnEvent& event);
/// Refuses what is no event: an impossible identity, origin or feature.
Result<LearnEvent> decode_event(std::string_view bytes);

/// Hex of SHA-256, and somebody's label.
bool is_plausible(const LearnEvent& event);

}  // namespace cordon
