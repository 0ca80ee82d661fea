// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/ctl/quarantine_view.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "conf/base/json.h"
#include "conf/base/mail_address.h"
#include "conf/base/text.h"

namespace cordon {

namespace {

constexpr std::string_view kEllipsis = "\u2026";
constexpr std::size_t kLeastColumns = 72;
// Id, time, state and score with a blank after each.
constexpr std::size_t kFixed = 18 + 1 + 16 + 1 + 7 + 1 + 6 + 1;

std::uint32_t first_code_point(std::string_view text, std::size_t& bytes) {
    const auto lead = static_cast<unsigned char>(text.front());
    bytes = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    bytes = std::min(bytes, text.size());
    std::uint32_t out = bytes == 1 ? lead : lead & (0xFFU >> (bytes + 1));
    for (std::size_t i = 1; i < bytes; ++i)
        out = (out << 6) | (static_cast<unsigned char>(text[i]) & 0x3F);
    return out;
}

/// Unicode's East Asian Width, as coarse as terminals take it.
bool is_wide(std::uint32_t c) {
    constexpr std::array<std::pair<std::uint32_t, std::uint32_t>, 6> kWide = {{{0x1100, 0x115F},
                                                                               {0x2E80, 0xA4CF},
                                                                               {0xAC00, 0xD7A3},
                                                                               {0xF900, 0xFAFF},
                                                                               {0xFE30, 0xFF60},
                                                                               {0x1F300, 0x3FFFD}}};
    return std::any_of(kWide.begin(), kWide.end(),
                       [c](const auto& range) { return c >= range.first && c <= range.second; });
}

std::string short_time(std::int64_t at) {
    auto out = utc_timestamp(at).substr(0, 16);
    out[10] = ' ';
    return out;
}

std::string recipients_in_short(const ItemStatus& item) {
    const std::string first(without_brackets(item.first_recipient));
    return item.recipients > 1 ? fmt::format("{} +{}", first, item.recipients - 1) : first;
}

void write_item(JsonWriter& json, const ItemStatus& m) {
    json.field("id", m.id).field("state", to_text(m.state));
    json.field("received", utc_timestamp(m.received_at));
    json.field("from", without_brackets(m.mail_from));
    json.field("first_to", without_brackets(m.first_recipient));
    json.field("recipients", static_cast<std::int64_t>(m.recipients));
    double score = 0;
    const auto [end, error] =
        std::from_chars(m.score.data(), m.score.data() + m.score.size(), score);
    json.key("score");
    error == std::errc() ? json.number(score) : json.null();
    json.field("rules", m.rules).field("virus", m.virus);
    json.field("reason", m.reason).field("subject", m.subject).field("header_from", m.from);
    json.field("size", static_cast<std::int64_t>(m.size)).field("sha256", m.sha256);
    json.field("home", m.home).field("note", m.note).field("folder", m.folder);
}

void write_event(JsonWriter& json, const ItemEvent& event) {
    json.begin_object().field("at", utc_timestamp(event.at)).field("id", event.id);
    json.field("who", event.who).field("what", event.what).field("detail", event.detail);
    json.end_object();
}

}  // namespace

std::size_t terminal_columns() {
    winsize size{};
    if (::isatty(STDOUT_FILENO) == 0 || ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return 0;
    return std::max<std::size_t>(size.ws_col, kLeastColumns);
}

std::string cell(std::string_view text, std::size_t columns) {
    std::string out;
    std::size_t used = 0;
    while (!text.empty()) {
        std::size_t bytes = 1;
        const std::size_t width = is_wide(first_code_point(text, bytes)) ? 2 : 1;
        const bool is_last = bytes == text.size();
        if (used + width + (is_last ? 0 : 1) > columns) {
            if (columns > used) out += kEllipsis;
            used += columns > used ? 1 : 0;
            break;
        }
        out += text.substr(0, bytes);
        used += width;
        text.remove_prefix(bytes);
    }
    return out + std::string(columns - std::min(used, columns), ' ');
}

std::string table_head(std::size_t columns) {
    ItemStatus head;
    const std::size_t rest = columns == 0 ? 0 : columns - kFixed;
    const std::size_t address = columns == 0 ? 28 : rest * 3 / 10;
    return fmt::format("{} {} {} {:>6} {} {} {}", cell("ID", 18), cell("RECEIVED (UTC)", 16),
                       cell("STATE", 7), "SCORE", cell("FROM", address), cell("TO", address),
                       "SUBJECT");
}

std::string table_line(const ItemStatus& item, std::size_t columns) {
    const std::string from(printable(without_brackets(item.mail_from)));
    const std::string to = printable(recipients_in_short(item));
    const std::string start =
        fmt::format("{} {} {} {:>6}", cell(item.id, 18), short_time(item.received_at),
                    cell(to_text(item.state), 7), utf8_prefix(item.score, 6));
    const std::string sender = from.empty() ? "<>" : from;
    if (columns == 0)
        return fmt::format("{} {:<28} {:<28} {}", start, sender, to, printable_again(item.subject));
    const std::size_t rest = columns - kFixed;
    const std::size_t address = rest * 3 / 10;
    const auto line = fmt::format("{} {} {} {}", start, cell(sender, address), cell(to, address),
                                  cell(printable_again(item.subject), rest - 2 * address - 2));
    return line.substr(0, line.find_last_not_of(' ') + 1);
}

std::string item_json(const ItemStatus& item) {
    JsonWriter json;
    write_item(json.begin_object(), item);
    return json.end_object().take();
}

std::string opened_json(const OpenedItem& item, const std::vector<ItemEvent>& events) {
    const auto& m = item.held.message;
    JsonWriter json;
    write_item(json.begin_object(), item.status);
    json.field("client", m.client).field("helo", m.helo).field("qid", m.queue_id);
    json.field("mail_parameters", m.mail_parameters).key("to").begin_array();
    for (const auto& r : item.recipients) {
        json.begin_object().field("address", without_brackets(r.path));
        json.field("state", to_text(r.state)).field("reply", r.reply).end_object();
    }
    json.end_array().key("events").begin_array();
    for (const auto& event : events) write_event(json, event);
    json.end_array().field("report", m.report);
    return json.end_object().take();
}

std::string event_json(const ItemEvent& event) {
    JsonWriter json;
    write_event(json, event);
    return json.take();
}

std::string event_text(const ItemEvent& event) {
    return fmt::format("{} {} {} by {}{}{}", utc_timestamp(event.at), event.id, event.what,
                       printable_again(event.who), event.detail.empty() ? "" : ": ",
                       printable_again(event.detail));
}

std::string opened_text(const OpenedItem& item, const std::vector<ItemEvent>& events) {
    const auto& m = item.held.message;
    std::string out = fmt::format(
        "id:        {}\nstate:     {}\nreceived:  {}\nqueue id:  {}\nclient:    {} ({}) helo {}\n",
        m.id, to_text(item.status.state), utc_timestamp(m.received_at), printable(m.queue_id),
        printable(m.client), printable(m.client_name), printable(m.helo));
    out += fmt::format("mail from: {} {}\n", printable(m.mail_from), printable(m.mail_parameters));
    for (const auto& r : item.recipients)
        out += fmt::format("rcpt to:   {} {}{}{}\n", printable(r.path), to_text(r.state),
                           r.reply.empty() ? "" : ": ", printable_again(r.reply));
    out += fmt::format("reason:    {}\nsize:      {}\nsha256:    {}\n", printable_again(m.reason),
                       m.size, m.sha256);
    if (!item.status.note.empty()) out += fmt::format("note:      {}\n", item.status.note);
    for (const auto& event : events) out += fmt::format("audit:     {}\n", event_text(event));
    out += '\n';
    for (const auto line : split(m.report, '\n')) out += printable_again(line) + "\n";
    return out;
}

ItemStatus status_of(const HeldMessage& m) {
    ItemStatus out;
    out.id = m.id;
    out.received_at = m.received_at;
    out.mail_from = m.mail_from;
    out.from = m.from;
    out.subject = m.subject;
    out.score = m.score;
    out.rules = m.rules;
    out.reason = m.reason;
    out.virus = m.virus;
    out.home = m.home;
    out.size = m.size;
    out.sha256 = m.sha256;
    out.recipients = static_cast<std::uint32_t>(m.recipients.size());
    if (!m.recipients.empty()) out.first_recipient = m.recipients.front().path;
    return out;
}

}  // namespace cordon
