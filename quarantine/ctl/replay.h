// SPDX-License-Identifier: GPL-2.0-only
// Verdicts of the past under another configuration: scores, thresholds, policies, modes, lists and
// address-map are tried on the evidence that was kept. Which rules match can't be tried again: no
// text of mail is kept. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "scoring/gather/examination.h"
#include "scoring/store/history_store.h"

namespace cordon {

struct ReplayChange {
    std::string recipient;
    Action was = Action::accept;
    Action now = Action::accept;
    double was_score = 0;
    double now_score = 0;
    std::string reason;  // of what it is now
};

/// What `snapshot` decides otherwise for recipients of this message, each by itself: where one
/// SMTP answer was made of several wishes, the wishes are compared.
std::vector<ReplayChange> replay(const HistoryRecord& record, const Snapshot& snapshot);

struct ReplayCount {
    std::uint64_t recipients = 0;
    std::uint64_t released = 0;   // of messages that people released
    std::uint64_t confirmed = 0;  // of messages that people confirmed as spam
};

struct ReplaySummary {
    std::uint64_t messages = 0;
    std::uint64_t recipients = 0;
    std::uint64_t changed = 0;  // recipients
    std::int64_t oldest = 0;
    std::int64_t newest = 0;
    std::map<std::pair<Action, Action>, ReplayCount> changes;  // was, now

    void add(const HistoryEntry& entry, const std::vector<ReplayChange>& changed_now);
};

std::string replay_head(std::size_t columns);
std::string replay_line(const HistoryEntry& entry, const ReplayChange& change, std::size_t columns);
std::string replay_json(const HistoryEntry& entry, const ReplayChange& change);
std::string summary_text(const ReplaySummary& summary);
std::string summary_json(const ReplaySummary& summary);

}  // namespace cordon
