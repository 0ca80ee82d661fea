// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/digest/digest_dispatch.h"

#include "conf/base/digest.h"
#include "conf/base/log.h"
#include "quarantine/release/release_engine.h"
#include "quarantine/smtp/smtp_mail.h"

namespace cordon {

namespace {

constexpr Milliseconds kBetweenLooks(30'000);
constexpr Milliseconds kKeeperTime(10'000);

/// Sent, refused for good, or to be tried again.
Result<SmtpOutcome> deliver(const Configuration& c, const TakeDigestAnswer& job) {
    const auto server = parse_server_url(c.quarantine.release_via);
    if (!server) return tl::unexpected(server.error());
    auto session = SmtpSession::open(*server, c.cordon.authserv_id);
    if (!session) return tl::unexpected(session.error());
    const auto now = unix_time();
    const auto text =
        digest_mail(job.digest, {c.quarantine.answer_address(), c.cordon.authserv_id, now});
    const SmtpMail mail{"<>",
                        "",
                        {{"<" + job.digest.address + ">", "NOTIFY=NEVER"}},
                        release_head(job.nonce, make_message_id(), c.cordon.authserv_id, now),
                        text};
    const auto outcomes = send_mail(*session, mail);
    session->quit();
    return outcomes.front();
}

bool wants_digests(const Configuration& c) {
    bool out = c.policy.site.digest;
    c.policy.for_each([&](const auto&, const Policy& policy) { out |= policy.digest; });
    return out;
}

}  // namespace

Result<void> send_digest(const Configuration& c, const TakeDigestAnswer& job) {
    const auto outcome = deliver(c, job);
    const bool is_sent = outcome && outcome->state == SmtpOutcome::State::sent;
    // Refused for good: tomorrow's would fare no better, and this one is not tried again.
    const bool is_over = outcome && outcome->state != SmtpOutcome::State::later;
    const RecordDigestRequest record{job.digest.address, job.until,
                                     is_over ? DigestOutcome::sent : DigestOutcome::later};
    const auto recorded =
        ask_keeper(c.socket_path("keeper"), record, -1, Deadline::in(kKeeperTime));
    if (!recorded)
        log::error("digest-not-recorded",
                   {{"to", job.digest.address}, {"error", recorded.error().what}});
    const std::string reply = outcome ? outcome->reply : outcome.error().what;
    if (!is_sent) {
        log::error("digest-not-sent", {{"to", job.digest.address}, {"error", reply}});
        return fail(reply);
    }
    log::info("digest-sent",
              {{"to", job.digest.address}, {"items", job.digest.entries.size()}, {"reply", reply}});
    return {};
}

DigestDispatch::DigestDispatch(ConfigurationPtr configuration)
    : configuration_(std::move(configuration)),
      is_wanted_(wants_digests(*configuration_)),
      next_look_(Deadline::in(Milliseconds(0))) {}

void DigestDispatch::tick() {
    if (!is_wanted_ || !next_look_.is_over()) return;
    next_look_ = Deadline::in(kBetweenLooks);
    const auto job = ask_keeper(configuration_->socket_path("keeper"), TakeDigestRequest{}, -1,
                                Deadline::in(kKeeperTime));
    if (!job) {
        log::warn("digest-waits", {{"error", job.error().what}});
        return;
    }
    if (!job->is_there) return;
    // Another may be due; what failed waits for its own time.
    if (send_digest(*configuration_, *job)) next_look_ = Deadline::in(Milliseconds(0));
}

}  // namespace cordon
