// SPDX-License-Identifier: GPL-2.0-only
#include "conf/base/file_descriptor.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>

namespace cordon {

void UniqueFd::reset(int fd) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = fd;
}

Result<void> write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t n = ::write(fd, bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return fail_errno("write");
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return {};
}

Result<std::string> read_all(int fd, std::size_t limit) {
    std::string out;
    std::array<char, 65536> chunk{};
    for (;;) {
        const ssize_t n = ::read(fd, chunk.data(), chunk.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return fail_errno("read");
        if (n == 0) return out;
        if (static_cast<std::size_t>(n) > limit - out.size())
            return fail(fmt::format("larger than {} bytes", limit));
        out.append(chunk.data(), static_cast<std::size_t>(n));
    }
}

Result<std::string> read_file(const std::string& path, std::size_t limit) {
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) return fail_errno(path);
    auto bytes = read_all(fd.get(), limit);
    if (!bytes) return wrap(path, bytes.error());
    return bytes;
}

namespace {

Result<void> write_synced(const std::string& path, std::string_view bytes, unsigned mode) {
    const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode));
    if (!fd) return fail_errno(path);
    if (const auto written = write_all(fd.get(), bytes); !written)
        return wrap(path, written.error());
    if (::fsync(fd.get()) != 0) return fail_errno(path);
    return {};
}

}  // namespace

Result<void> replace_file(const std::string& path, std::string_view bytes, unsigned mode) {
    const std::string beside = path + ".new";
    if (auto written = write_synced(beside, bytes, mode); !written) {
        ::unlink(beside.c_str());
        return written;
    }
    if (::rename(beside.c_str(), path.c_str()) != 0) {
        const int error = errno;
        ::unlink(beside.c_str());
        return fail_errno(path, error);
    }
    const auto slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    const UniqueFd dir(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!dir || ::fsync(dir.get()) != 0) return fail_errno(folder);
    return {};
}

Result<Mapping> Mapping::of(int fd) {
    struct stat info {};
    if (::fstat(fd, &info) != 0) return fail_errno("fstat");
    Mapping out;
    if (info.st_size == 0) return out;
    const auto size = static_cast<std::size_t>(info.st_size);
    void* const data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (data == MAP_FAILED) return fail_errno("mmap");
    out.data_ = static_cast<const char*>(data);
    out.size_ = size;
    return out;
}

Mapping::~Mapping() {
    if (data_ != nullptr) ::munmap(const_cast<char*>(data_), size_);
}

}  // namespace cordon
