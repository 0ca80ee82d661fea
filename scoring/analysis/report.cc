// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/analysis/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "conf/base/text.h"
#include "scoring/analysis/derived.h"

namespace cordon {

namespace {

constexpr std::size_t kExcerptCharacters = 600;
constexpr std::size_t kColumns = 74;
constexpr std::size_t kMaxFieldBytes = 400;
constexpr std::size_t kMaxParts = 20;
constexpr std::size_t kMaxLinks = 25;

std::size_t characters_of(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xc0U) != 0x80;
    }));
}

std::string_view first_characters(std::string_view text, std::size_t limit) {
    std::size_t end = 0;
    for (std::size_t seen = 0; end < text.size(); ++end) {
        if ((static_cast<unsigned char>(text[end]) & 0xc0U) != 0x80 && ++seen > limit) break;
    }
    return text.substr(0, end);
}

/// Words of one printable line, in lines of kColumns, each with four blanks before it.
std::string wrapped(std::string_view line) {
    std::string out;
    std::size_t column = 0;
    for (const auto word : split(line, ' ')) {
        if (word.empty()) continue;
        const std::size_t width = characters_of(word);
        if (column == 0 || column + 1 + width > kColumns) {
            out += column == 0 ? "    " : "\n    ";
            column = 4;
        } else {
            out += ' ';
            ++column;
        }
        out += word;
        column += width;
    }
    return out.empty() ? out : out + "\n";
}

void add_field(std::string& out, std::string_view name, std::string_view value) {
    if (!trim(value).empty())
        out += fmt::format("{:<10} {}\n", name, printable(value, kMaxFieldBytes));
}

std::string claims(const CheckInput& in, const Analysis& analysis) {
    std::string out;
    if (!analysis.from.empty()) out += fmt::format("{:<10} {}\n", "From:", analysis.from);
    add_field(out, "Reply-To:", in.message.header_text("Reply-To"));
    add_field(out, "To:", in.message.header_text("To"));
    add_field(out, "Date:", in.message.header_text("Date"));
    if (!analysis.subject.empty()) out += fmt::format("{:<10} {}\n", "Subject:", analysis.subject);
    add_field(out, "Sender:", in.envelope.mail_from.empty() ? "<>" : in.envelope.mail_from);
    std::string client = in.envelope.client.to_string();
    if (!in.envelope.client_name.empty()) client = in.envelope.client_name + " [" + client + "]";
    add_field(out, "Sent by:", client);
    out += fmt::format("{:<10} {} bytes\n", "Size:", in.message.raw().size());
    if (analysis.readings > 1) {
        out += fmt::format("{:<10} mail programs may show this message in {} different ways\n",
                           "Note:", analysis.readings);
    }
    return out;
}

/// The text with the most to read: plain text if there is any, else what HTML shows.
std::string excerpt(const CheckInput& input) {
    const BodyText* chosen = nullptr;
    for (const auto& text : input.message.texts()) {
        const bool is_empty = trim(text.text).empty();
        if (is_empty || (chosen != nullptr && (text.is_html || !chosen->is_html))) continue;
        chosen = &text;
    }
    if (chosen == nullptr) return "\nText\n    (none)\n";
    const std::string_view folded = folded_text(input, *chosen);
    const auto part = first_characters(folded, kExcerptCharacters);
    std::string out = "\nText\n";
    for (const auto line : split(part, '\n'))
        out += wrapped(printable(line, 4 * kExcerptCharacters));
    if (part.size() < folded.size()) out += "    ...\n";
    return out;
}

std::string attachments(const Analysis& analysis) {
    std::string out;
    std::size_t shown = 0;
    for (const auto& part : analysis.parts) {
        const bool is_body = part.name.empty() && part.type.starts_with("text/");
        if (part.sha256.empty() || is_body) continue;
        if (++shown > kMaxParts) continue;
        out += fmt::format("    {}  ({}, {} bytes)\n        sha256 {}\n",
                           part.name.empty() ? "(no name)" : printable(part.name, 200),
                           printable(part.type, 100), part.size, part.sha256);
    }
    if (shown > kMaxParts) out += fmt::format("    ... and {} more\n", shown - kMaxParts);
    return out.empty() ? out : "\nAttachments\n" + out;
}

std::string links(const Message& message) {
    std::string out;
    std::set<std::string> seen;
    for (const auto& link : message.links()) {
        if (link.url.host.empty() || !seen.insert(link.url.raw).second) continue;
        if (seen.size() > kMaxLinks) continue;
        const std::string target = std::string(utf8_prefix(defang(link.url.raw), 300));
        const std::string shown = printable(link.shown, 80);
        out +=
            fmt::format("    {}{}\n", target, shown.empty() ? "" : "\n        shown as: " + shown);
    }
    if (seen.size() > kMaxLinks)
        out += fmt::format("    ... and {} more\n", seen.size() - kMaxLinks);
    return out.empty() ? out : "\nLinks (made unclickable)\n" + out;
}

}  // namespace

std::string make_report(const CheckInput& input, const Analysis& analysis) {
    std::string report =
        claims(input, analysis) + excerpt(input) + attachments(analysis) + links(input.message);
    if (report.size() > kMaxReportBytes) {
        report = std::string(utf8_prefix(report, kMaxReportBytes - 5)) + "\n...\n";
    }
    return report;
}

}  // namespace cordon
