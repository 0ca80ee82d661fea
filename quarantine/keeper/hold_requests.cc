// SPDX-License-Identifier: GPL-2.0-only
#include "conf/base/log.h"
#include "quarantine/keeper/hold_messages.h"
#include "quarantine/keeper/keeper.h"

namespace cordon {

namespace {

Result<HoldAnswer> hold(Keeper& keeper, HoldRequest& request, const UniqueFd& original) {
    std::size_t head_bytes = 0;
    auto message = decode_head(request.head, head_bytes);
    if (!message) return tl::unexpected(message.error());
    if (!original) return fail("keeper: a request without a message");
    if (auto stored = keeper.vault->store(*message, original.get()); !stored)
        return tl::unexpected(stored.error());
    // The vault is the record: what the journal misses it takes from there at the next start.
    if (auto added = keeper.journal->add(*message, "held", "cordon"); !added)
        log::error("journal-failed", {{"id", message->id}, {"error", added.error().what}});
    HoldAnswer out;
    if (request.is_everyone)
        keeper.keys.with([&](const SealKeys& keys) {
            if (!keys.empty()) out.seal = make_seal(keys.front(), std::move(*message));
        });
    return out;
}

}  // namespace

void add_hold_handlers(KeeperHandlers& handlers) {
    handlers.add<HoldRequest>([](Keeper& keeper, HoldRequest& request, const UniqueFd& fd,
                                 UniqueFd&) { return hold(keeper, request, fd); });
}

}  // namespace cordon
