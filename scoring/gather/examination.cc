// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/gather/examination.h"

#include <fmt/format.h>

#include "conf/base/mail_address.h"
#include "conf/base/text.h"

namespace cordon {

namespace {

constexpr std::size_t kMaxRecipientsForRules = 100;
constexpr std::size_t kMaxEnvelopeText = 1024;  // RFC 5321 section 4.5.3.1 allows 256 and 255

std::string bounded(std::string_view text) {
    return std::string(text.substr(0, kMaxEnvelopeText));
}

/// Rules that policies put scores on must exist.
Result<void> check_own_scores(const Configuration& c, const Catalogue& catalogue) {
    Result<void> out;
    const auto check = [&](const std::string& section, const Policy& policy) {
        for (const auto& [rule, score] : policy.scores.value) {
            if (!out || catalogue.find(rule) != nullptr) continue;
            const auto place = c.places.find(section + ".scores");
            out = fail(fmt::format("{}no rule is named {} (see 'cordon rules')",
                                   place == c.places.end() ? "" : place->second + ": ",
                                   printable(rule, 60)));
        }
    };
    check("policy", c.policy.site);
    c.policy.for_each(check);
    return out;
}

}  // namespace

Result<SnapshotPtr> make_snapshot(ConfigurationPtr configuration, Catalogue catalogue) {
    for (const auto& entry : configuration->scores) {
        if (auto done = catalogue.override_score(entry.rule, entry.score); !done)
            return wrap(entry.where, done.error());
    }
    for (const auto& entry : configuration->shadow_scores) {
        if (auto done = catalogue.set_trial_score(entry.rule, entry.score); !done)
            return wrap(entry.where, done.error());
    }
    if (auto done = check_own_scores(*configuration, catalogue); !done)
        return tl::unexpected(done.error());
    auto snapshot = std::make_shared<Snapshot>();
    snapshot->pools.content = configuration->socket_path("content");
    if (configuration->clamav.enabled)
        snapshot->pools.antivirus = configuration->socket_path("antivirus");
    snapshot->configuration = std::move(configuration);
    snapshot->catalogue = std::move(catalogue);
    return SnapshotPtr(std::move(snapshot));
}

Examination::Examination(SnapshotPtr snapshot) : snapshot_(std::move(snapshot)) {}

void Examination::connect(std::string_view client_name, const IpAddress& client) {
    envelope_.client_name = bounded(client_name);
    envelope_.client = client;
}

void Examination::helo(std::string_view name) {
    envelope_.helo = bounded(name);
}

void Examination::mail(std::string_view path, std::string_view auth_user) {
    envelope_.mail_from = bounded(without_brackets(path));
    envelope_.auth_user = bounded(auth_user);
    envelope_.received_at = unix_time();
}

void Examination::rcpt(std::string_view path) {
    if (envelope_.recipients.size() < kMaxRecipientsForRules)
        envelope_.recipients.push_back(bounded(without_brackets(path)));
}

Direction Examination::direction() const {
    const auto& options = snapshot_->configuration->cordon;
    if (!envelope_.auth_user.empty() || options.own_networks.contains(envelope_.client))
        return Direction::outbound;
    return options.trusted_relays.contains(envelope_.client) ? Direction::relayed
                                                             : Direction::inbound;
}

Evidence Examination::finish(int message, std::uint64_t size, Deadline deadline) {
    Evidence evidence;
    evidence.envelope = envelope_;
    evidence.direction = direction();
    const std::uint64_t limit = snapshot_->configuration->milter.max_message_size.value;
    if (size > limit)
        evidence.unread.push_back(
            {Unread::oversize, fmt::format("{} bytes, judged on the first {}", size, limit)});
    // An attempt has its own bound, and one retry must fit in too.
    const auto scan_deadline =
        Deadline::in(2 * snapshot_->configuration->scanner.timeout.value).or_earlier(deadline);
    auto answer =
        scan_message(snapshot_->pools, message, std::min(size, limit), envelope_, scan_deadline);
    evidence.content = std::move(answer.content);
    evidence.antivirus = std::move(answer.antivirus);
    for (auto& reason : answer.unread) evidence.unread.push_back(std::move(reason));
    return evidence;
}

}  // namespace cordon
