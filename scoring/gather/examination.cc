// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/gather/examination.h"

#include <fmt/format.h>

#include <algorithm>

#include "conf/base/mail_address.h"
#include "conf/base/text.h"

namespace cordon {

namespace {

constexpr std::size_t kMaxRecipientsForRules = 100;
constexpr std::size_t kMaxEnvelopeText = 1024;  // RFC 5321 section 4.5.3.1 allows 256 and 255

std::string bounded(std::string_view text) {
    return std::string(text.substr(0, kMaxEnvelopeText));
}

}  // namespace

Examination::Examination(SnapshotPtr snapshot)
    : snapshot_(std::move(snapshot)), sender_(snapshot_->resolver, snapshot_->lists) {}

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
    // Outgoing mail has no client to check; that of a relay stands in its Received field.
    if (direction() == Direction::inbound) sender_.begin(*snapshot_->configuration, envelope_);
}

void Examination::rcpt(std::string_view path) {
    if (envelope_.recipients.size() < kMaxRecipientsForRules)
        envelope_.recipients.push_back(bounded(without_brackets(path)));
    sender_.advance();
}

/// The first hop that is no relay of ours; nothing when the header names none. A hop without "from"
/// stayed inside a host of ours; below one whose client can't be read stands what strangers wrote.
void Examination::take_relayed_client(const Analysis& analysis) {
    const auto& options = snapshot_->configuration->cordon;
    for (const auto& hop : analysis.hops) {
        if (!hop.client.is_known() && !hop.helo.empty()) break;
        const bool is_ours = !hop.client.is_known() || hop.client.is_loopback() ||
                             options.trusted_relays.contains(hop.client) ||
                             options.own_networks.contains(hop.client);
        if (is_ours) continue;
        envelope_.client = hop.client;
        envelope_.client_name.clear();
        envelope_.helo = hop.helo;
        return;
    }
    envelope_.client = {};
}

bool Examination::is_own(std::string_view domain) const {
    const auto& own = snapshot_->configuration->cordon.own_domains.value;
    return std::any_of(own.begin(), own.end(),
                       [domain](const auto& name) { return iequals(name, domain); });
}

void Examination::content_ready(const Analysis& analysis, Direction direction) {
    if (direction == Direction::outbound) return;
    if (direction == Direction::relayed) {
        take_relayed_client(analysis);
        sender_.begin(*snapshot_->configuration, envelope_);
    }
    sender_.begin_content(analysis);
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
    evidence.direction = direction();
    auto lookup_deadline = deadline;
    const std::uint64_t limit = snapshot_->configuration->milter.max_message_size.value;
    if (size > limit)
        evidence.unread.push_back(
            {Unread::oversize, fmt::format("{} bytes, judged on the first {}", size, limit)});
    // An attempt has its own bound, and one retry must fit in too.
    const auto scan_deadline =
        Deadline::in(2 * snapshot_->configuration->scanner.timeout.value).or_earlier(deadline);
    ScanCompany company;
    company.with_features = with_features_;
    company.content_ready = [&](const Analysis& analysis) {
        content_ready(analysis, evidence.direction);
        lookup_deadline =
            Deadline::in(snapshot_->configuration->dns.timeout.value).or_earlier(deadline);
    };
    company.wake_fd = [this] { return sender_.wake_fd(); };
    company.woken = [this] { sender_.advance(); };
    auto answer = scan_message(snapshot_->pools, message, std::min(size, limit), envelope_,
                               scan_deadline, company);
    sender_.finish(lookup_deadline);
    evidence.envelope = envelope_;
    evidence.auth = sender_.result();
    evidence.lists = sender_.list_hits();
    evidence.unknown = sender_.unknown();
    if (answer.content) evidence.is_own_author = is_own(answer.content->from_domain);
    evidence.content = std::move(answer.content);
    evidence.antivirus = std::move(answer.antivirus);
    for (auto& reason : answer.unread) evidence.unread.push_back(std::move(reason));
    return evidence;
}

}  // namespace cordon
