// SPDX-License-Identifier: GPL-2.0-only
#include "conf/base/ipc.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <limits>

namespace cordon {

RecordWriter& RecordWriter::u8(std::uint8_t value) {
    bytes_ += static_cast<char>(value);
    return *this;
}

RecordWriter& RecordWriter::u32(std::uint32_t value) {
    for (unsigned shift = 0; shift < 32; shift += 8) bytes_ += static_cast<char>(value >> shift);
    return *this;
}

RecordWriter& RecordWriter::u64(std::uint64_t value) {
    for (unsigned shift = 0; shift < 64; shift += 8) bytes_ += static_cast<char>(value >> shift);
    return *this;
}

RecordWriter& RecordWriter::text(std::string_view value) {
    u32(static_cast<std::uint32_t>(value.size()));
    bytes_ += value;
    return *this;
}

std::string_view RecordReader::take(std::size_t size) {
    if (!good_ || size > rest_.size()) {
        good_ = false;
        return {};
    }
    const auto out = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return out;
}

namespace {

std::uint64_t little_endian(std::string_view bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i)
        value |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
    return value;
}

}  // namespace

std::uint8_t RecordReader::u8() {
    return static_cast<std::uint8_t>(little_endian(take(1)));
}
std::uint32_t RecordReader::u32() {
    return static_cast<std::uint32_t>(little_endian(take(4)));
}
std::uint64_t RecordReader::u64() {
    return little_endian(take(8));
}

std::string RecordReader::text(std::size_t limit) {
    const std::size_t size = u32();
    if (size > limit) good_ = false;
    return std::string(take(size));
}

std::uint32_t RecordReader::count(std::size_t least_bytes) {
    const std::uint32_t value = u32();
    if (value > rest_.size() / least_bytes) good_ = false;
    return good_ ? value : 0;
}

bool wait_readable(int fd, Deadline deadline) {
    for (;;) {
        pollfd entry{fd, POLLIN, 0};
        const int n = ::poll(&entry, 1, deadline.poll_timeout());
        if (n > 0) return true;
        if (n == 0 && deadline.is_over()) return false;
        if (n < 0 && errno != EINTR) return false;
    }
}

namespace {

bool wait_writable(int fd, Deadline deadline) {
    pollfd entry{fd, POLLOUT, 0};
    const int n = ::poll(&entry, 1, deadline.poll_timeout());
    return n > 0 || (n < 0 && errno == EINTR);
}

// Room for one descriptor, aligned as the kernel's header wants it; more are cut and closed by it.
union ControlBuffer {
    std::array<char, CMSG_SPACE(sizeof(int))> bytes;
    cmsghdr align;
};

UniqueFd received_descriptor(msghdr& message) {
    UniqueFd out;
    for (cmsghdr* c = CMSG_FIRSTHDR(&message); c != nullptr; c = CMSG_NXTHDR(&message, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
        const std::size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t i = 0; i < n; ++i) {
            int fd = -1;
            std::memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof fd);
            out.reset(fd);
        }
    }
    return out;
}

}  // namespace

Result<void> send_record(int socket, std::string_view bytes, int fd, Deadline deadline) {
    if (bytes.size() > kMaxRecordBytes) return fail("record too large");
    iovec part{const_cast<char*>(bytes.data()), bytes.size()};
    ControlBuffer control{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    if (fd >= 0) {
        message.msg_control = control.bytes.data();
        message.msg_controllen = control.bytes.size();
        cmsghdr* const header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof fd);
        std::memcpy(CMSG_DATA(header), &fd, sizeof fd);
    }
    for (;;) {
        if (::sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0) return {};
        if (errno == EINTR) continue;
        if (errno != EAGAIN) return fail_errno("sendmsg");
        if (!wait_writable(socket, deadline)) return fail("sendmsg: deadline passed");
    }
}

namespace {

/// Length of the record at the front of the queue, 0 at the end; waits for it. Looking first spares
/// clearing room for the largest record. (recvmsg, not recv: the one system call that the workers'
/// sandbox allows for it.)
Result<std::size_t> next_record_size(int socket, Deadline deadline) {
    for (;;) {
        msghdr peek{};
        const ssize_t n = ::recvmsg(socket, &peek, MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT);
        if (n >= 0) return static_cast<std::size_t>(n);
        if (errno == EINTR) continue;
        if (errno != EAGAIN) return fail_errno("recvmsg");
        if (!wait_readable(socket, deadline)) return fail("no answer within the deadline");
    }
}

}  // namespace

Result<std::optional<Record>> receive_record(int socket, Deadline deadline) {
    const auto size = next_record_size(socket, deadline);
    if (!size) return tl::unexpected(size.error());
    if (*size == 0) return std::optional<Record>();
    if (*size > kMaxRecordBytes) return fail("record too large");
    Record out;
    out.bytes.resize(*size);
    iovec part{out.bytes.data(), out.bytes.size()};
    ControlBuffer control{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.bytes.data();
    message.msg_controllen = control.bytes.size();
    const ssize_t n = ::recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (n < 0) return fail_errno("recvmsg");
    out.fd = received_descriptor(message);
    if (static_cast<std::size_t>(n) != *size || (message.msg_flags & MSG_TRUNC) != 0)
        return fail("a record was cut");
    return std::optional<Record>(std::move(out));
}

namespace {

Result<sockaddr_un> unix_address(const std::string& path) {
    sockaddr_un out{};
    out.sun_family = AF_UNIX;
    if (path.size() >= sizeof out.sun_path)
        return fail(path + ": socket path too long (107 bytes)");
    std::memcpy(out.sun_path, path.c_str(), path.size() + 1);
    return out;
}

}  // namespace

Result<UniqueFd> listen_seqpacket(const std::string& path, unsigned mode, int backlog) {
    const auto address = unix_address(path);
    if (!address) return tl::unexpected(address.error());
    UniqueFd fd(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd) return fail_errno("socket");
    struct stat old {};
    if (::lstat(path.c_str(), &old) == 0 && S_ISSOCK(old.st_mode)) ::unlink(path.c_str());
    if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) != 0 ||
        ::chmod(path.c_str(), mode) != 0 || ::listen(fd.get(), backlog) != 0)
        return fail_errno(path);
    return fd;
}

Result<UniqueFd> connect_seqpacket(const std::string& path) {
    const auto address = unix_address(path);
    if (!address) return tl::unexpected(address.error());
    UniqueFd fd(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd) return fail_errno("socket");
    if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) != 0)
        return fail_errno(path);
    return fd;
}

Result<UniqueFd> make_memfd(const char* name) {
    UniqueFd fd(::memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (!fd) return fail_errno("memfd_create");
    return fd;
}

namespace {
constexpr int kSeals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;
}

Result<void> seal_memfd(int fd) {
    if (::fcntl(fd, F_ADD_SEALS, kSeals) != 0) return fail_errno("sealing a memfd");
    return {};
}

bool is_sealed(int fd) {
    const int seals = ::fcntl(fd, F_GET_SEALS);
    return seals >= 0 && (seals & kSeals) == kSeals;
}

}  // namespace cordon
