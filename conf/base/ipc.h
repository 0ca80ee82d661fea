// SPDX-License-Identifier: GPL-2.0-only
// What Cordon's processes say to each other: bounded binary records over SOCK_SEQPACKET sockets,
// with at most one descriptor, and messages in sealed memfds. A reader treats every record as
// hostile: it reads past nothing and believes no length.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "conf/base/clock.h"
#include "conf/base/file_descriptor.h"
#include "conf/base/result.h"

namespace cordon {

constexpr std::size_t kMaxRecordBytes = std::size_t{128} * 1024;

/// Builds a record: integers little-endian, strings with a 32-bit length.
class RecordWriter {
 public:
    RecordWriter& u8(std::uint8_t value);
    RecordWriter& u32(std::uint32_t value);
    RecordWriter& u64(std::uint64_t value);
    RecordWriter& text(std::string_view value);
    std::size_t size() const { return bytes_.size(); }
    std::string take() { return std::move(bytes_); }

 private:
    std::string bytes_;
};

/// Reads a record; after the first read past its end everything is zero and empty and is_good()
/// false.
class RecordReader {
 public:
    explicit RecordReader(std::string_view bytes) : rest_(bytes) {}
    std::uint8_t u8();
    std::uint32_t u32();
    std::uint64_t u64();
    std::string text(std::size_t limit = kMaxRecordBytes);
    /// A count of elements that take at least `least_bytes` each: never more than can follow.
    std::uint32_t count(std::size_t least_bytes = 1);
    bool is_good() const { return good_; }
    /// Good, and nothing is left.
    bool is_complete() const { return good_ && rest_.empty(); }

 private:
    std::string_view take(std::size_t size);
    std::string_view rest_;
    bool good_ = true;
};

struct Record {
    std::string bytes;
    UniqueFd fd;  // at most one; further ones are closed
};

/// Sends one record, with a descriptor when fd >= 0. Never raises SIGPIPE; waits until the
/// deadline.
Result<void> send_record(int socket, std::string_view bytes, int fd, Deadline deadline);

/// Receives one record; nothing when the other side closed.
Result<std::optional<Record>> receive_record(int socket, Deadline deadline);

/// Waits for readability; false at the deadline.
bool wait_readable(int fd, Deadline deadline);

/// A SOCK_SEQPACKET listener at a path (an old socket there is replaced), non-blocking.
Result<UniqueFd> listen_seqpacket(const std::string& path, unsigned mode, int backlog = 256);

/// Connects without waiting; EAGAIN (backlog full) and absence are errors.
Result<UniqueFd> connect_seqpacket(const std::string& path);

/// A new memfd that can be sealed.
Result<UniqueFd> make_memfd(const char* name);
/// Seals against shrinking, growing, writing and unsealing.
Result<void> seal_memfd(int fd);
bool is_sealed(int fd);

}  // namespace cordon
