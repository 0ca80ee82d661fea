// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/keeper/keeping_troubles.h"

#include <fmt/format.h>

#include "conf/base/text.h"
#include "quarantine/keeper/item_messages.h"

namespace cordon {

namespace {

std::uint64_t count_in(const KeepingStatus& status, ItemState state) {
    for (const auto& one : status.states)
        if (one.state == state) return one.messages;
    return 0;
}

KeepingTrouble stuck_releases(const KeepingStatus& status) {
    std::string ids;
    for (const auto& id : status.stuck_ids) ids += " " + printable(id, 64);
    return {true,
            fmt::format("{} release(s) do not get through for more than an hour:{}{}", status.stuck,
                        ids, status.stuck > status.stuck_ids.size() ? " ..." : ""),
            "cordon quarantine show ID tells what the server said"};
}

}  // namespace

std::vector<KeepingTrouble> keeping_troubles(const KeepingStatus& status) {
    std::vector<KeepingTrouble> out;
    if (status.stuck > 0) out.push_back(stuck_releases(status));
    const auto used = fmt::format("{} of {} MB of the vault are used", status.vault_bytes >> 20U,
                                  status.vault_limit >> 20U);
    const std::string room = "raise [quarantine] vault-max, or shorten retention";
    // What comes next may be larger than what is left.
    if (status.vault_bytes >= status.vault_limit / 100 * 98)
        out.push_back({true, used + ": what is to be held meets on-store-failure", room});
    else if (status.vault_bytes >= status.vault_limit / 10 * 9)
        out.push_back({false, used, room});
    if (!status.expiry_pause.empty())
        out.push_back({status.misses_key, "nothing expires: " + status.expiry_pause,
                       status.misses_key
                           ? "put the copy of seal.key back, see docs/backup.md"
                           : "set the clock right; a day later old mail expires again"});
    if (const auto failed = count_in(status, ItemState::failed); failed > 0)
        out.push_back({false, fmt::format("{} release(s) failed", failed),
                       "cordon quarantine list --state failed"});
    if (status.lessons > 0)
        out.push_back({false, fmt::format("{} decision(s) wait to be learned", status.lessons),
                       "does the scanner run? learning-waits in the log says why"});
    return out;
}

}  // namespace cordon
