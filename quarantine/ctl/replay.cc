// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/ctl/replay.h"

#include <fmt/format.h>

#include <algorithm>

#include "conf/base/json.h"
#include "conf/base/mail_address.h"
#include "conf/base/text.h"
#include "quarantine/ctl/history_view.h"
#include "quarantine/ctl/quarantine_view.h"

namespace cordon {

namespace {

// Id, both actions, both scores and what people made of it with a blank after each.
constexpr std::size_t kFixed = 18 + 1 + 10 + 1 + 10 + 1 + 13 + 1 + 1 + 1;

std::string_view mark_of(Feedback feedback) {
    return feedback == Feedback::released ? "R" : feedback == Feedback::confirmed ? "S" : " ";
}

std::string scores_of(const ReplayChange& change) {
    return fmt::format("{} -> {}", change.was_score, change.now_score);
}

}  // namespace

std::vector<ReplayChange> replay(const HistoryRecord& record, const Snapshot& snapshot) {
    const auto& c = *snapshot.configuration;
    const auto evidence = evidence_of(record);
    const auto verdict = judge(evidence, snapshot.catalogue);
    Circumstances circumstances;
    circumstances.has_quarantine = !c.quarantine.mailbox.empty();
    circumstances.honours_dmarc_reject = c.auth.honour_dmarc_reject;
    std::vector<ReplayChange> out;
    for (const auto& then : record.decisions) {
        circumstances.is_quarantine_address =
            circumstances.has_quarantine && is_same_mailbox(then.recipient, c.quarantine.mailbox);
        const auto now =
            decide(verdict, evidence, c.policy.for_recipient(then.recipient), circumstances);
        if (now.action == then.wanted) continue;
        out.push_back({then.recipient, then.wanted, now.action, from_thousandths(then.score),
                       now.score, now.reason});
    }
    return out;
}

void ReplaySummary::add(const HistoryEntry& entry, const std::vector<ReplayChange>& changed_now) {
    const auto time = entry.record.received_at;
    oldest = messages == 0 ? time : std::min(oldest, time);
    newest = messages == 0 ? time : std::max(newest, time);
    ++messages;
    recipients += entry.record.decisions.size();
    changed += changed_now.size();
    for (const auto& change : changed_now) {
        auto& count = changes[{change.was, change.now}];
        ++count.recipients;
        if (entry.feedback == Feedback::released) ++count.released;
        if (entry.feedback == Feedback::confirmed) ++count.confirmed;
    }
}

std::string replay_head(std::size_t columns) {
    const std::size_t address = columns == 0 ? 28 : (columns - kFixed) / 2;
    return fmt::format("{} {} {} {}   {} {}", cell("ID", 18), cell("WAS", 10), cell("WOULD BE", 10),
                       cell("SCORE", 13), cell("FROM", address), "TO");
}

std::string replay_line(const HistoryEntry& entry, const ReplayChange& change,
                        std::size_t columns) {
    const auto& record = entry.record;
    const auto from = record.mail_from.empty() ? "<>" : printable(record.mail_from);
    const auto to = printable(change.recipient);
    const auto start = fmt::format("{} {} {} {} {}", cell(printable(record.id, 18), 18),
                                   cell(to_text(change.was), 10), cell(to_text(change.now), 10),
                                   cell(scores_of(change), 13), mark_of(entry.feedback));
    if (columns == 0) return fmt::format("{} {:<28} {}", start, from, to);
    const std::size_t address = (columns - kFixed) / 2;
    const auto line = fmt::format("{} {} {}", start, cell(from, address),
                                  cell(to, columns - kFixed - address - 1));
    return line.substr(0, line.find_last_not_of(' ') + 1);
}

std::string replay_json(const HistoryEntry& entry, const ReplayChange& change) {
    JsonWriter json;
    json.begin_object().field("id", entry.record.id);
    json.field("received", utc_timestamp(entry.record.received_at));
    json.field("from", entry.record.mail_from).field("to", change.recipient);
    json.field("was", to_text(change.was)).field("now", to_text(change.now));
    json.key("was_score").number(change.was_score).key("now_score").number(change.now_score);
    json.field("reason", change.reason).field("feedback", to_text(entry.feedback));
    return json.end_object().take();
}

std::string summary_text(const ReplaySummary& summary) {
    if (summary.messages == 0) return "no message in the history of that time\n";
    std::string out =
        fmt::format("{} messages of {} to {} UTC, {} recipients: {} would get another decision\n",
                    summary.messages, minute_of(summary.oldest), minute_of(summary.newest),
                    summary.recipients, summary.changed);
    for (const auto& [actions, count] : summary.changes) {
        out += fmt::format("  {:<10} -> {:<10} {:>8}", to_text(actions.first),
                           to_text(actions.second), count.recipients);
        if (count.released > 0) out += fmt::format("   {} released by people", count.released);
        if (count.confirmed > 0) out += fmt::format("   {} confirmed as spam", count.confirmed);
        out += '\n';
    }
    return out;
}

std::string summary_json(const ReplaySummary& summary) {
    JsonWriter json;
    json.begin_object().field("messages", static_cast<std::int64_t>(summary.messages));
    json.field("recipients", static_cast<std::int64_t>(summary.recipients));
    json.field("changed", static_cast<std::int64_t>(summary.changed));
    json.key("changes").begin_array();
    for (const auto& [actions, count] : summary.changes) {
        json.begin_object().field("was", to_text(actions.first));
        json.field("now", to_text(actions.second));
        json.field("recipients", static_cast<std::int64_t>(count.recipients));
        json.field("released", static_cast<std::int64_t>(count.released));
        json.field("confirmed", static_cast<std::int64_t>(count.confirmed)).end_object();
    }
    return json.end_array().end_object().take();
}

}  // namespace cordon
