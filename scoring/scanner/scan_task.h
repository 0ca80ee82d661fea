// SPDX-License-Identifier: GPL-2.0-only
// What the workers of a pool do with a message. The zygote builds the task once; each worker has
// its own copy by fork.
#pragma once

#include <string>
#include <string_view>

#include "conf/base/result.h"
#include "scoring/scanner/wire.h"

namespace cordon {

struct ScanReply {
    std::string record;   // of wire.h
    bool retire = false;  // the worker should not take another message
};

class ScanTask {
 public:
    ScanTask() = default;
    ScanTask(const ScanTask&) = delete;
    ScanTask& operator=(const ScanTask&) = delete;
    virtual ~ScanTask() = default;

    virtual bool takes(ScanKind kind) const = 0;
    /// In the worker, behind its walls: `folder` is for temporary files (empty when the task needs
    /// none), `is_private` when it is the worker's own and of bounded size.
    virtual Result<void> settle(const std::string& folder, bool is_private) = 0;
    /// In the worker, before its first message: proves on known samples that scanning works.
    virtual Result<void> check_canaries() = 0;
    /// May throw; the worker turns that into an answer.
    virtual ScanReply answer(const ScanRequest& request, std::string_view message) = 0;
    /// How many signatures it loaded.
    virtual std::uint64_t signatures() const { return 0; }
    /// An answer that holds only a reason.
    virtual std::string unread(const UnreadReason& reason) const = 0;
};

}  // namespace cordon
