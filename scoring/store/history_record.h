// SPDX-License-Identifier: GPL-2.0-only
// What is kept of one verdict: as much of the evidence as judging and deciding look at, so that
// another configuration can be tried on it, and what was decided. No text of the message: no
// subject, no detail of a hit, no name of a file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conf/base/result.h"
#include "scoring/judge/verdict.h"

namespace cordon {

constexpr std::uint8_t kHistoryRecordVersion = 3;

/// Where a hit came from. What judge() derives from the rest is not put back into the evidence.
enum class HitOrigin : std::uint8_t { content, antivirus, list, derived };

struct HistoryHit {
    std::string rule;
    std::int32_t score = 0;  // as it counted then, in thousandths
    HitOrigin origin = HitOrigin::content;
};

struct HistoryDecision {
    std::string recipient;           // address as received, without <>
    Action action = Action::accept;  // what was done
    Action wanted = Action::accept;  // by this recipient alone: one answer was made for all
    Action wish = Action::accept;    // what mode = enforce would have done
    Cause cause = Cause::score;
    Mode mode = Mode::enforce;
    std::int32_t score = 0;  // by this recipient's scores, in thousandths
};

struct HistoryOpinion {
    std::uint32_t probability = 0;  // in millionths
    std::uint64_t ham = 0;
    std::uint64_t spam = 0;
};

struct HistoryRecord {
    std::string id;
    std::string queue_id;
    std::string message_id;
    std::int64_t received_at = 0;
    std::uint64_t size = 0;
    std::uint64_t microseconds = 0;

    std::string client;
    std::string client_name;
    std::string helo;
    std::string mail_from;
    std::string auth_user;
    Direction direction = Direction::inbound;

    bool has_content = false;
    std::string author;  // address of From
    std::string author_domain;
    unsigned authors = 0;
    bool is_own_author = false;
    bool has_antivirus = false;
    std::string virus;
    std::vector<FileFact> files;  // without names
    std::vector<HistoryHit> hits;
    std::vector<UnreadReason> unread;  // kind, and what does not come from the message
    std::optional<HistoryOpinion> opinion;
    Authentication auth;  // results and domains, no reasons
    std::vector<std::string> unknown;
    bool has_memory = false;
    Recollection memory;

    std::int32_t score = 0;  // in thousandths
    std::uint32_t recipients = 0;
    std::vector<HistoryDecision> decisions;  // of the first kMaxHistoryRecipients
};

constexpr std::size_t kMaxHistoryRecipients = 200;

/// Evidence and verdict; ids, size, time and decisions are the caller's.
HistoryRecord history_of(const Evidence& evidence, const Verdict& verdict);
/// What judge() and decide() need: they come to the same verdict as then.
Evidence evidence_of(const HistoryRecord& record);

std::string encode(const HistoryRecord& record);
/// Bounded; texts may hold any byte. Another version is an error that says so.
Result<HistoryRecord> decode_history(std::string_view bytes);

std::int32_t thousandths(double score);
inline double from_thousandths(std::int32_t score) {
    return score / 1000.0;
}

std::string_view to_text(Cause cause);

}  // namespace cordon
