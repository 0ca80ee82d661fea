// SPDX-License-Identifier: GPL-2.0-only
#include "conf/base/log.h"
#include "conf/base/text.h"
#include "quarantine/keeper/history_messages.h"
#include "quarantine/keeper/keeper.h"
#include "quarantine/vault/held_message.h"
#include "scoring/store/history_service.h"

namespace cordon {

namespace {

constexpr std::size_t kMostRecords = 10'000;

Result<HistoryService*> service_of(Keeper& keeper) {
    if (keeper.history) return keeper.history.get();
    return fail(keeper.configuration.get()->history.retention.value.count() == 0
                    ? "history: none is kept ([history] retention = 0)"
                    : "history: it could not be opened; the log of the keeper says why");
}

Result<Nothing> post(Keeper& keeper, const PostHistoryRequest& request) {
    const auto service = service_of(keeper);
    if (!service) return tl::unexpected(service.error());
    if (request.records.size() > kMostRecords) return fail("history: too many records at a time");
    std::vector<HistoryRecord> records;
    std::size_t refused = 0;
    for (const auto& bytes : request.records) {
        auto record = decode_history(bytes);
        if (record && is_message_id(record->id))
            records.push_back(std::move(*record));
        else
            ++refused;
    }
    const auto lost = refused + (*service)->post(std::move(records));
    if (lost > 0) log::warn("history-dropped", {{"records", lost}});
    return Nothing{};
}

Result<FindHistoryAnswer> find(Keeper& keeper, const FindHistoryRequest& request) {
    const auto service = service_of(keeper);
    if (!service) return tl::unexpected(service.error());
    const auto page = (*service)->find(request.query);
    FindHistoryAnswer out;
    out.is_busy = !page && is_busy(page.error());
    if (out.is_busy) return out;
    if (!page) return tl::unexpected(page.error());
    out.next = page->next;
    for (const auto& entry : page->entries)
        out.entries.push_back({encode(entry.record), entry.feedback});
    return out;
}

Result<EraseHistoryAnswer> erase(Keeper& keeper, const EraseHistoryRequest& request) {
    const auto service = service_of(keeper);
    if (!service) return tl::unexpected(service.error());
    if (request.address.empty()) return fail("history: no address to erase");
    const auto erased = (*service)->erase(request.address);
    if (!erased) return tl::unexpected(erased.error());
    // Whose it was is not written down again.
    log::info("history-erased", {{"messages", *erased}, {"who", request.who}});
    return EraseHistoryAnswer{*erased};
}

}  // namespace

void start_history(Keeper& keeper) {
    const auto configuration = keeper.configuration.get();
    const auto& c = *configuration;
    if (c.history.retention.value.count() == 0) return;
    auto service = HistoryService::start(c.history_path(), c.history.max_size.value);
    if (service)
        keeper.history = std::move(*service);
    else  // mail is judged and held without it
        log::error("history-off", {{"error", service.error().what}});
}

void add_history_handlers(KeeperHandlers& handlers) {
    handlers.add<PostHistoryRequest>([](Keeper& keeper, PostHistoryRequest& request,
                                        const UniqueFd&,
                                        UniqueFd&) { return post(keeper, request); });
    handlers.add<FindHistoryRequest>([](Keeper& keeper, FindHistoryRequest& request,
                                        const UniqueFd&,
                                        UniqueFd&) { return find(keeper, request); });
    handlers.add<EraseHistoryRequest>([](Keeper& keeper, EraseHistoryRequest& request,
                                         const UniqueFd&,
                                         UniqueFd&) { return erase(keeper, request); });
}

}  // namespace cordon
