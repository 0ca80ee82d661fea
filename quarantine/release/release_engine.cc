// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/release/release_engine.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>

#include "conf/base/digest.h"
#include "conf/base/log.h"
#include "conf/base/mail_address.h"
#include "conf/base/text.h"
#include "quarantine/release/release_header.h"
#include "quarantine/release/rescan.h"

namespace cordon {

namespace {

constexpr Milliseconds kPoll(250);
constexpr Milliseconds kWithoutKeeper(1000);
constexpr Milliseconds kRecordTime(60'000);
// A listener that is away for longer than this needs a person.
constexpr std::int64_t kGiveUpSeconds = 24LL * 3600;
constexpr std::uint32_t kFirstPause = 2;
constexpr std::uint32_t kLongestPause = 900;

RecipientState state_of(SmtpOutcome::State state) {
    switch (state) {
        case SmtpOutcome::State::sent: return RecipientState::sent;
        case SmtpOutcome::State::failed: return RecipientState::failed;
        case SmtpOutcome::State::later: break;
    }
    return RecipientState::sending;
}

bool has_state(const ReleaseResult& result, RecipientState state) {
    return std::any_of(result.outcomes.begin(), result.outcomes.end(),
                       [state](const auto& outcome) { return outcome.state == state; });
}

/// The job's recipients with the parameters that they came with.
std::vector<EnvelopeRecipient> recipients_of(const ReleaseJob& job, const HeldMessage& message) {
    std::vector<EnvelopeRecipient> out;
    for (const auto& path : job.recipients) {
        const auto found =
            std::find_if(message.recipients.begin(), message.recipients.end(),
                         [&](const auto& recipient) { return recipient.path == path; });
        const bool is_own = !job.is_redirect && found != message.recipients.end();
        out.push_back({path, is_own ? found->parameters : ""});
    }
    return out;
}

}  // namespace

std::uint32_t release_pause(std::uint32_t attempt) {
    return std::min(kFirstPause << std::min(attempt, 12U), kLongestPause);
}

std::string failure_note(const ReleaseResult& result) {
    std::string out;
    for (const auto& outcome : result.outcomes)
        if (outcome.state == RecipientState::failed)
            out += fmt::format("{} for {}. ", outcome.reply, without_brackets(outcome.path));
    if (out.empty()) return out;
    return out +
           "Remove the cause and release it again (move it to Release, or: cordon quarantine "
           "release " +
           result.id + "), or send it to another address with --to.";
}

std::string release_head(const std::string& nonce, const std::string& id,
                         const std::string& our_name, std::int64_t now) {
    return fmt::format("{}: {}\r\nReceived: by {} (Cordon) id {};\r\n\t{}\r\n", kReleaseHeader,
                       release_value(nonce), our_name, id, rfc5322_date(now));
}

ReleaseEngine::ReleaseEngine(ConfigurationPtr configuration)
    : configuration_(std::move(configuration)),
      keeper_(configuration_->socket_path("keeper")),
      alarm_(configuration_, keeper_),
      digests_(configuration_) {}

ReleaseResult ReleaseEngine::refused(const ReleaseJob& job, RecipientState state,
                                     const std::string& why) const {
    ReleaseResult out;
    out.order = job.order;
    out.id = job.id;
    for (const auto& path : job.recipients) out.outcomes.push_back({path, state, why});
    return out;
}

ReleaseResult ReleaseEngine::without_copy(const ReleaseJob& job, const Error& error) const {
    auto out = refused(job, RecipientState::failed, error.what);
    out.note = fmt::format(
        "Nothing was sent: {}. Put the file back from a backup and release it again; or, where the "
        "original is attached here, forward that (cordon quarantine verify looks at all files)",
        error.what);
    log::error("release-without-copy", {{"id", job.id}, {"error", error.what}});
    return out;
}

ReleaseResult ReleaseEngine::attempt(const ReleaseJob& job, const OpenedItem& item,
                                     const std::string& virus, const MayEnd& may_end,
                                     std::optional<SmtpSession>& session) const {
    const auto& c = *configuration_;
    if (sha256_hex(item.held.original) != item.held.message.sha256)
        return without_copy(job, no_good_copy("the bytes are not those that were held"));
    if (!virus.empty()) {
        if (!job.allow_virus)
            return refused(
                job, RecipientState::failed,
                fmt::format("It contains the virus {}: only an administrator can release "
                            "it, with --allow-virus",
                            virus));
        log::warn("virus-released", {{"id", job.id}, {"who", job.who}, {"virus", virus}});
    }
    const auto server = parse_server_url(c.quarantine.release_via);
    if (!server) return refused(job, RecipientState::sending, server.error().what);
    auto opened = SmtpSession::open(*server, c.cordon.authserv_id);
    if (!opened)
        return refused(job, RecipientState::sending,
                       fmt::format("{}: {}", c.quarantine.release_via, opened.error().what));
    session = std::move(*opened);
    const auto& message = item.held.message;
    SmtpMail mail{message.mail_from,
                  message.mail_parameters,
                  recipients_of(job, message),
                  release_head(job.nonce, job.id, c.cordon.authserv_id, unix_time()),
                  item.held.original,
                  may_end};
    const auto outcomes = send_mail(*session, mail);
    ReleaseResult out;
    out.order = job.order;
    out.id = job.id;
    for (std::size_t i = 0; i < outcomes.size(); ++i)
        out.outcomes.push_back({job.recipients[i], state_of(outcomes[i].state), outcomes[i].reply});
    return out;
}

void ReleaseEngine::settle(ReleaseResult& result, const ReleaseJob& job) const {
    // Some were sent to and others told to wait (too many at once): these are next.
    const bool is_progress = has_state(result, RecipientState::sent);
    result.retry_in = is_progress ? 0 : release_pause(job.attempt);
    if (unix_time() - job.ordered_at > kGiveUpSeconds)
        for (auto& outcome : result.outcomes)
            if (outcome.state == RecipientState::sending) outcome.state = RecipientState::failed;
    if (result.note.empty()) result.note = failure_note(result);
}

void ReleaseEngine::do_job(const ReleaseJob& job) {
    const auto item = keeper_.open(job.id);
    // Where nobody can look today, what was found when it came still counts.
    const auto virus =
        item ? find_virus(*configuration_, item->held.original).value_or(item->held.message.virus)
             : std::string();
    std::optional<ReleaseGate::Pass> pass;
    const auto may_end = [&] { return static_cast<bool>(pass.emplace(gate_.enter())); };
    std::optional<SmtpSession> session;
    auto result = item ? attempt(job, *item, virus, may_end, session)
                  : is_no_good_copy(item.error())
                      ? without_copy(job, item.error())
                      : refused(job, RecipientState::sending, item.error().what);
    if (!pass) pass.emplace(gate_.enter());
    if (!*pass) return;  // the next process takes it up
    settle(result, job);
    record(result);
    pass->leave();
    // A kill between the reply and its record costs a second copy: nothing may wait in there.
    if (session) session->quit();
}

/// A keeper that is just being restarted shall not cost a second copy. Recording twice does no
/// harm: a finished order is refused by name.
void ReleaseEngine::record(const ReleaseResult& result) {
    const auto deadline = Deadline::in(kRecordTime);
    for (;;) {
        const auto recorded = keeper_.record_result(result);
        if (recorded || !is_no_answer(recorded.error())) return;
        if (deadline.is_over()) {
            log::error("release-not-recorded",
                       {{"id", result.id}, {"error", recorded.error().what}});
            is_resumed_ = false;
            return;
        }
        ::poll(nullptr, 0, static_cast<int>(kPoll.count()));
    }
}

Milliseconds ReleaseEngine::tick() {
    if (!is_resumed_ && !keeper_.resume()) return kWithoutKeeper;
    is_resumed_ = true;
    const auto taken = keeper_.take_order();
    if (!taken) {
        log::warn("release-waits", {{"error", taken.error().what}});
        // It may have given us an order and died before we heard of it.
        is_resumed_ = false;
        return kWithoutKeeper;
    }
    if (!taken->is_there) {
        const auto pass = gate_.enter();
        if (!pass) return kWithoutKeeper;
        alarm_.tick();
        digests_.tick();
        return kPoll;
    }
    do_job(taken->job);
    return Milliseconds(0);
}

void ReleaseEngine::run() {
    for (;;) ::poll(nullptr, 0, static_cast<int>(tick().count()));
}

}  // namespace cordon
