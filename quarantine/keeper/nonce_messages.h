// SPDX-License-Identifier: GPL-2.0-only
// The one-use right of our own mail to pass our own filter (X-Cordon-Release).
#pragma once

#include <vector>

#include "quarantine/keeper/protocol.h"

namespace cordon {

struct IssueNonceAnswer {
    std::string nonce;
};
void fields(auto& a, IssueNonceAnswer& v) {
    a(v.nonce);
}

/// For mail of our own making: a digest, an alarm, a probe. Releases get theirs with the job.
struct IssueNonceRequest {
    static constexpr auto kKind = KeeperRequest::issue_nonce;
    using Answer = IssueNonceAnswer;
    std::string purpose;
};
void fields(auto& a, IssueNonceRequest& v) {
    a(v.purpose);
}

struct TakeNonceAnswer {
    std::string purpose;  // "release", or what it was issued for
    std::string id;       // of the item released
};
void fields(auto& a, TakeNonceAnswer& v) {
    a(v.purpose, v.id);
}

/// Refused when it was never issued, is used, too old, or the envelope is another one's.
struct TakeNonceRequest {
    static constexpr auto kKind = KeeperRequest::take_nonce;
    using Answer = TakeNonceAnswer;
    std::string nonce;
    std::string mail_from;                // path
    std::vector<std::string> recipients;  // paths
};
void fields(auto& a, TakeNonceRequest& v) {
    a(v.nonce, v.mail_from, v.recipients);
}

}  // namespace cordon
