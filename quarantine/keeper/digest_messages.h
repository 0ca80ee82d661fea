// SPDX-License-Identifier: GPL-2.0-only
// Digests: whom to tell what, what came of it, and what a recipient answered.
#pragma once

#include "quarantine/digest/digest_mail.h"
#include "quarantine/keeper/item_messages.h"

namespace cordon {

constexpr std::uint64_t count_of(Language) {
    return 2;
}

void fields(auto& a, DigestEntry& v) {
    a(v.id, v.from, v.subject, v.score, v.reason, v.virus, v.token, v.received_at);
}
void fields(auto& a, Digest& v) {
    a(v.address, v.language, v.entries, v.more, v.kept_until);
}

struct TakeDigestAnswer {
    bool is_there = false;
    Digest digest;
    std::int64_t until = 0;  // what was received until then stands in it
    std::string nonce;       // for X-Cordon-Release
};
void fields(auto& a, TakeDigestAnswer& v) {
    a(v.is_there, v.digest, v.until, v.nonce);
}

/// The next digest that is due. It counts as sent from now on, since two a day would be worse than
/// none; record_digest tells when it was not.
struct TakeDigestRequest {
    static constexpr auto kKind = KeeperRequest::take_digest;
    using Answer = TakeDigestAnswer;
    std::string address;  // set: the one for this address, now
};
void fields(auto& a, TakeDigestRequest& v) {
    a(v.address);
}

enum class DigestOutcome : std::uint8_t { sent, later };
constexpr std::uint64_t count_of(DigestOutcome) {
    return 2;
}

struct RecordDigestRequest {
    static constexpr auto kKind = KeeperRequest::record_digest;
    using Answer = Nothing;
    std::string address;
    std::int64_t until = 0;
    DigestOutcome outcome = DigestOutcome::sent;
};
void fields(auto& a, RecordDigestRequest& v) {
    a(v.address, v.until, v.outcome);
}

struct AnswerDigestAnswer {
    std::string id;
    bool has_changed = false;  // false: it was released before
};
void fields(auto& a, AnswerDigestAnswer& v) {
    a(v.id, v.has_changed);
}

/// Refused with the reason unless the token is good and `sender` is the recipient that it names.
/// The milter vouches for the sender.
struct AnswerDigestRequest {
    static constexpr auto kKind = KeeperRequest::answer_digest;
    using Answer = AnswerDigestAnswer;
    std::string token;
    std::string sender;  // address
    std::string proof;   // for the audit: "login alice"
};
void fields(auto& a, AnswerDigestRequest& v) {
    a(v.token, v.sender, v.proof);
}

}  // namespace cordon
