// SPDX-License-Identifier: GPL-2.0-only
// The memory of senders, asked and told by the milter: questions have a few milliseconds, what is
// told is sent and not waited for.
#pragma once

#include <string>
#include <vector>

#include "quarantine/keeper/protocol.h"
#include "scoring/store/recollection.h"

namespace cordon {

void fields(auto& a, Behaviour& v) {
    a(v.identity, v.ham, v.spam, v.days);
}

/// Mail of an authenticated user: to whom, and as which message.
struct SentMailRequest {
    static constexpr auto kKind = KeeperRequest::sent_mail;
    using Answer = Nothing;
    std::vector<std::string> recipients;
    std::string message_id;
};
void fields(auto& a, SentMailRequest& v) {
    a(v.recipients, v.message_id);
}

/// How a message with these identities turned out.
struct BehaviourRequest {
    static constexpr auto kKind = KeeperRequest::behaviour;
    using Answer = Nothing;
    std::vector<std::string> identities;
    bool is_spam = false;
};
void fields(auto& a, BehaviourRequest& v) {
    a(v.identities, v.is_spam);
}

struct RecallAnswer {
    bool is_known = false;  // false: nobody remembers anything here
    Recollection memory;
};

struct RecallRequest {
    static constexpr auto kKind = KeeperRequest::recall;
    using Answer = RecallAnswer;
    std::string author;                   // proven, else empty
    std::vector<std::string> references;  // message ids
    bool has_own_reference = false;       // one of them looks like ours
    std::vector<std::string> identities;
};
void fields(auto& a, RecallRequest& v) {
    a(v.author, v.references, v.has_own_reference, v.identities);
}
void fields(auto& a, Recollection& v) {
    a(v.is_correspondent, v.is_reply, v.names_own_thread, v.senders);
}
void fields(auto& a, RecallAnswer& v) {
    a(v.is_known, v.memory);
}

/// Sends and does not wait for an answer. False when the keeper is not there or busy.
template <typename Request>
bool tell_keeper(const std::string& keeper_socket, const Request& request) {
    return post_frame(keeper_socket, static_cast<std::uint8_t>(Request::kKind),
                      Encoder()(request).take());
}

}  // namespace cordon
