// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/keeper/client.h"

namespace cordon {

Result<std::string> KeeperClient::hold(const HeldMessage& message, bool is_everyone,
                                       int original) const {
    auto answer = ask(HoldRequest{encode_head(message), is_everyone}, original);
    if (!answer) return tl::unexpected(answer.error());
    return std::move(answer->seal);
}

Result<OpenedItem> KeeperClient::open(const std::string& id) const {
    UniqueFd file;
    auto answer = ask(OpenRequest{id}, -1, &file);
    if (!answer) return tl::unexpected(answer.error());
    auto held = read_held(file.get(), id);
    if (!held) return tl::unexpected(held.error());
    return OpenedItem{std::move(answer->status), std::move(answer->recipients), std::move(*held)};
}

Result<OpenAnswer> KeeperClient::states_of(const std::string& id) const {
    return ask(RecipientsRequest{id});
}

Result<OpenedSeal> KeeperClient::open_seal(const std::string& seal) const {
    const auto answer = ask(OpenSealRequest{seal});
    if (!answer) return tl::unexpected(answer.error());
    std::size_t head_bytes = 0;
    auto message = decode_head(answer->head, head_bytes);
    if (!message) return wrap("the keeper's answer", message.error());
    return OpenedSeal{std::move(*message), answer->is_in_vault, answer->is_complete};
}

Result<RestoreAnswer> KeeperClient::restore(const std::string& seal, const std::string& who,
                                            int mail) const {
    return ask(RestoreRequest{seal, who}, mail);
}

Result<std::string> KeeperClient::rotate_key(const std::string& who) const {
    auto answer = ask(RotateKeyRequest{who});
    if (!answer) return tl::unexpected(answer.error());
    return std::move(answer->id);
}

Result<std::string> KeeperClient::seal_of(const std::string& id) const {
    auto answer = ask(SealOfRequest{id});
    if (!answer) return tl::unexpected(answer.error());
    return std::move(answer->seal);
}

Result<ItemPage> KeeperClient::list(const ItemQuery& query) const {
    return ask(ListRequest{query});
}

Result<std::vector<ItemEvent>> KeeperClient::events(const std::string& id,
                                                    std::uint32_t limit) const {
    auto answer = ask(EventsRequest{id, limit});
    if (!answer) return tl::unexpected(answer.error());
    return std::move(answer->events);
}

Result<OrderAnswer> KeeperClient::order_release(const ReleaseOrder& order) const {
    return ask(OrderReleaseRequest{order});
}

Result<OrderAnswer> KeeperClient::order_confirm(const std::string& id,
                                                const std::string& who) const {
    return ask(OrderConfirmRequest{id, who});
}

Result<OrderAnswer> KeeperClient::order_remove(const std::string& id,
                                               const std::string& who) const {
    return ask(OrderDeleteRequest{id, who});
}

Result<OrderAnswer> KeeperClient::mark_filed(const FiledPlace& place) const {
    return ask(MarkFiledRequest{place});
}

Result<void> KeeperClient::resume() const {
    const auto answer = ask(ResumeRequest{});
    if (!answer) return tl::unexpected(answer.error());
    return {};
}

Result<TakeOrderAnswer> KeeperClient::take_order() const {
    return ask(TakeOrderRequest{});
}

Result<OrderAnswer> KeeperClient::record_result(const ReleaseResult& result) const {
    return ask(RecordResultRequest{result});
}

Result<std::string> KeeperClient::issue_nonce(const std::string& purpose) const {
    auto answer = ask(IssueNonceRequest{purpose});
    if (!answer) return tl::unexpected(answer.error());
    return std::move(answer->nonce);
}

Result<TakeNonceAnswer> KeeperClient::take_nonce(const TakeNonceRequest& request) const {
    return ask(request);
}

}  // namespace cordon
