// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>

#include "conf/base/clock.h"
#include "quarantine/keeper/item_messages.h"
#include "quarantine/keeper/keeper.h"

namespace cordon {

namespace {

constexpr std::int64_t kStuckSeconds = 3600;
constexpr std::size_t kMostStuck = 20;

Result<OpenAnswer> open_item(Keeper& keeper, const OpenRequest& request, UniqueFd& file) {
    auto item = keeper.journal->find(request.id);
    if (!item) return tl::unexpected(item.error());
    auto opened = keeper.vault->open_file(request.id);
    if (!opened) return tl::unexpected(opened.error());
    file = std::move(*opened);
    return OpenAnswer{std::move(item->status), std::move(item->recipients)};
}

Result<KeepingStatus> status_of(Keeper& keeper) {
    auto states = keeper.journal->figures();
    if (!states) return tl::unexpected(states.error());
    KeepingStatus out;
    out.states = std::move(*states);
    out.vault_bytes = keeper.vault->used_bytes();
    out.vault_limit = keeper.configuration.get()->quarantine.vault_max.value;
    const auto history = keeper.history ? keeper.history->figures() : HistoryFigures();
    // One that answers a question of somebody else is asked again next time.
    if (history) out.history_records = history->records, out.history_bytes = history->bytes;
    out.expiry_pause = why_nothing_expires(keeper);
    out.misses_key = keeper.expires_nothing;
    auto stuck = keeper.journal->ordered_before(unix_time() - kStuckSeconds);
    if (!stuck) return tl::unexpected(stuck.error());
    out.stuck = stuck->size();
    stuck->resize(std::min(stuck->size(), kMostStuck));
    out.stuck_ids = std::move(*stuck);
    const auto lessons = keeper.journal->waiting_lessons();
    if (!lessons) return tl::unexpected(lessons.error());
    out.lessons = *lessons;
    return out;
}

}  // namespace

void add_item_handlers(KeeperHandlers& handlers) {
    handlers.add<OpenRequest>([](Keeper& keeper, OpenRequest& request, const UniqueFd&,
                                 UniqueFd& file) { return open_item(keeper, request, file); });
    handlers.add<RecipientsRequest>([](Keeper& keeper, RecipientsRequest& request, const UniqueFd&,
                                       UniqueFd&) -> Result<OpenAnswer> {
        auto item = keeper.journal->find(request.id);
        if (!item) return tl::unexpected(item.error());
        return OpenAnswer{std::move(item->status), std::move(item->recipients)};
    });
    handlers.add<ListRequest>([](Keeper& keeper, ListRequest& request, const UniqueFd&, UniqueFd&) {
        return keeper.journal->list(request.query);
    });
    handlers.add<KeepingStatusRequest>([](Keeper& keeper, KeepingStatusRequest&, const UniqueFd&,
                                          UniqueFd&) { return status_of(keeper); });
    handlers.add<EventsRequest>([](Keeper& keeper, EventsRequest& request, const UniqueFd&,
                                   UniqueFd&) -> Result<EventsAnswer> {
        auto events = keeper.journal->events(request.id, request.limit);
        if (!events) return tl::unexpected(events.error());
        return EventsAnswer{std::move(*events)};
    });
}

}  // namespace cordon
