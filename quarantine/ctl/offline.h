// SPDX-License-Identifier: GPL-2.0-only
// Judging a message without an MTA: what `cordon scan` and `cordon eval` share.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "quarantine/ctl/private_pools.h"
#include "scoring/gather/examination.h"

namespace cordon {

/// The SMTP session that a message shall be judged with.
struct OfflineEnvelope {
    IpAddress client;
    std::string helo;
    std::string mail_from;
    std::vector<std::string> recipients;
    std::string auth_user;
    std::int64_t received_at = 0;  // seconds since the epoch; 0: now
};

struct OfflineVerdict {
    Evidence evidence;
    Verdict verdict;
    Decision decision;  // the strictest of the recipients'; without recipients the site's
    Policy policy;      // that it follows
    std::int64_t elapsed_us = 0;
};

class OfflineFilter {
 public:
    /// Reads the rules and starts private pools; without a resolver there are no lookups.
    static Result<OfflineFilter> start(ConfigurationPtr configuration,
                                       ResolverPtr resolver = nullptr);
    /// The same with a table of weights of the caller's.
    static Result<OfflineFilter> start(ConfigurationPtr configuration, UniqueFd weights,
                                       ResolverPtr resolver = nullptr);

    /// `bytes` as received(); safe from several threads.
    Result<OfflineVerdict> judge_message(std::string_view bytes,
                                         const OfflineEnvelope& envelope) const;
    /// What learning from the message needs.
    Result<Analysis> features_of(std::string_view bytes, const OfflineEnvelope& envelope) const;

    /// From now on verdicts bring what learning from the message needs.
    void ask_for_features() { with_features_ = true; }

    const Configuration& configuration() const { return *snapshot_->configuration; }
    /// CPU time that the pools have used so far, in microseconds.
    std::int64_t cpu_us() const { return pools_->cpu_us(); }

 private:
    OfflineFilter() = default;
    std::shared_ptr<PrivatePools> pools_;
    SnapshotPtr snapshot_;
    bool with_features_ = false;
};

/// The table of the running daemon, else of its last snapshot; none where nothing was learned or
/// may be read.
UniqueFd find_weights(const Configuration& configuration);

/// What an MTA would hand over: no mbox "From " line, every line ended by CRLF.
std::string as_received(std::string_view bytes);

}  // namespace cordon
