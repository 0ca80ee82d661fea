// SPDX-License-Identifier: GPL-2.0-only
// The release engine: carries out what was ordered, one message at a time. It needs the keeper and
// the listener of [quarantine] release-via, and no IMAP. The order is in the journal before the
// first byte is sent, the server's reply after the last: killed in between, the next start sends
// again (a duplicate is better than a loss).
//
// cordon-review starts run() in a thread of its own where release-via is set, or calls tick()
// itself; not both.
#pragma once

#include <optional>
#include <string>

#include "conf/configuration.h"
#include "quarantine/digest/digest_dispatch.h"
#include "quarantine/keeper/client.h"
#include "quarantine/release/alarm.h"
#include "quarantine/release/release_gate.h"
#include "quarantine/smtp/smtp_mail.h"

namespace cordon {

class ReleaseEngine {
 public:
    explicit ReleaseEngine(ConfigurationPtr configuration);

    /// Does one order if one is due. How long until it makes sense to call again; 0: at once.
    Milliseconds tick();
    /// tick() until the process ends.
    [[noreturn]] void run();
    /// From another thread: waits until what is being sent is recorded, or the time is over;
    /// nothing is begun afterwards.
    void finish(Milliseconds patience) { gate_.close(patience); }

 private:
    void do_job(const ReleaseJob& job);
    void record(const ReleaseResult& result);
    /// Leaves the session open: the goodbye is for after the record.
    ReleaseResult attempt(const ReleaseJob& job, const OpenedItem& item, const std::string& virus,
                          const MayEnd& may_end, std::optional<SmtpSession>& session) const;
    ReleaseResult refused(const ReleaseJob& job, RecipientState state,
                          const std::string& why) const;
    /// Where the vault can give it to nobody: what a person can do is another thing than for
    /// others.
    ReleaseResult without_copy(const ReleaseJob& job, const Error& error) const;
    void settle(ReleaseResult& result, const ReleaseJob& job) const;

    ConfigurationPtr configuration_;
    KeeperClient keeper_;
    Alarm alarm_;
    DigestDispatch digests_;
    ReleaseGate gate_;
    bool is_resumed_ = false;
};

/// Seconds until the attempt after this one.
std::uint32_t release_pause(std::uint32_t attempt);

/// For the folder Failed: what the server said, and what to do.
std::string failure_note(const ReleaseResult& result);

/// The header lines that go before a message of ours: the right to pass, and where it came from.
std::string release_head(const std::string& nonce, const std::string& id,
                         const std::string& our_name, std::int64_t now);

}  // namespace cordon
