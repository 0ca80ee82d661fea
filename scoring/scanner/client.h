// SPDX-License-Identifier: GPL-2.0-only
// The network side of the pools: sends one message to a content worker and an antivirus worker at
// once and collects both answers within the deadline. A worker that dies costs one retry; a second
// death is the message's fault (`unscanned`); a timeout is not retried; no worker is our fault.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "conf/base/clock.h"
#include "conf/base/result.h"
#include "scoring/analysis/analysis.h"

namespace cordon {

struct PoolPaths {
    std::string content;    // socket of the content pool
    std::string antivirus;  // empty: libclamav is switched off
};

struct ScanAnswer {
    std::optional<Analysis> content;           // absent: `unread` says why
    std::optional<AntivirusResult> antivirus;  // absent: switched off, or `unread` says why
    std::vector<UnreadReason> unread;
};

/// What goes on beside the scan, and what it shall bring.
struct ScanCompany {
    bool with_features = false;  // what learning needs, too
    /// Called with the content answer as soon as it is there.
    std::function<void(const Analysis&)> content_ready;
    /// Called when wake_fd() is readable.
    std::function<int()> wake_fd;
    std::function<void()> woken;
};

/// `message` is a sealed memfd or a file opened read-only; borrowed. `size` bytes of it are judged.
ScanAnswer scan_message(const PoolPaths& pools, int message, std::uint64_t size,
                        const EnvelopeFacts& envelope, Deadline deadline,
                        const ScanCompany& company = {});

/// What learning from a message needs, from a content worker. The error says whose fault it is.
Result<Analysis> request_features(const std::string& content_pool, int message, std::uint64_t size,
                                  const EnvelopeFacts& envelope, Deadline deadline);

}  // namespace cordon
