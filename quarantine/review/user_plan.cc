// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/review/user_plan.h"

#include <set>

#include "conf/base/mail_address.h"

namespace cordon {

namespace {

bool is_open(const UserItem& item) {
    return item.state == RecipientState::held || item.state == RecipientState::failed;
}

}  // namespace

UserPlan plan_user(const UserItems& items, const UserView& view) {
    UserPlan out;
    std::set<std::string, std::less<>> there;
    std::set<std::string, std::less<>> wished;
    for (const auto& sighting : view.release) {
        const auto found = items.find(sighting.id);
        // What nobody holds for him is no wish of his: done with, or put there by mistake.
        if (found == items.end() || found->second.state == RecipientState::sent) {
            if (!sighting.id.empty()) out.release_removals.push_back(sighting.uid);
            continue;
        }
        // A failure is told by an item in his folder; he may try again with that.
        if (found->second.state == RecipientState::failed && !found->second.is_filed) {
            out.release_removals.push_back(sighting.uid);
            continue;
        }
        there.insert(sighting.id);
        if (is_open(found->second) && wished.insert(sighting.id).second)
            out.orders.push_back(sighting.id);
    }
    for (const auto& sighting : view.held) {
        const auto found = items.find(sighting.id);
        const bool is_wanted = found != items.end() && is_open(found->second) &&
                               !wished.contains(sighting.id) && there.insert(sighting.id).second;
        if (!is_wanted && !sighting.id.empty()) out.held_removals.push_back(sighting.uid);
    }
    for (const auto& [id, item] : items)
        if (is_open(item) && !item.is_filed && !there.contains(id)) out.stores.push_back(id);
    return out;
}

std::string user_folder_name(const std::string& address) {
    if (!is_mailbox(address)) return {};
    std::string out;
    for (const char c : address) {
        // Ours would not be told from one that was written, and the others mean something to IMAP.
        if (c < 0 || c == '/' || c == '\\' || c == '"' || c == '%' || c == '*' || c == '~')
            return {};
        if (c == '.')
            out += "\u00B7";
        else
            out += c;
    }
    return out;
}

std::string user_folder_address(std::string_view level) {
    constexpr std::string_view kMiddleDot = "&ALc-";  // in modified UTF-7
    std::string out;
    for (std::size_t i = 0; i < level.size(); ++i) {
        const auto rest = level.substr(i);
        if (rest.starts_with(kMiddleDot)) {
            out += '.';
            i += kMiddleDot.size() - 1;
        } else {
            out += level[i];
            if (rest.starts_with("&-")) ++i;
        }
    }
    return out;
}

}  // namespace cordon
