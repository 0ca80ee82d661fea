// SPDX-License-Identifier: GPL-2.0-only
// What is held and how it is kept, by the keeper's word.
#include <fmt/format.h>

#include "quarantine/doctor/checks.h"
#include "quarantine/keeper/item_messages.h"
#include "quarantine/keeper/keeping_troubles.h"

namespace cordon {

namespace {
constexpr Milliseconds kKeeperTime(5000);
}

Findings keeping_findings(const KeepingStatus& status) {
    Findings out;
    for (const auto& trouble : keeping_troubles(status))
        out.push_back({trouble.is_grave ? Health::error : Health::warning, "keeping", trouble.what,
                       trouble.remedy});
    std::uint64_t messages = 0;
    for (const auto& one : status.states) messages += one.messages;
    if (out.empty())
        out.push_back(
            {Health::good, "keeping",
             fmt::format("{} messages in the vault, {} MB", messages, status.vault_bytes >> 20U),
             ""});
    return out;
}

void check_keeping(const Configuration& c, Findings& out) {
    const auto status =
        ask_keeper(c.socket_path("keeper"), KeepingStatusRequest{}, -1, Deadline::in(kKeeperTime));
    if (!status) {
        out.push_back(
            {Health::error, "keeping", status.error().what,
             "journalctl -u 'cordon*' says why; run this as root or as the user of Cordon"});
        return;
    }
    for (auto& finding : keeping_findings(*status)) out.push_back(std::move(finding));
}

}  // namespace cordon
