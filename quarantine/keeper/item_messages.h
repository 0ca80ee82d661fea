// SPDX-License-Identifier: GPL-2.0-only
// What is held, and what became of it: open, list, events.
#pragma once

#include "quarantine/journal/item.h"
#include "quarantine/keeper/protocol.h"

namespace cordon {

constexpr std::uint64_t count_of(ItemState) {
    return kItemStates;
}
constexpr std::uint64_t count_of(RecipientState) {
    return kRecipientStates;
}

void fields(auto& a, RecipientStatus& v) {
    a(v.path, v.state, v.is_added, v.reply, v.changed_at);
}
void fields(auto& a, ItemStatus& v) {
    a(v.id, v.state, v.received_at, v.changed_at, v.change, v.mail_from, v.from, v.subject);
    a(v.score, v.rules, v.reason, v.virus, v.home, v.size, v.sha256, v.first_recipient);
    a(v.recipients, v.note, v.folder, v.uid_validity, v.uid);
}
void fields(auto& a, ItemQuery& v) {
    a(v.states, v.received_from, v.received_before, v.sender, v.recipient, v.subject);
    a(v.changed_after, v.after, v.limit);
}
void fields(auto& a, ItemPage& v) {
    a(v.items, v.next);
}
void fields(auto& a, ItemEvent& v) {
    a(v.at, v.id, v.who, v.what, v.detail);
}

struct OpenAnswer {
    ItemStatus status;
    std::vector<RecipientStatus> recipients;
};
void fields(auto& a, OpenAnswer& v) {
    a(v.status, v.recipients);
}

/// Answered with the vault's file, read-only, as the descriptor.
struct OpenRequest {
    static constexpr auto kKind = KeeperRequest::open;
    using Answer = OpenAnswer;
    std::string id;
};
void fields(auto& a, OpenRequest& v) {
    a(v.id);
}

/// The same without the message.
struct RecipientsRequest {
    static constexpr auto kKind = KeeperRequest::recipients_of;
    using Answer = OpenAnswer;
    std::string id;
};
void fields(auto& a, RecipientsRequest& v) {
    a(v.id);
}

struct ListRequest {
    static constexpr auto kKind = KeeperRequest::list;
    using Answer = ItemPage;
    ItemQuery query;
};
void fields(auto& a, ListRequest& v) {
    a(v.query);
}

void fields(auto& a, StateFigures& v) {
    a(v.state, v.messages, v.oldest);
}

struct KeepingStatus {
    std::vector<StateFigures> states;  // but those that are gone; none without messages
    std::uint64_t vault_bytes = 0;
    std::uint64_t vault_limit = 0;
    std::uint64_t history_records = 0;
    std::uint64_t history_bytes = 0;
    std::string expiry_pause;            // why nothing expires; empty: it does
    bool misses_key = false;             // ... since a seal key is not there
    std::uint64_t stuck = 0;             // releases that do not get through for an hour
    std::vector<std::string> stuck_ids;  // the oldest of them
    std::uint64_t lessons = 0;           // decisions that could not be learned yet
};
void fields(auto& a, KeepingStatus& v) {
    a(v.states, v.vault_bytes, v.vault_limit, v.history_records, v.history_bytes);
    a(v.expiry_pause, v.misses_key, v.stuck, v.stuck_ids, v.lessons);
}

struct KeepingStatusRequest {
    static constexpr auto kKind = KeeperRequest::keeping_status;
    using Answer = KeepingStatus;
};
void fields(auto&, KeepingStatusRequest&) {}

struct EventsAnswer {
    std::vector<ItemEvent> events;  // oldest first; the last `limit`
};
void fields(auto& a, EventsAnswer& v) {
    a(v.events);
}

struct EventsRequest {
    static constexpr auto kKind = KeeperRequest::events;
    using Answer = EventsAnswer;
    std::string id;  // empty: of all items
    std::uint32_t limit = 200;
};
void fields(auto& a, EventsRequest& v) {
    a(v.id, v.limit);
}

}  // namespace cordon
