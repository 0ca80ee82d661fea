// SPDX-License-Identifier: GPL-2.0-only
// One SMTP session as the MTA shows it to us. libmilter runs its callbacks on different threads,
// never two at once: all state hangs here, nothing on a thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "conf/base/guarded.h"
#include "milter/transaction.h"

namespace cordon {

/// What the callbacks of one process share; set up before libmilter starts.
class MilterProcess {
 public:
    /// `metrics`: those that all processes share; without them its own.
    explicit MilterProcess(SnapshotPtr snapshot, std::shared_ptr<Metrics> metrics = nullptr);

    SnapshotPtr snapshot();
    void replace_snapshot(SnapshotPtr snapshot);
    const MilterContext& context() const { return context_; }
    /// From now on verdicts go there; before the first session.
    void keep_history(std::shared_ptr<HistorySender> history) {
        context_.history = std::move(history);
    }

    /// End-of-messages in flight, for an orderly stop.
    std::atomic<int>& in_flight() { return in_flight_; }

 private:
    Guarded<SnapshotPtr> snapshot_;
    MemoryBudget budget_;
    MilterContext context_;
    std::atomic<int> in_flight_ = 0;
};

class Session {
 public:
    explicit Session(MilterProcess& process) : process_(process) {}

    /// Steps that the MTA agreed not to wait for.
    void set_unanswered(bool value) { is_unanswered_ = value; }
    sfsistat next() const { return is_unanswered_ ? SMFIS_NOREPLY : SMFIS_CONTINUE; }

    bool is_over_tcp() const { return process_.context().is_over_tcp; }

    void connect(std::string client_name, const IpAddress& client);
    void helo(std::string name);
    void mail(const std::vector<std::string>& arguments, std::string_view auth_user);
    void rcpt(const std::vector<std::string>& arguments);
    void header(std::string_view name, std::string_view value);
    void end_of_header();
    /// False: the rest of the body is not needed.
    bool body(std::string_view chunk);
    sfsistat end_of_message(Reply& reply);
    /// A step before end of message failed; the answer comes at end of message.
    void step_failed(std::string_view what);
    /// Also called twice, and after end of message (libmilter's habit).
    void abort() { forget_message(); }

 private:
    void forget_message();

    MilterProcess& process_;
    bool is_unanswered_ = false;
    std::string client_name_;
    IpAddress client_;
    std::string helo_;
    std::unique_ptr<Transaction> transaction_;
    std::string failure_;  // of a step; empty: none
};

}  // namespace cordon
