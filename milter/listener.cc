// SPDX-License-Identifier: GPL-2.0-only
#include "milter/listener.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fmt/format.h>
#include <grp.h>
#include <libmilter/mfapi.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <set>

#include "conf/base/owned.h"
#include "conf/base/text.h"

namespace cordon {

SocketAddress address_of(const MilterSocket& socket) {
    SocketAddress out;
    if (socket.family == MilterSocket::Family::unix_domain) {
        sockaddr_un un{};
        un.sun_family = AF_UNIX;
        std::strncpy(un.sun_path, socket.path.c_str(), sizeof un.sun_path - 1);
        std::memcpy(&out.storage, &un, sizeof un);
        out.size = sizeof un;
    } else if (socket.family == MilterSocket::Family::inet) {
        sockaddr_in in{};
        in.sin_family = AF_INET;
        in.sin_port = htons(socket.port);
        ::inet_pton(AF_INET, socket.address.c_str(), &in.sin_addr);
        std::memcpy(&out.storage, &in, sizeof in);
        out.size = sizeof in;
    } else {
        sockaddr_in6 in6{};
        in6.sin6_family = AF_INET6;
        in6.sin6_port = htons(socket.port);
        ::inet_pton(AF_INET6, socket.address.c_str(), &in6.sin6_addr);
        std::memcpy(&out.storage, &in6, sizeof in6);
        out.size = sizeof in6;
    }
    return out;
}

namespace {

/// The listening sockets among our descriptors: libmilter does not tell its own.
std::set<int> listening_descriptors() {
    std::set<int> out;
    const Owned<DIR, ::closedir> dir(::opendir("/proc/self/fd"));
    while (const dirent* entry = dir ? ::readdir(dir.get()) : nullptr) {
        const auto fd = parse_unsigned(entry->d_name);
        int is_listening = 0;
        socklen_t size = sizeof is_listening;
        if (fd &&
            ::getsockopt(static_cast<int>(*fd), SOL_SOCKET, SO_ACCEPTCONN, &is_listening, &size) ==
                0 &&
            is_listening != 0)
            out.insert(static_cast<int>(*fd));
    }
    return out;
}

Result<int> open_by_libmilter(const std::string& specification) {
    const auto before = listening_descriptors();
    errno = 0;
    if (::smfi_setconn(const_cast<char*>(specification.c_str())) != MI_SUCCESS ||
        ::smfi_opensocket(true) != MI_SUCCESS)
        return fail_errno("milter socket " + specification);
    for (const int fd : listening_descriptors())
        if (!before.contains(fd)) return fd;
    return fail("milter socket " + specification + ": libmilter opened no listener");
}

Result<void> set_permissions(const std::string& path, const MilterOptions& options) {
    if (!options.socket_group.empty()) {
        const group* const entry = ::getgrnam(options.socket_group.c_str());
        if (entry == nullptr)
            return fail(fmt::format("milter.socket-group: no group '{}'", options.socket_group));
        if (::chown(path.c_str(), static_cast<uid_t>(-1), entry->gr_gid) != 0)
            return fail_errno(fmt::format("{}: chgrp to {}", path, options.socket_group));
    }
    if (::chmod(path.c_str(), options.socket_mode.value) != 0) return fail_errno(path);
    return {};
}

Result<int> open_unix(const MilterOptions& options) {
    const std::string& path = options.socket.path;
    const std::string temporary = fmt::format("{}.{}", path, ::getpid());
    if (temporary.size() >= sizeof(sockaddr_un::sun_path))
        return fail(path + ": the path of the milter socket is too long (at most 95 bytes)");
    const mode_t old = ::umask(0177);  // nobody connects before mode and group are set
    auto fd = open_by_libmilter("unix:" + temporary);
    ::umask(old);
    if (!fd) return fd;
    if (auto done = set_permissions(temporary, options); !done) {
        ::unlink(temporary.c_str());
        return tl::unexpected(done.error());
    }
    if (::rename(temporary.c_str(), path.c_str()) != 0) return fail_errno(path);
    return fd;
}

}  // namespace

Result<int> open_listener(const MilterOptions& options) {
    if (touch_listener(options.socket))
        return fail(
            fmt::format("milter socket {} is in use by a running program: stop it, or change "
                        "[milter] socket",
                        to_text(options.socket)));
    if (options.socket.family == MilterSocket::Family::unix_domain) return open_unix(options);
    auto fd = open_by_libmilter(to_text(options.socket));
    if (!fd) return fd;
    const int on = 1;  // inherited by accepted sockets
    if (::setsockopt(*fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0)
        return fail_errno("TCP_NODELAY on " + to_text(options.socket));
    return fd;
}

bool touch_listener(const MilterSocket& socket) {
    const auto address = address_of(socket);
    const UniqueFd fd(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    return fd && ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address.storage),
                           address.size) == 0;
}

void remove_listener(const MilterSocket& socket) {
    if (socket.family == MilterSocket::Family::unix_domain) ::unlink(socket.path.c_str());
}

}  // namespace cordon
