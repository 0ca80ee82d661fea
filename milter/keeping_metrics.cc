// SPDX-License-Identifier: GPL-2.0-only
#include "milter/keeping_metrics.h"

#include <algorithm>

#include "quarantine/keeper/item_messages.h"

namespace cordon {

namespace {
constexpr Milliseconds kKeeperTime(100);
}

void refresh_keeping_metrics(Metrics& metrics, const std::string& keeper_socket) {
    const auto status =
        ask_keeper(keeper_socket, KeepingStatusRequest{}, -1, Deadline::in(kKeeperTime));
    metrics.set(Metric::keeper_up, "", status ? 1 : 0);
    if (!status) return;
    const auto now = unix_time();
    for (std::size_t i = 0; i < static_cast<std::size_t>(ItemState::gone); ++i) {
        const auto state = static_cast<ItemState>(i);
        const auto found = std::find_if(status->states.begin(), status->states.end(),
                                        [state](const auto& one) { return one.state == state; });
        const StateFigures figures =
            found == status->states.end() ? StateFigures{state, 0, now} : *found;
        metrics.set(Metric::quarantine_messages, to_text(state), figures.messages);
        metrics.set(Metric::quarantine_oldest, to_text(state),
                    static_cast<std::uint64_t>(std::max<std::int64_t>(now - figures.oldest, 0)));
    }
    metrics.set(Metric::vault_bytes, "", status->vault_bytes);
    metrics.set(Metric::vault_limit, "", status->vault_limit);
    metrics.set(Metric::history_records, "", status->history_records);
    metrics.set(Metric::history_bytes, "", status->history_bytes);
}

}  // namespace cordon
