// SPDX-License-Identifier: GPL-2.0-only
// What people order (release, confirm, delete) and what the review agent does about it.
#pragma once

#include "quarantine/keeper/item_messages.h"

namespace cordon {

void fields(auto& a, ReleaseOrder& v) {
    a(v.id, v.who, v.recipients, v.to, v.allow_sender, v.allow_virus);
}
void fields(auto& a, ReleaseJob& v) {
    a(v.order, v.id, v.who, v.attempt, v.ordered_at, v.recipients, v.is_redirect);
    a(v.allow_virus, v.nonce);
}
void fields(auto& a, RecipientOutcome& v) {
    a(v.path, v.state, v.reply);
}
void fields(auto& a, ReleaseResult& v) {
    a(v.order, v.id, v.outcomes, v.note, v.retry_in);
}
void fields(auto& a, FiledPlace& v) {
    a(v.id, v.folder, v.uid_validity, v.uid);
}

struct OrderAnswer {
    std::uint64_t order = 0;  // 0: nothing was left to do
    ItemState state = ItemState::held;
    std::string allow_note = {};  // what became of the wish to allow the sender
};
void fields(auto& a, OrderAnswer& v) {
    a(v.order, v.state, v.allow_note);
}

struct OrderReleaseRequest {
    static constexpr auto kKind = KeeperRequest::order_release;
    using Answer = OrderAnswer;
    ReleaseOrder order;
};
void fields(auto& a, OrderReleaseRequest& v) {
    a(v.order);
}

struct OrderConfirmRequest {
    static constexpr auto kKind = KeeperRequest::order_confirm;
    using Answer = OrderAnswer;
    std::string id;
    std::string who;
};
void fields(auto& a, OrderConfirmRequest& v) {
    a(v.id, v.who);
}

struct OrderDeleteRequest {
    static constexpr auto kKind = KeeperRequest::order_delete;
    using Answer = OrderAnswer;
    std::string id;
    std::string who;
};
void fields(auto& a, OrderDeleteRequest& v) {
    a(v.id, v.who);
}

struct TakeOrderAnswer {
    bool is_there = false;
    ReleaseJob job;
    std::int64_t next_due = 0;  // when there is none: time of the next one, 0: none waits
};
void fields(auto& a, TakeOrderAnswer& v) {
    a(v.is_there, v.job, v.next_due);
}

struct TakeOrderRequest {
    static constexpr auto kKind = KeeperRequest::take_order;
    using Answer = TakeOrderAnswer;
};
void fields(auto&, TakeOrderRequest&) {}

struct RecordResultRequest {
    static constexpr auto kKind = KeeperRequest::record_result;
    using Answer = OrderAnswer;
    ReleaseResult result;
};
void fields(auto& a, RecordResultRequest& v) {
    a(v.result);
}

struct MarkFiledRequest {
    static constexpr auto kKind = KeeperRequest::mark_filed;
    using Answer = OrderAnswer;
    FiledPlace place;
};
void fields(auto& a, MarkFiledRequest& v) {
    a(v.place);
}

/// The release engine starts: what was in flight is due again at once.
struct ResumeRequest {
    static constexpr auto kKind = KeeperRequest::resume;
    using Answer = Nothing;
};
void fields(auto&, ResumeRequest&) {}

}  // namespace cordon
