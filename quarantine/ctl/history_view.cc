// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/ctl/history_view.h"

#include <fmt/format.h>

#include <algorithm>

#include "conf/base/json.h"
#include "conf/base/text.h"
#include "quarantine/ctl/quarantine_view.h"

namespace cordon {

namespace {

// Id, time, action and score with a blank after each.
constexpr std::size_t kFixed = 18 + 1 + 16 + 1 + 10 + 1 + 7 + 1;

std::string score_text(std::int32_t score) {
    return fmt::format("{}", from_thousandths(score));
}

std::string_view direction_name(Direction direction) {
    switch (direction) {
        case Direction::inbound: return "inbound";
        case Direction::outbound: return "outbound";
        case Direction::relayed: return "relayed";
    }
    return "inbound";
}

std::string rules_of(const HistoryRecord& record) {
    std::string out = record.virus.empty() ? "" : "virus " + record.virus;
    for (const auto& reason : record.unread)
        out += fmt::format("{}{}", out.empty() ? "" : " ", unread_name(reason.kind));
    for (const auto& hit : record.hits) out += (out.empty() ? "" : " ") + hit.rule;
    return out;
}

std::string sender_of(const HistoryRecord& record) {
    return record.mail_from.empty() ? "<>" : record.mail_from;
}

/// "pass example.org", "none", or nothing where it was not looked at.
std::string spf_text(const std::optional<SpfOutcome>& spf) {
    return spf ? fmt::format("{} {}", to_text(spf->result), spf->domain) : "";
}

std::string dkim_text(const Authentication& auth) {
    std::string out;
    for (const auto& dkim : auth.dkim)
        out += fmt::format("{}{} {}", out.empty() ? "" : ", ", to_text(dkim.result), dkim.domain);
    return out;
}

std::string dmarc_text(const Authentication& auth) {
    if (!auth.dmarc) return "";
    return fmt::format("{} {} (p={})", to_text(auth.dmarc->result), auth.dmarc->domain,
                       to_text(auth.dmarc->policy));
}

void add_line(std::string& out, std::string_view name, std::string_view value) {
    if (!value.empty())
        out += fmt::format("{:<13} {}\n", fmt::format("{}:", name), printable(value));
}

void write_decisions(JsonWriter& json, const HistoryRecord& record) {
    json.key("decisions").begin_array();
    for (const auto& d : record.decisions) {
        json.begin_object().field("to", d.recipient).field("action", to_text(d.action));
        json.field("would", to_text(d.wish)).field("mode", to_text(d.mode));
        json.field("cause", to_text(d.cause)).key("score").number(from_thousandths(d.score));
        json.end_object();
    }
    json.end_array();
}

void write_auth(JsonWriter& json, const Authentication& auth) {
    json.key("auth").begin_object().field("spf", auth.spf ? to_text(auth.spf->result) : "");
    json.key("dkim").begin_array();
    for (const auto& dkim : auth.dkim)
        json.begin_object()
            .field("domain", dkim.domain)
            .field("selector", dkim.selector)
            .field("result", to_text(dkim.result))
            .end_object();
    json.end_array().field("dmarc", auth.dmarc ? to_text(auth.dmarc->result) : "");
    json.field("arc", auth.arc ? to_text(auth.arc->result) : "").end_object();
}

void write_evidence(JsonWriter& json, const HistoryRecord& record) {
    json.key("hits").begin_array();
    for (const auto& hit : record.hits) {
        json.begin_object().field("rule", hit.rule).key("score");
        json.number(from_thousandths(hit.score)).end_object();
    }
    json.end_array().key("unscanned").begin_array();
    for (const auto& reason : record.unread)
        json.begin_object()
            .field("kind", unread_name(reason.kind))
            .field("detail", reason.detail)
            .end_object();
    json.end_array().key("unknown").begin_array();
    for (const auto& what : record.unknown) json.text(what);
    json.end_array().key("probability");
    if (record.opinion)
        json.number(record.opinion->probability / 1e6);
    else
        json.null();
}

}  // namespace

Action action_of(const HistoryRecord& record) {
    Action out = Action::accept;
    for (const auto& decision : record.decisions) out = std::max(out, decision.action);
    return out;
}

std::string minute_of(std::int64_t time) {
    auto out = utc_timestamp(time).substr(0, 16);
    out[10] = ' ';
    return out;
}

std::string recipients_of(const HistoryRecord& record) {
    if (record.decisions.empty()) return "";
    const auto& first = record.decisions.front().recipient;
    return record.recipients > 1 ? fmt::format("{} +{}", first, record.recipients - 1) : first;
}

std::string history_head(std::size_t columns) {
    const std::size_t rest = columns == 0 ? 0 : columns - kFixed;
    const std::size_t address = columns == 0 ? 28 : rest * 3 / 10;
    return fmt::format("{} {} {} {:>7} {} {} {}", cell("ID", 18), cell("RECEIVED (UTC)", 16),
                       cell("ACTION", 10), "SCORE", cell("FROM", address), cell("TO", address),
                       "RULES");
}

std::string history_line(const HistoryEntry& entry, std::size_t columns) {
    const auto& record = entry.record;
    const auto from = printable(sender_of(record));
    const auto to = printable(recipients_of(record));
    const auto rules =
        printable(fmt::format("{}{}{}", to_text(entry.feedback),
                              entry.feedback == Feedback::none ? "" : " ", rules_of(record)));
    const auto start = fmt::format("{} {} {} {:>7}", cell(printable(record.id, 18), 18),
                                   minute_of(record.received_at),
                                   cell(to_text(action_of(record)), 10), score_text(record.score));
    if (columns == 0) return fmt::format("{} {:<28} {:<28} {}", start, from, to, rules);
    const std::size_t rest = columns - kFixed;
    const std::size_t address = rest * 3 / 10;
    const auto line = fmt::format("{} {} {} {}", start, cell(from, address), cell(to, address),
                                  cell(rules, rest - 2 * address - 2));
    return line.substr(0, line.find_last_not_of(' ') + 1);
}

std::string history_text(const HistoryEntry& entry) {
    const auto& r = entry.record;
    std::string out;
    add_line(out, "id", r.id);
    add_line(out, "received", utc_timestamp(r.received_at));
    add_line(out, "queue id", r.queue_id);
    add_line(out, "message-id", r.message_id);
    add_line(out, "client", fmt::format("{} ({}) helo {}", r.client, r.client_name, r.helo));
    add_line(out, "mail from", sender_of(r));
    add_line(out, "login", r.auth_user);
    add_line(out, "author", r.author);
    add_line(out, "direction", direction_name(r.direction));
    add_line(out, "size", std::to_string(r.size));
    for (const auto& d : r.decisions)
        add_line(out, "rcpt to",
                 fmt::format("{}: {}{} (score {}, {}, {})", d.recipient, to_text(d.action),
                             d.wish == d.action ? "" : fmt::format(", would {}", to_text(d.wish)),
                             score_text(d.score), to_text(d.cause), to_text(d.mode)));
    if (r.recipients > r.decisions.size())
        add_line(out, "rcpt to", fmt::format("and {} more", r.recipients - r.decisions.size()));
    add_line(out, "made of it", to_text(entry.feedback));
    add_line(out, "virus", r.virus);
    for (const auto& reason : r.unread)
        add_line(out, unread_name(reason.kind), reason.detail.empty() ? "yes" : reason.detail);
    for (const auto& what : r.unknown) add_line(out, "unknown", what);
    add_line(out, "spf", spf_text(r.auth.spf));
    add_line(out, "helo spf", spf_text(r.auth.helo_spf));
    add_line(out, "dkim", dkim_text(r.auth));
    add_line(out, "dmarc", dmarc_text(r.auth));
    if (r.auth.arc) add_line(out, "arc", to_text(r.auth.arc->result));
    if (r.opinion)
        add_line(out, "classifier",
                 fmt::format("{:.1f} % spam; learned from {} ham and {} spam",
                             r.opinion->probability / 1e4, r.opinion->ham, r.opinion->spam));
    add_line(out, "score", score_text(r.score));
    for (const auto& hit : r.hits)
        out += fmt::format("  {:>7} {}\n", score_text(hit.score), printable(hit.rule));
    return out;
}

std::string history_json(const HistoryEntry& entry) {
    const auto& r = entry.record;
    JsonWriter json;
    json.begin_object().field("id", r.id).field("received", utc_timestamp(r.received_at));
    json.field("qid", r.queue_id).field("mid", r.message_id).field("from", r.mail_from);
    json.field("author", r.author).field("client", r.client).field("client_name", r.client_name);
    json.field("helo", r.helo).field("login", r.auth_user);
    json.field("direction", direction_name(r.direction));
    json.field("size", static_cast<std::int64_t>(r.size));
    json.field("us", static_cast<std::int64_t>(r.microseconds));
    json.field("action", to_text(action_of(r))).key("score").number(from_thousandths(r.score));
    json.field("virus", r.virus).field("feedback", to_text(entry.feedback));
    json.field("recipients", static_cast<std::int64_t>(r.recipients));
    write_decisions(json, r);
    write_auth(json, r.auth);
    write_evidence(json, r);
    return json.end_object().take();
}

}  // namespace cordon
