// SPDX-License-Identifier: GPL-2.0-only
// The history of verdicts: the milter posts, people ask. Records travel encoded, as they are kept
// (scoring/store/history_record.h).
#pragma once

#include <vector>

#include "quarantine/keeper/protocol.h"
#include "scoring/store/history_store.h"

namespace cordon {

constexpr std::uint64_t count_of(Feedback) {
    return 3;
}

/// Of the milter, which does not wait for the answer.
struct PostHistoryRequest {
    static constexpr auto kKind = KeeperRequest::post_history;
    using Answer = Nothing;
    std::vector<std::string> records;
};
void fields(auto& a, PostHistoryRequest& v) {
    a(v.records);
}

void fields(auto& a, HistoryQuery& v) {
    a(v.id, v.sender, v.recipient, v.address, v.rule, v.received_from, v.received_before);
    a(v.before, v.limit);
}

struct EncodedHistory {
    std::string record;
    Feedback feedback = Feedback::none;
};
void fields(auto& a, EncodedHistory& v) {
    a(v.record, v.feedback);
}

struct FindHistoryAnswer {
    bool is_busy = false;  // ask again
    std::vector<EncodedHistory> entries;
    std::uint64_t next = 0;
};
void fields(auto& a, FindHistoryAnswer& v) {
    a(v.is_busy, v.entries, v.next);
}

struct FindHistoryRequest {
    static constexpr auto kKind = KeeperRequest::find_history;
    using Answer = FindHistoryAnswer;
    HistoryQuery query;
};
void fields(auto& a, FindHistoryRequest& v) {
    a(v.query);
}

struct EraseHistoryAnswer {
    std::uint64_t messages = 0;
};
void fields(auto& a, EraseHistoryAnswer& v) {
    a(v.messages);
}

struct EraseHistoryRequest {
    static constexpr auto kKind = KeeperRequest::erase_history;
    using Answer = EraseHistoryAnswer;
    std::string address;
    std::string who;
};
void fields(auto& a, EraseHistoryRequest& v) {
    a(v.address, v.who);
}

/// The next page of a query; waits while another question is answered.
Result<HistoryPage> find_history(const std::string& keeper_socket, const HistoryQuery& query);

/// Whether the keeper got them; never waits longer than `time`.
bool post_history(const std::string& keeper_socket, std::vector<std::string> records,
                  Milliseconds time);

}  // namespace cordon
