// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/keeper/order_messages.h"

#include <algorithm>

#include "conf/base/log.h"
#include "quarantine/keeper/teaching.h"

namespace cordon {

namespace {

OrderAnswer answer_of(const ItemChange& change) {
    return {change.order, change.state};
}

Result<OrderAnswer> release(Keeper& keeper, ReleaseOrder& order) {
    if (order.allow_sender) order.allow_note = allow_sender(keeper, order, unix_time());
    const auto change = keeper.journal->release(order, unix_time());
    if (!change) return tl::unexpected(change.error());
    if (change->has_changed)
        log::info("release-ordered", {{"id", order.id}, {"who", order.who}, {"to", order.to}});
    return OrderAnswer{change->order, change->state, order.allow_note};
}

Result<OrderAnswer> confirm(Keeper& keeper, const OrderConfirmRequest& request) {
    const auto change = keeper.journal->confirm(request.id, request.who, unix_time());
    if (!change) return tl::unexpected(change.error());
    if (!change->has_changed) return answer_of(*change);
    log::info("confirmed", {{"id", request.id}, {"who", request.who}});
    save_states(keeper, request.id);
    teach(keeper, request.id, Learned::spam, request.who);
    return answer_of(*change);
}

Result<OrderAnswer> remove(Keeper& keeper, const OrderDeleteRequest& request) {
    const auto item = keeper.journal->find(request.id);
    if (!item) return tl::unexpected(item.error());
    if (auto may = keeper.journal->may_remove(request.id); !may) return tl::unexpected(may.error());
    if (auto done = keeper.vault->remove(request.id); !done) return tl::unexpected(done.error());
    if (auto done = keeper.journal->set_gone(request.id, request.who, "deleted", ""); !done)
        return tl::unexpected(done.error());
    log::info("deleted", {{"id", request.id}, {"who", request.who}});
    return OrderAnswer{0, ItemState::gone};
}

Result<TakeOrderAnswer> take(Keeper& keeper) {
    auto taken = keeper.journal->take_order(unix_time());
    if (!taken) return tl::unexpected(taken.error());
    TakeOrderAnswer out;
    out.next_due = taken->next_due;
    if (!taken->job) return out;
    out.is_there = true;
    out.job = std::move(*taken->job);
    return out;
}

Result<OrderAnswer> record(Keeper& keeper, const ReleaseResult& result) {
    const auto change = keeper.journal->record(result, unix_time());
    if (!change) return tl::unexpected(change.error());
    for (const auto& outcome : result.outcomes)
        log::info("release", {{"id", result.id},
                              {"to", outcome.path},
                              {"state", to_text(outcome.state)},
                              {"reply", outcome.reply}});
    if (change->was_unfiltered)
        log::warn("release-unfiltered",
                  {{"id", result.id},
                   {"remedy",
                    "nobody removed X-Cordon-Release: the listener of [quarantine] release-via "
                    "must have Cordon as its milter"}});
    save_states(keeper, result.id);
    if (change->state == ItemState::sent) teach(keeper, result.id, Learned::ham, change->who);
    return answer_of(*change);
}

Result<OrderAnswer> file(Keeper& keeper, const FiledPlace& place) {
    const auto change = keeper.journal->mark_filed(place, unix_time());
    if (!change) return tl::unexpected(change.error());
    if (change->has_changed) save_states(keeper, place.id);
    return answer_of(*change);
}

Result<Nothing> resume(Keeper& keeper) {
    if (auto done = keeper.journal->resume(unix_time()); !done) return tl::unexpected(done.error());
    return Nothing{};
}

}  // namespace

void add_order_handlers(KeeperHandlers& handlers) {
    handlers.add<OrderReleaseRequest>([](Keeper& keeper, OrderReleaseRequest& request,
                                         const UniqueFd&,
                                         UniqueFd&) { return release(keeper, request.order); });
    handlers.add<OrderConfirmRequest>([](Keeper& keeper, OrderConfirmRequest& request,
                                         const UniqueFd&,
                                         UniqueFd&) { return confirm(keeper, request); });
    handlers.add<OrderDeleteRequest>([](Keeper& keeper, OrderDeleteRequest& request,
                                        const UniqueFd&,
                                        UniqueFd&) { return remove(keeper, request); });
    handlers.add<TakeOrderRequest>(
        [](Keeper& keeper, TakeOrderRequest&, const UniqueFd&, UniqueFd&) { return take(keeper); });
    handlers.add<RecordResultRequest>([](Keeper& keeper, RecordResultRequest& request,
                                         const UniqueFd&,
                                         UniqueFd&) { return record(keeper, request.result); });
    handlers.add<MarkFiledRequest>([](Keeper& keeper, MarkFiledRequest& request, const UniqueFd&,
                                      UniqueFd&) { return file(keeper, request.place); });
    handlers.add<ResumeRequest>(
        [](Keeper& keeper, ResumeRequest&, const UniqueFd&, UniqueFd&) { return resume(keeper); });
}

}  // namespace cordon
