// SPDX-License-Identifier: GPL-2.0-only
// One name server: its c-ares channel and whether it answers. Used by one thread.
#pragma once

#include <ares.h>
#include <poll.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "conf/base/clock.h"
#include "conf/base/result.h"
#include "scoring/lookups/dns.h"

namespace cordon {

/// c-ares' own global state: made once, kept to the end of the process.
Result<void> start_ares();

/// The servers of /etc/resolv.conf.
Result<std::vector<std::string>> system_name_servers();

class NameServer {
 public:
    /// Null: the server did not answer (in time).
    using Done = std::function<void(std::unique_ptr<DnsAnswer>)>;

    static Result<std::unique_ptr<NameServer>> open(const std::string& address,
                                                    Milliseconds timeout);
    ~NameServer();
    NameServer(const NameServer&) = delete;
    NameServer& operator=(const NameServer&) = delete;

    const std::string& address() const { return address_; }
    bool is_up() const { return is_up_; }

    /// One attempt; `done` is called from within process(), or at once when it cannot be sent.
    void send(const DnsQuestion& question, Done done);

    /// The descriptors to wait for.
    void add_polls(std::vector<pollfd>& out) const;
    /// Takes what has arrived and what timed out, and probes when it is time to.
    void process();
    /// Until process() has to be called again at the latest.
    Milliseconds next_event() const;
    /// A question was not answered: unless the server has answered another one since `sent`, it is
    /// probed.
    void suspect(Steady::time_point sent);
    /// All questions under way end unanswered.
    void cancel();

 private:
    struct Query;
    NameServer(std::string address, ares_channel channel)
        : address_(std::move(address)), channel_(channel) {}
    static void answered(void* query, int status, int timeouts, unsigned char* bytes, int size);
    void probe();
    void probed(bool is_up);

    std::string address_;
    ares_channel channel_;
    bool is_up_ = true;
    bool is_probing_ = false;
    bool is_closing_ = false;
    Steady::time_point last_answer_{};
    Steady::time_point next_probe_{};  // while it is down
    Milliseconds pause_{};
};

}  // namespace cordon
