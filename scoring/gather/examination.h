// SPDX-License-Identifier: GPL-2.0-only
// The examination of one message, connect to finish: it collects what the session shows, starts
// lookups as early as their data is there, and at the end gathers all evidence within a deadline.
// The milter and `cordon scan` both call it, nothing else does.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "conf/base/clock.h"
#include "conf/configuration.h"
#include "scoring/gather/sender_check.h"
#include "scoring/judge/verdict.h"
#include "scoring/scanner/client.h"

namespace cordon {

class Metrics;

/// What one message is judged with, from its first command to its last: the configuration, the
/// rules' scores and where the workers are. Replaced as a whole on reload.
struct Snapshot {
    ConfigurationPtr configuration;
    Catalogue catalogue;
    PoolPaths pools;
    ResolverPtr resolver;  // null: no lookups
    std::vector<DnsList> lists;
};
using SnapshotPtr = std::shared_ptr<const Snapshot>;

/// Puts [scores] over the catalogue; the error names FILE:LINE.
Result<SnapshotPtr> make_snapshot(ConfigurationPtr configuration, Catalogue catalogue);

/// The same with a resolver that asks the configured servers, or that of `old` where those are the
/// same. It starts a thread: not before a fork. When it can't be had, lookups are off and the log
/// says so. `metrics`: where it counts; may be null.
SnapshotPtr with_resolver(const SnapshotPtr& snapshot, const SnapshotPtr& old,
                          const std::shared_ptr<Metrics>& metrics);

/// Asks what will be asked about this client, so that the answers are there with the message.
void prefetch_client(const Snapshot& snapshot, const IpAddress& client);

class Examination {
 public:
    explicit Examination(SnapshotPtr snapshot);

    void connect(std::string_view client_name, const IpAddress& client);
    void helo(std::string_view name);
    void mail(std::string_view path, std::string_view auth_user);
    void rcpt(std::string_view path);
    /// Time of reception in seconds since the epoch, where it is known; before mail().
    void set_time(std::int64_t unix_seconds) { envelope_.received_at = unix_seconds; }

    /// `message`: a sealed memfd or a read-only file of `size` bytes.
    Evidence finish(int message, std::uint64_t size, Deadline deadline);

    /// The analysis shall bring what learning from the message needs.
    void ask_for_features() { with_features_ = true; }

    /// By the client that connected: not to be asked again after finish().
    Direction direction() const;
    const EnvelopeFacts& envelope() const { return envelope_; }

 private:
    bool is_own(std::string_view domain) const;
    void take_relayed_client(const Analysis& analysis);
    void content_ready(const Analysis& analysis, Direction direction);

    SnapshotPtr snapshot_;
    EnvelopeFacts envelope_;
    SenderCheck sender_;
    bool with_features_ = false;
};

}  // namespace cordon
