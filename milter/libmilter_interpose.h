// SPDX-License-Identifier: GPL-2.0-only
// poll(2) and accept(2) as libmilter calls them, by way of a Gate. A shared library's calls are
// resolved to the program's own definitions first; ours tell calls out of libmilter from all others
// by their return address. To be included by cordon_milter.cc alone: in a file of the archive,
// every program that calls poll(2) would get them.
#pragma once

#include <dlfcn.h>
#include <libmilter/mfapi.h>
#include <link.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdint>
#include <memory>

#include "milter/gate.h"

namespace cordon::libmilter {

/// Set once, before there are threads; never destroyed, since those of libmilter outlive main().
struct Watch {
    Gate* gate = nullptr;
    std::uintptr_t begin = 0;  // of libmilter in memory
    std::uintptr_t end = 0;
};
inline Watch g_watch;

template <typename Function>
Function* next_of(const char* name) {
    return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

inline int take_extent(dl_phdr_info* object, std::size_t, void* data) {
    auto& watch = *static_cast<Watch*>(data);
    if (object->dlpi_addr != watch.begin) return 0;
    for (int i = 0; i < object->dlpi_phnum; ++i) {
        const auto& part = object->dlpi_phdr[i];
        if (part.p_type == PT_LOAD)
            watch.end = std::max(watch.end, watch.begin + part.p_vaddr + part.p_memsz);
    }
    return 1;
}

inline bool is_caller(const void* address) {
    const auto at = reinterpret_cast<std::uintptr_t>(address);
    return g_watch.gate != nullptr && at >= g_watch.begin && at < g_watch.end;
}

inline bool is_pipe(int fd) {
    struct stat info {};
    return ::fstat(fd, &info) == 0 && S_ISFIFO(info.st_mode);
}

inline bool is_listener(int fd) {
    int value = 0;
    socklen_t size = sizeof value;
    return ::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &value, &size) == 0 && value != 0;
}

inline int gated_poll(pollfd* entries, nfds_t count, int timeout) {
    auto& gate = *g_watch.gate;
    // The controller's first entry is its own pipe, also when there are no sessions.
    if (count > 1 || is_pipe(entries->fd)) return gate.poll_sessions(entries, count, timeout);
    return is_listener(entries->fd) ? gate.poll_listener(*entries, timeout)
                                    : gate.poll_own(*entries, timeout);
}

/// From now on, in this process and in those that it forks; before smfi_main. Where libmilter is
/// not found in memory, it works as it always did.
inline void watch() {
    Dl_info found{};
    auto* const next = next_of<int(pollfd*, nfds_t, int)>("poll");
    if (next == nullptr || ::dladdr(reinterpret_cast<const void*>(&::smfi_main), &found) == 0)
        return;
    Watch made;
    made.begin = reinterpret_cast<std::uintptr_t>(found.dli_fbase);
    ::dl_iterate_phdr(take_extent, &made);
    made.gate = std::make_unique<Gate>(next).release();
    g_watch = made;
}

}  // namespace cordon::libmilter

extern "C" int cordon_gated_poll(pollfd* entries, nfds_t count, int timeout) __asm__("poll");
// Only the program includes this. NOLINTNEXTLINE(misc-definitions-in-headers)
extern "C" int cordon_gated_poll(pollfd* entries, nfds_t count, int timeout) {
    static auto* const next = cordon::libmilter::next_of<int(pollfd*, nfds_t, int)>("poll");
    if (count == 0 || !cordon::libmilter::is_caller(__builtin_return_address(0)))
        return next(entries, count, timeout);
    return cordon::libmilter::gated_poll(entries, count, timeout);
}

extern "C" int cordon_gated_accept(int fd, sockaddr* address, socklen_t* size) __asm__("accept");
// NOLINTNEXTLINE(misc-definitions-in-headers)
extern "C" int cordon_gated_accept(int fd, sockaddr* address, socklen_t* size) {
    static auto* const next = cordon::libmilter::next_of<int(int, sockaddr*, socklen_t*)>("accept");
    if (!cordon::libmilter::is_caller(__builtin_return_address(0))) return next(fd, address, size);
    return cordon::libmilter::g_watch.gate->take_connection(address, size);
}
