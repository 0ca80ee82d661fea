// SPDX-License-Identifier: GPL-2.0-only
// What libmilter's pool of threads lacks, put between it and the kernel (libmilter_interpose.h):
//
//   * A thread reads a packet from its first byte to its last, and waits for what is missing: half
//     a packet pins it, a connection that never speaks likewise. Here a session is readable only
//     once a packet is there in whole, or so much of it that the rest is on its way.
//   * A session that becomes readable is given to an idle thread if one is counted as idle, but the
//     count falls only when that thread wakes up: several at once are all given to the same few and
//     wait for each other. Here the next one is readable only when the last one was taken.
//
// One thread polls the sessions (libmilter's controller), one the listener; workers poll the one
// that they serve.
#pragma once

#include <poll.h>
#include <sys/socket.h>

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "conf/base/clock.h"
#include "conf/base/file_descriptor.h"

namespace cordon {

class Gate {
 public:
    using Poll = int (*)(pollfd*, nfds_t, int);

    /// `next` is the kernel's.
    explicit Gate(Poll next) : next_(next) {}

    /// As poll(2), of all sessions: at most one of them is told to be readable.
    int poll_sessions(pollfd* entries, nfds_t count, int timeout);
    /// As poll(2), of a session that a worker serves: it was taken. It does not wait for the rest
    /// of a packet for ever.
    int poll_own(pollfd& entry, int timeout);
    /// As poll(2), of the listener: readable when a connection has sent its first packet, or ended.
    int poll_listener(pollfd& entry, int timeout);
    /// As accept(2): that connection.
    int take_connection(sockaddr* address, socklen_t* size);

 private:
    struct Silent {
        UniqueFd connection;
        sockaddr_storage address{};
        socklen_t size = 0;
        Steady::time_point since;
        Steady::time_point look_again{};  // it has sent half a packet: not before then
    };

    void hand_over(int session);
    /// Those whose packet is still on its way are left out of the next poll(2); are there any?
    bool hold_back(std::vector<pollfd>& entries);
    /// A session that speaks; false while its packet is on its way.
    bool take(int session);
    /// What the caller hears of what poll(2) found: how many are ready.
    int tell(const std::vector<pollfd>& polled, pollfd* entries);
    bool is_held_back(const pollfd& entry);
    void accept_all(int listener);
    void sort_silent(const std::vector<pollfd>& polled);

    Poll next_;
    std::atomic<int> handed_{-1};
    std::mutex mutex_;
    std::condition_variable taken_;
    std::unordered_map<int, Steady::time_point> incomplete_;  // of the controller: until then
    std::map<int, Silent> silent_;                            // of the listener's thread, as below
    std::vector<Silent> speaking_;
    Steady::time_point accept_again_{};
};

}  // namespace cordon
