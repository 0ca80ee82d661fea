// SPDX-License-Identifier: GPL-2.0-only
// Teaching the keeper: labels with the features of messages, as content workers extracted them.
#pragma once

#include <vector>

#include "quarantine/keeper/protocol.h"
#include "scoring/store/event_log.h"
#include "scoring/store/shared_status.h"

namespace cordon {

constexpr std::uint64_t count_of(LabelOrigin) {
    return 3;
}

void fields(auto& a, LearnEvent& v) {
    a(v.identity, v.is_spam, v.origin, v.features, v.time);
}

struct LearnAnswer {
    std::vector<LearnOutcome> outcomes;  // of automatic events: none, they are queued
    std::uint64_t ham = 0;               // learned so far
    std::uint64_t spam = 0;
};
void fields(auto& a, LearnAnswer& v) {
    a(v.outcomes, v.ham, v.spam);
}

/// Durable when the answer is good, all or none; what is known already is no event.
struct LearnRequest {
    static constexpr auto kKind = KeeperRequest::learn;
    using Answer = LearnAnswer;
    std::vector<LearnEvent> events;
};
void fields(auto& a, LearnRequest& v) {
    a(v.events);
}

/// Builds the table of weights anew from the log of events.
struct RebuildRequest {
    static constexpr auto kKind = KeeperRequest::rebuild;
    using Answer = LearnAnswer;
    bool is_sure = true;
};
void fields(auto& a, RebuildRequest& v) {
    a(v.is_sure);
}

/// How learning goes, for metrics and people.
struct LearningStatus {
    std::uint64_t ham = 0;
    std::uint64_t spam = 0;
    std::uint64_t dropped = 0;  // automatic events, since the start of the keeper
    bool is_shared = false;
    SharedStatus shared;
    SharedStatus memory;  // of senders
};
void fields(auto& a, SharedStatus& v) {
    a(v.is_connected, v.is_trainer, v.trainer, v.waiting, v.sent, v.received, v.tables, v.errors,
      v.error);
}
void fields(auto& a, LearningStatus& v) {
    a(v.ham, v.spam, v.dropped, v.is_shared, v.shared, v.memory);
}

struct LearningStatusRequest {
    static constexpr auto kKind = KeeperRequest::learning_status;
    using Answer = LearningStatus;
    bool is_sure = true;
};
void fields(auto& a, LearningStatusRequest& v) {
    a(v.is_sure);
}

/// For the way of mail: sends and does not wait for an answer. False when the keeper is not there
/// or busy; the event is lost then.
bool post_event(const std::string& keeper_socket, const LearnEvent& event);

}  // namespace cordon
