// SPDX-License-Identifier: GPL-2.0-only
#include "milter/learning_metrics.h"

#include "quarantine/keeper/learn_messages.h"

namespace cordon {

namespace {
constexpr Milliseconds kKeeperTime(100);
}

void refresh_learning_metrics(Metrics& metrics, const std::string& keeper_socket) {
    const auto status =
        ask_keeper(keeper_socket, LearningStatusRequest{}, -1, Deadline::in(kKeeperTime));
    const bool is_up = status && (!status->is_shared ||
                                  (status->shared.is_connected && status->memory.is_connected));
    metrics.set(Metric::learning_store_up, "", is_up ? 1 : 0);
    if (!status) return;
    metrics.set(Metric::learned, "ham", status->ham);
    metrics.set(Metric::learned, "spam", status->spam);
    metrics.set(Metric::learning_events, "dropped", status->dropped);
    metrics.set(Metric::learning_waiting, "", status->shared.waiting);
    metrics.set(Metric::learning_store_errors, "", status->shared.errors + status->memory.errors);
    if (!status->is_shared) return;
    metrics.set(Metric::learning_events, "sent", status->shared.sent);
    metrics.set(Metric::learning_events, "received", status->shared.received);
    metrics.set(Metric::memory_changes, "sent", status->memory.sent);
    metrics.set(Metric::memory_changes, "received", status->memory.received);
    metrics.set(Metric::memory_waiting, "", status->memory.waiting);
}

}  // namespace cordon
