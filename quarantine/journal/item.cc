// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/journal/item.h"

#include <algorithm>

namespace cordon {

namespace {
constexpr std::array<std::string_view, kItemStates> kItemNames = {
    "held", "sending", "sent", "filed", "spam", "failed", "gone"};
constexpr std::array<std::string_view, kRecipientStates> kRecipientNames = {"held", "sending",
                                                                            "sent", "failed"};
}  // namespace

std::string_view to_text(ItemState state) {
    return kItemNames.at(static_cast<std::size_t>(state));
}

std::optional<ItemState> item_state_of(std::string_view name) {
    const auto* const found = std::find(kItemNames.begin(), kItemNames.end(), name);
    if (found == kItemNames.end()) return std::nullopt;
    return static_cast<ItemState>(found - kItemNames.begin());
}

std::string_view to_text(RecipientState state) {
    return kRecipientNames.at(static_cast<std::size_t>(state));
}

}  // namespace cordon
