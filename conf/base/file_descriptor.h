// SPDX-License-Identifier: GPL-2.0-only
// UniqueFd closes what it owns; a plain int in an interface is borrowed. All descriptors that
// Cordon opens are close-on-exec.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "conf/base/result.h"

namespace cordon {

class UniqueFd {
 public:
    UniqueFd() = default;
    explicit UniqueFd(int fd) : fd_(fd) {}
    UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    UniqueFd& operator=(UniqueFd&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    UniqueFd(const UniqueFd&) = delete;
    UniqueFd& operator=(const UniqueFd&) = delete;
    ~UniqueFd() { reset(); }

    int get() const { return fd_; }
    int release() { return std::exchange(fd_, -1); }
    void reset(int fd = -1);
    explicit operator bool() const { return fd_ >= 0; }

 private:
    int fd_ = -1;
};

/// Writes all bytes, through EINTR and short writes.
Result<void> write_all(int fd, std::string_view bytes);

/// Reads to the end of the file; an error when there are more than `limit` bytes.
Result<std::string> read_all(int fd, std::size_t limit);

/// The whole of a file by name; the error names it.
Result<std::string> read_file(const std::string& path, std::size_t limit);

/// Writes beside, fsyncs, renames and fsyncs the folder: the name holds the old or the whole new
/// file.
Result<void> replace_file(const std::string& path, std::string_view bytes, unsigned mode);

/// A read-only view of a file or memfd, unmapped at the end. An empty file gives an empty view.
class Mapping {
 public:
    static Result<Mapping> of(int fd);
    Mapping() = default;
    Mapping(Mapping&& other) noexcept
        : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
    Mapping& operator=(Mapping&& other) noexcept {
        std::swap(data_, other.data_);
        std::swap(size_, other.size_);
        return *this;
    }
    ~Mapping();

    std::string_view bytes() const { return {data_, size_}; }

 private:
    const char* data_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace cordon
