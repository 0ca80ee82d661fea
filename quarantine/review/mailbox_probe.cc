// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/review/mailbox_probe.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "conf/base/digest.h"
#include "conf/base/log.h"
#include "quarantine/redirect/proof.h"
#include "quarantine/release/release_engine.h"
#include "quarantine/review/review_session.h"
#include "quarantine/smtp/smtp_mail.h"

namespace cordon {

namespace {

constexpr Milliseconds kPatience(60'000);
constexpr Milliseconds kLookInterval(500);
constexpr Milliseconds kFirstPause(1000);
constexpr Milliseconds kPause(300'000);

std::string probe_text(const Configuration& c, const std::string& message_id) {
    return fmt::format(
        "From: Cordon <{0}>\r\nTo: <{0}>\r\nSubject: Probe of the quarantine\r\nDate: {1}\r\n"
        "Message-ID: {2}\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=us-ascii\r\n\r\n"
        "Cordon on {3} finds out whether held mail arrives here. It takes this message away.\r\n",
        c.quarantine.mailbox, rfc5322_date(unix_time()), message_id, c.cordon.authserv_id);
}

}  // namespace

bool MailboxProbe::is_due() {
    const auto& c = *configuration_;
    if (c.quarantine.release_via.empty() || c.quarantine.mailbox.empty()) return false;
    const bool is_asked = ::unlink(probe_request_path(c).c_str()) == 0;
    return is_asked || (proved_at(c) == 0 && Steady::now() >= next_at_);
}

Result<void> MailboxProbe::send() {
    const auto& c = *configuration_;
    const auto server = parse_server_url(c.quarantine.release_via);
    if (!server) return tl::unexpected(server.error());
    const auto nonce = keeper_.issue_nonce("probe");
    if (!nonce) return tl::unexpected(nonce.error());
    auto session = SmtpSession::open(*server, c.cordon.authserv_id);
    if (!session) return tl::unexpected(session.error());
    const std::string id = make_message_id();
    message_id_ = fmt::format("<{}.probe@cordon.invalid>", id);
    const std::string text = probe_text(c, message_id_);
    const SmtpMail mail{"<>",
                        "",
                        {{"<" + c.quarantine.mailbox + ">", ""}},
                        release_head(*nonce, id, c.cordon.authserv_id, unix_time()),
                        text};
    const auto outcomes = send_mail(*session, mail);
    session->quit();
    if (outcomes.front().state != SmtpOutcome::State::sent) return fail(outcomes.front().reply);
    return {};
}

Result<void> MailboxProbe::tick(ReviewSession& session) {
    if (!message_id_.empty()) return look(session);
    if (!is_due()) return {};
    sent_at_ = Steady::now();
    next_at_ = sent_at_ + kPause;
    if (auto sent = send(); !sent) {
        message_id_.clear();
        // The MTA may be starting.
        pause_ = std::clamp(pause_ * 2, kFirstPause, kPause);
        next_at_ = sent_at_ + pause_;
        problem_ = "the probe was not accepted: " + sent.error().what;
        log::error("probe-failed", {{"error", problem_}});
        return {};
    }
    const bool is_proved = proved_at(*configuration_) != 0;
    log::info("probe-sent",
              {{"mid", message_id_}, {"quarantine", is_proved ? "proved" : "acts as tag"}});
    return {};
}

Result<void> MailboxProbe::look(ReviewSession& session) {
    const auto now = Steady::now();
    if (now < look_at_) return {};
    look_at_ = now + kLookInterval;
    const auto found = session.take_probe(message_id_);
    if (!found) return tl::unexpected(found.error());
    const auto span = std::chrono::duration_cast<Milliseconds>(now - sent_at_);
    if (*found) {
        message_id_.clear();
        problem_.clear();
        log::info("quarantine-proved",
                  {{"mailbox", configuration_->quarantine.mailbox}, {"ms", span.count()}});
        return write_proof(*configuration_, unix_time());
    }
    if (span < kPatience) return {};
    message_id_.clear();
    problem_ = fmt::format(
        "the probe did not arrive in INBOX within {} s: does {} deliver into the mailbox of {}? "
        "Until one arrives quarantine acts as tag",
        kPatience.count() / 1000, configuration_->quarantine.mailbox,
        configuration_->quarantine.imap_user);
    log::error("probe-failed", {{"error", problem_}});
    return {};
}

}  // namespace cordon
