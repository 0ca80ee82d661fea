// SPDX-License-Identifier: GPL-2.0-only
#include "milter/gate.h"

#include <fcntl.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace cordon {

namespace {

// How often a session with half a packet is looked at again. The other half is sent at once, or
// never: nobody waits for this in practice.
constexpr Milliseconds kLookAgain{10};
// A longer packet is read when so much of it is there: a socket may have no room for all of it.
constexpr std::size_t kEnough = std::size_t{16} * 1024;
constexpr Milliseconds kRestOfPacket{30'000};
constexpr Milliseconds kFirstPacket{300'000};
// A thread that was given a session polls it within microseconds, unless libmilter is stopping.
constexpr Milliseconds kTaking{100};
constexpr int kMostAccepted = 64;  // between two looks at those that are there

/// A whole packet (four bytes of length, then as many), or an end that libmilter must see.
bool has_packet(int connection) {
    int there = 0;
    if (::ioctl(connection, FIONREAD, &there) != 0 || there == 0) return true;
    std::array<unsigned char, 4> head{};
    const auto got = ::recv(connection, head.data(), head.size(), MSG_PEEK | MSG_DONTWAIT);
    if (got <= 0) return true;
    if (got < static_cast<ssize_t>(head.size())) return false;
    std::size_t length = 0;
    for (const auto byte : head) length = (length << 8) | byte;
    return static_cast<std::size_t>(there) >= std::min(head.size() + length, kEnough);
}

int milliseconds_until(Steady::time_point time) {
    const auto left =
        std::chrono::duration_cast<Milliseconds>(time - Steady::now() + Milliseconds(1));
    return static_cast<int>(std::max<std::int64_t>(left.count(), 0));
}

}  // namespace

void Gate::hand_over(int session) {
    std::unique_lock lock(mutex_);
    taken_.wait_for(lock, kTaking, [this] { return handed_ < 0; });
    handed_ = session;
}

int Gate::poll_own(pollfd& entry, int timeout) {
    if (handed_ == entry.fd) {
        const std::lock_guard lock(mutex_);
        handed_ = -1;
        taken_.notify_all();
    }
    if ((entry.events & POLLIN) != 0)
        timeout = timeout < 0 ? static_cast<int>(kRestOfPacket.count())
                              : std::min(timeout, static_cast<int>(kRestOfPacket.count()));
    return next_(&entry, 1, timeout);
}

bool Gate::is_held_back(const pollfd& entry) {
    const auto found = incomplete_.find(entry.fd);
    return found != incomplete_.end() && found->second > Steady::now();
}

bool Gate::hold_back(std::vector<pollfd>& entries) {
    bool holds_any = false;
    for (auto& entry : entries)
        if (is_held_back(entry)) {
            holds_any = true;
            entry.fd = -1;  // poll(2) passes over it
        }
    return holds_any;
}

bool Gate::take(int session) {
    if (!has_packet(session)) {
        incomplete_[session] = Steady::now() + kLookAgain;
        return false;
    }
    incomplete_.erase(session);
    hand_over(session);
    return true;
}

int Gate::tell(const std::vector<pollfd>& polled, pollfd* entries) {
    int told = 0;
    bool has_session = false;
    for (std::size_t i = 0; i < polled.size(); ++i) {
        entries[i].revents = 0;
        if (polled[i].revents == 0) continue;
        // The first is the controller's own pipe.
        if (i > 0) {
            if (has_session || !take(entries[i].fd)) continue;
            has_session = true;
        }
        entries[i].revents = polled[i].revents;
        ++told;
    }
    return told;
}

int Gate::poll_sessions(pollfd* entries, nfds_t count, int timeout) {
    const auto end = Steady::now() + Milliseconds(timeout);
    for (;;) {
        std::vector<pollfd> polled(entries, entries + count);
        const bool holds_back = hold_back(polled);
        const int left = milliseconds_until(end);
        const int pause = holds_back ? std::min(left, static_cast<int>(kLookAgain.count())) : left;
        const int ready = next_(polled.data(), count, pause);
        if (ready < 0) return ready;
        if (const int told = ready > 0 ? tell(polled, entries) : 0; told > 0) return told;
        if (Steady::now() >= end) {
            incomplete_.clear();  // what is closed by now goes with it
            return 0;
        }
    }
}

void Gate::accept_all(int listener) {
    for (int i = 0; i < kMostAccepted; ++i) {
        Silent one;
        one.size = sizeof one.address;
        one.connection = UniqueFd(::accept4(listener, reinterpret_cast<sockaddr*>(&one.address),
                                            &one.size, SOCK_CLOEXEC));
        if (!one.connection) {
            // Out of descriptors or memory: the listener stays readable meanwhile.
            if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
                accept_again_ = Steady::now() + kLookAgain;
            return;
        }
        one.since = Steady::now();
        const int number = one.connection.get();
        silent_.insert_or_assign(number, std::move(one));
    }
}

void Gate::sort_silent(const std::vector<pollfd>& polled) {
    const auto now = Steady::now();
    for (const auto& entry : polled) {
        const auto found = silent_.find(entry.fd);
        if (found == silent_.end()) continue;
        if (entry.revents != 0 && has_packet(entry.fd)) {
            speaking_.push_back(std::move(found->second));
            silent_.erase(found);
        } else if (now - found->second.since > kFirstPacket) {
            silent_.erase(found);
        } else if (entry.revents != 0) {
            found->second.look_again = now + kLookAgain;
        }
    }
}

int Gate::poll_listener(pollfd& entry, int timeout) {
    const auto end = Steady::now() + Milliseconds(timeout);
    // All processes share it, and who comes too late must not block.
    const int flags = ::fcntl(entry.fd, F_GETFL);
    if (flags >= 0 && (flags & O_NONBLOCK) == 0) ::fcntl(entry.fd, F_SETFL, flags | O_NONBLOCK);
    while (speaking_.empty()) {
        const auto now = Steady::now();
        bool holds_back = now < accept_again_;
        std::vector<pollfd> polled{{holds_back ? -1 : entry.fd, POLLIN, 0}};
        for (const auto& [number, one] : silent_) {
            const bool is_held_back = now < one.look_again;
            holds_back = holds_back || is_held_back;
            polled.push_back({is_held_back ? -1 : number, POLLIN, 0});
        }
        const int left = milliseconds_until(end);
        const int pause = holds_back ? std::min(left, static_cast<int>(kLookAgain.count())) : left;
        const int ready = next_(polled.data(), polled.size(), pause);
        if (ready < 0) return ready;
        if (polled.front().revents != 0) accept_all(entry.fd);
        sort_silent(polled);
        if (speaking_.empty() && Steady::now() >= end) return 0;
    }
    entry.revents = POLLIN;
    return 1;
}

int Gate::take_connection(sockaddr* address, socklen_t* size) {
    if (speaking_.empty()) {
        errno = EAGAIN;
        return -1;
    }
    Silent one = std::move(speaking_.front());
    speaking_.erase(speaking_.begin());
    hand_over(one.connection.get());
    if (address != nullptr && size != nullptr) {
        std::memcpy(address, &one.address, std::min<std::size_t>(*size, one.size));
        *size = one.size;
    }
    return one.connection.release();
}

}  // namespace cordon
