// SPDX-License-Identifier: GPL-2.0-only
// What is to be done in one recipient's folders (user-folders = shared): a pure function of what is
// held for him and what lies there. An item lies in his folder while its message is held for him;
// in his folder Release it is a wish, which counts for him alone.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "quarantine/journal/item.h"

namespace cordon {

/// A message as far as it concerns this recipient.
struct UserItem {
    RecipientState state = RecipientState::held;
    bool is_filed = false;  // it was put into his folder since we looked first
};
using UserItems = std::map<std::string, UserItem, std::less<>>;  // by id

struct UserSighting {
    std::string id;  // empty: not one of our items
    std::uint32_t uid = 0;
};

struct UserView {
    std::vector<UserSighting> held;
    std::vector<UserSighting> release;
};

struct UserPlan {
    std::vector<std::string> orders;  // ids to release for him
    std::vector<std::string> stores;  // ids to put into his folder
    std::vector<std::uint32_t> held_removals;
    std::vector<std::uint32_t> release_removals;
};

UserPlan plan_user(const UserItems& items, const UserView& view);

/// The folder's name for an address, below FOLDER/Users: a dot becomes a middle dot, since servers
/// take it for the mark between levels. Empty for an address that can't be written so.
std::string user_folder_name(const std::string& address);

/// The other way round, for the last level of a name as the server writes it; whoever relies on it
/// makes the name again and compares.
std::string user_folder_address(std::string_view level);

/// What the recipient may do there (RFC 4314): in his folder read, mark and take away; in Release
/// also put in.
constexpr const char* kHeldRights = "lrste";
constexpr const char* kReleaseRights = "lrstei";

}  // namespace cordon
