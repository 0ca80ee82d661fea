// SPDX-License-Identifier: GPL-2.0-only
#include "milter/message_buffer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include "conf/base/ipc.h"

namespace cordon {

namespace {
constexpr std::size_t kPendingBytes = std::size_t{256} * 1024;
}

bool MemoryBudget::take(std::uint64_t bytes) {
    if (used_.fetch_add(bytes) + bytes <= limit_) return true;
    used_ -= bytes;
    return false;
}

MessageBuffer::MessageBuffer(MemoryBudget& budget, const std::string& spool_directory)
    : budget_(budget), spool_directory_(spool_directory) {}

MessageBuffer::~MessageBuffer() {
    budget_.give_back(budgeted_);
}

void MessageBuffer::append(std::string_view bytes) {
    size_ += bytes.size();
    if (!state_) return;
    pending_ += bytes;
    if (pending_.size() >= kPendingBytes) state_ = flush();
}

Result<void> MessageBuffer::flush() {
    auto stored = store(pending_);
    pending_.clear();
    return stored;
}

Result<void> MessageBuffer::store(std::string_view bytes) {
    if (!is_file_) {
        if (budget_.take(bytes.size()))
            budgeted_ += bytes.size();
        else if (auto moved = move_to_file(); !moved)
            return moved;
    }
    if (!fd_) {
        auto memory = make_memfd("cordon-message");
        if (!memory) return tl::unexpected(memory.error());
        fd_ = std::move(*memory);
    }
    return write_all(fd_.get(), bytes);
}

Result<void> MessageBuffer::move_to_file() {
    UniqueFd file(::open(spool_directory_.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (!file) return fail_errno("spooling a message to " + spool_directory_);
    off_t offset = 0;
    const off_t end = fd_ ? ::lseek(fd_.get(), 0, SEEK_CUR) : 0;
    while (offset < end) {
        if (::sendfile(file.get(), fd_.get(), &offset, static_cast<std::size_t>(end - offset)) <= 0)
            return fail_errno("spooling a message to " + spool_directory_);
    }
    fd_ = std::move(file);
    is_file_ = true;
    budget_.give_back(budgeted_);
    budgeted_ = 0;
    return {};
}

Result<int> MessageBuffer::finish() {
    if (state_) state_ = flush();
    if (!state_) return tl::unexpected(state_.error());
    if (!is_file_) {
        if (auto sealed = seal_memfd(fd_.get()); !sealed) return tl::unexpected(sealed.error());
        return fd_.get();
    }
    UniqueFd reader(
        ::open(fmt::format("/proc/self/fd/{}", fd_.get()).c_str(), O_RDONLY | O_CLOEXEC));
    if (!reader) return fail_errno("reopening a spooled message");
    fd_ = std::move(reader);
    return fd_.get();
}

}  // namespace cordon
