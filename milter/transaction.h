// SPDX-License-Identifier: GPL-2.0-only
// One mail transaction (RFC 5321 section 3.3), MAIL to end of message. It keeps the snapshot it
// began with, and it dies with the message: nothing of it can reach the next one on the connection.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "conf/base/metrics.h"
#include "milter/digest_answer.h"
#include "milter/history_sender.h"
#include "milter/mail_memory.h"
#include "milter/message_buffer.h"
#include "milter/outcome.h"
#include "milter/own_mail.h"
#include "milter/reply.h"
#include "milter/spam_headers.h"
#include "quarantine/vault/held_message.h"
#include "scoring/gather/examination.h"

namespace cordon {

/// What a milter process has for all its transactions.
struct MilterContext {
    MemoryBudget& budget;
    std::string spool_directory;
    std::string keeper_socket;
    bool is_over_tcp = false;
    std::shared_ptr<Metrics> metrics;
    std::shared_ptr<HistorySender> history = {};  // none: no history is kept
};

class Transaction {
 public:
    Transaction(SnapshotPtr snapshot, const MilterContext& context);

    /// The session's facts; before mail().
    Examination& examination() { return examination_; }

    void mail(const std::vector<std::string>& arguments, std::string_view auth_user);
    void rcpt(const std::vector<std::string>& arguments);
    /// `value` as the MTA sent it: leading blank and folds kept, "\n" as line end.
    void header(std::string_view name, std::string_view value);
    void end_of_header();
    void body(std::string_view chunk);

    /// False once more bytes could change nothing: the MTA may skip the rest of the body.
    bool wants_more() const;

    /// Examines, decides, applies; the answer for libmilter.
    sfsistat end_of_message(Reply& reply);

    /// The answer when Cordon itself failed.
    sfsistat fail_safely(Reply& reply, std::string_view what);

 private:
    struct Judged;

    Judged judge_message(int message);
    sfsistat pass(const OwnMail::Identity& own, Reply& reply);
    sfsistat take_answer(const Judged& judged, Reply& reply);
    sfsistat apply(Judged& judged, int message, Reply& reply);
    sfsistat refuse(const Judged& judged, Reply& reply) const;
    sfsistat defer(Reply& reply);
    /// No recipient wants more than to be told: nothing is touched.
    bool is_shadowed() const;
    Result<std::string> hold(const Judged& judged, int message) const;
    Result<void> redirect(const Judged& judged, int message, Reply& reply);
    Result<void> edit_headers(const Judged& judged, Reply& reply);
    HeldMessage held_message(const Judged& judged) const;
    void log_verdict(const Judged& judged) const;
    void keep_verdict(const Judged& judged) const;
    /// What others may learn of it, without waiting.
    void teach(const Judged& judged) const;
    const Configuration& configuration() const { return *snapshot_->configuration; }

    SnapshotPtr snapshot_;
    const MilterContext& context_;
    Examination examination_;
    MessageBuffer buffer_;
    ForgedHeaders forged_;
    OwnMail own_mail_;
    DigestAnswer answer_;
    MailMemory memory_;
    std::string id_;
    std::string queue_id_;
    std::string message_id_;  // the Message-ID field
    std::string mail_from_;   // path as received
    std::string mail_parameters_;
    std::vector<EnvelopeRecipient> recipients_;
};

}  // namespace cordon
