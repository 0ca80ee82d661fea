// SPDX-License-Identifier: GPL-2.0-only
// The quarantine mailbox, as the reviewer itself says it fares: it knows what no file tells.
#include <fmt/format.h>

#include "conf/base/clock.h"
#include "conf/base/file_descriptor.h"
#include "conf/base/text.h"
#include "quarantine/doctor/checks.h"
#include "quarantine/redirect/proof.h"
#include "quarantine/review/review_status.h"

namespace cordon {

namespace {

constexpr std::size_t kLongestStatus = 65536;
constexpr std::int64_t kLongestSilence = 1200;  // it sweeps every five minutes

std::string remedy_of(std::string_view problem) {
    const auto says = [&](std::string_view word) { return icontains(problem, word); };
    if (says("imap-password-file")) return "put the mailbox's password into imap-password-file";
    if (says("quota")) return "give the quarantine mailbox room, or shorten [quarantine] retention";
    if (says("certificate")) return "renew it, or name its authority in [quarantine] imap-ca-file";
    if (says("read-only"))
        return "give imap-user the rights to insert and delete (dovecot-acl: lrwstipekx)";
    if (says("probe")) return "cordon quarantine probe, once the mailbox is there";
    return "docs/quarantine.md; held mail waits in the vault meanwhile";
}

}  // namespace

Findings review_findings(const ReviewStatus& s, const Configuration& c, std::int64_t now) {
    Findings out;
    const auto add = [&](Health health, const std::string& what, const std::string& remedy = "") {
        out.push_back({health, "review", what, remedy});
    };
    if (!s.problem.empty())
        add(Health::error, fmt::format("{} (since {})", s.problem, utc_timestamp(s.since)),
            remedy_of(s.problem));
    else if (!s.is_connected)
        add(Health::error, "is not connected to " + c.quarantine.imap_url,
            "journalctl -u 'cordon*' says why");
    // A file outlives who wrote it.
    if (s.is_connected && s.problem.empty() && now - s.swept_at > kLongestSilence)
        add(Health::error, "has not looked into the mailbox since " + utc_timestamp(s.swept_at),
            "journalctl -u 'cordon*' says why");
    if (s.missed > 0)
        add(Health::error,
            fmt::format("the MTA did not bring the last {} held messages to {}; they are shown "
                        "from the vault",
                        s.missed, c.quarantine.mailbox),
            "is the mailbox full, unknown or renamed? mailq and the log of the MTA");
    if (s.foreign > 0)
        add(Health::note, fmt::format("{} message(s) in the mailbox that can't be opened here: of "
                                      "another host, sealed with another key, or altered",
                                      s.foreign));
    if (out.empty())
        add(Health::good, fmt::format("{} items, {} on their way", s.items, s.waiting));
    return out;
}

void check_review(const Configuration& c, std::int64_t now, Findings& out) {
    if (c.quarantine.imap_url.empty()) return;
    const auto path = review_status_path(c.cordon.run_directory);
    const auto text = read_file(path, kLongestStatus);
    const auto status =
        text ? decode_review_status(*text) : Result<ReviewStatus>(tl::unexpected(text.error()));
    if (!status) {
        out.push_back({Health::error, "review", fmt::format("{}: {}", path, status.error().what),
                       "cordond starts cordon-review; journalctl -u cordon"});
        return;
    }
    for (auto& finding : review_findings(*status, c, now)) out.push_back(std::move(finding));
    if (!is_quarantine_proved(c))
        out.push_back({Health::error, "quarantine",
                       "acts as tag: no probe has travelled into " + c.quarantine.mailbox,
                       "cordon quarantine probe"});
}

}  // namespace cordon
