// SPDX-License-Identifier: GPL-2.0-only
// The bytes of one message as the MTA hands them over: in a memfd while the process is within its
// memory budget, in an unnamed file above it. What went wrong on the way is kept until end of
// message, since the steps before it are not answered.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "conf/base/file_descriptor.h"
#include "conf/base/result.h"

namespace cordon {

/// Bytes that all buffers of a process may keep in memory together.
class MemoryBudget {
 public:
    explicit MemoryBudget(std::uint64_t limit) : limit_(limit) {}
    bool take(std::uint64_t bytes);
    void give_back(std::uint64_t bytes) { used_ -= bytes; }

 private:
    std::uint64_t limit_;
    std::atomic<std::uint64_t> used_ = 0;
};

class MessageBuffer {
 public:
    /// `spool_directory` is where a message goes that exceeds the budget; both outlive the buffer.
    MessageBuffer(MemoryBudget& budget, const std::string& spool_directory);
    ~MessageBuffer();
    MessageBuffer(const MessageBuffer&) = delete;
    MessageBuffer& operator=(const MessageBuffer&) = delete;

    /// Never fails at once: finish() tells.
    void append(std::string_view bytes);

    std::uint64_t size() const { return size_; }

    /// Seals the memfd, or reopens the file read-only; the descriptor belongs to the buffer.
    Result<int> finish();

 private:
    Result<void> flush();
    Result<void> store(std::string_view bytes);
    Result<void> move_to_file();

    MemoryBudget& budget_;
    const std::string& spool_directory_;
    std::string pending_;  // not yet written: most messages need one write
    UniqueFd fd_;
    bool is_file_ = false;
    std::uint64_t budgeted_ = 0;
    std::uint64_t size_ = 0;
    Result<void> state_;
};

}  // namespace cordon
