// SPDX-License-Identifier: GPL-2.0-only
// See mime_split.h. Dashes are rare in encoded content, so looking for them costs next to nothing.
#include "scoring/message/mime_split.h"

#include <algorithm>
#include <cstring>

#include "conf/base/text.h"
#include "scoring/message/mime.h"

namespace cordon {

namespace {

constexpr std::size_t kLongestIndent = 8;
constexpr std::size_t kLongestLine = 8192;  // of a delimiter

/// What stands before a "--": the start of a line of some kind, or nothing of interest.
bool classify(std::string_view bytes, std::size_t at, DashLineKind& kind) {
    if (at == 0 || bytes[at - 1] == '\n') {
        kind = DashLineKind::plain;
        return true;
    }
    if (bytes[at - 1] == '\r') {
        kind = DashLineKind::after_cr;
        return true;
    }
    std::size_t i = at;
    while (i > 0 && at - i < kLongestIndent && is_blank(bytes[i - 1])) --i;
    kind = DashLineKind::indented;
    return i < at && (i == 0 || bytes[i - 1] == '\n' || bytes[i - 1] == '\r');
}

std::size_t line_end(std::string_view bytes, std::size_t from) {
    return std::min(bytes.find('\n', from), bytes.size());
}

/// The text of a line after its "--", line end left out.
std::string_view words_of(const DashedText& text, const DashLine& line, std::size_t body_end) {
    const std::size_t begin = line.offset + 2;
    if (begin >= body_end) return {};
    std::string_view words = text.bytes.substr(begin, std::min(body_end - begin, kLongestLine));
    // Never to the far end of a text of lone CRs, where every line is the rest of one long line.
    const bool is_plain = line.kind == DashLineKind::plain;
    return words.substr(0, is_plain ? words.find('\n') : words.find_first_of("\r\n"));
}

std::string_view without_blank_end(std::string_view line) {
    while (!line.empty() && is_space(line.back())) line.remove_suffix(1);
    return line;
}

enum class Delimiter { none, part, end };

Delimiter delimiter_of(std::string_view words, std::string_view boundary) {
    if (!words.starts_with(boundary)) return Delimiter::none;
    std::string_view rest = words.substr(boundary.size());
    if (rest.starts_with("--")) return Delimiter::end;
    return without_blank_end(rest).empty() ? Delimiter::part : Delimiter::none;
}

/// The line break before a delimiter belongs to the delimiter.
std::size_t before_line_break(std::string_view bytes, std::size_t begin, std::size_t at) {
    if (at > begin && bytes[at - 1] == '\n') --at;
    if (at > begin && bytes[at - 1] == '\r') --at;
    return at;
}

std::size_t after_line(std::string_view bytes, std::size_t from, std::size_t body_end) {
    const std::size_t end = line_end(bytes, from);
    return std::min(end < bytes.size() ? end + 1 : end, body_end);
}

auto first_line_in(const DashedText& text, Range body) {
    return std::lower_bound(
        text.lines.begin(), text.lines.end(), body.begin,
        [](const DashLine& line, std::size_t offset) { return line.offset < offset; });
}

/// The end of a guessed delimiter line: a lone CR ends it as well.
std::size_t after_guessed_line(const DashedText& text, const DashLine& line, std::size_t body_end) {
    const std::size_t begin = line.offset + 2;
    if (begin >= body_end) return body_end;
    const std::string_view rest =
        text.bytes.substr(begin, std::min(body_end - begin, kLongestLine));
    std::size_t end = rest.find_first_of("\r\n");
    if (end == std::string_view::npos) return begin + rest.size();
    if (rest.substr(end).starts_with("\r\n")) ++end;
    return begin + end + 1;
}

bool has_header_after(const DashedText& text, const DashLine& line, std::size_t body_end) {
    const std::size_t begin = after_guessed_line(text, line, body_end);
    return begins_with_mime_field(text.view({begin, body_end}));
}

}  // namespace

std::vector<DashLine> find_dash_lines(std::string_view bytes) {
    std::vector<DashLine> lines;
    const char* const begin = bytes.data();
    const char* const end = begin + bytes.size();
    const char* at = begin;
    while (at < end) {
        at = static_cast<const char*>(std::memchr(at, '-', static_cast<std::size_t>(end - at)));
        if (at == nullptr) break;
        if (end - at > 1 && at[1] == '-') {
            DashLine line{static_cast<std::size_t>(at - begin), DashLineKind::plain};
            if (classify(bytes, line.offset, line.kind)) lines.push_back(line);
            while (at < end && *at == '-') ++at;
        } else {
            ++at;
        }
    }
    return lines;
}

bool has_boundary(const DashedText& text, Range body, std::string_view boundary) {
    for (auto line = first_line_in(text, body); line != text.lines.end() && line->offset < body.end;
         ++line) {
        if (line->kind != DashLineKind::plain) continue;
        if (delimiter_of(words_of(text, *line, body.end), boundary) == Delimiter::part) return true;
    }
    return false;
}

Split split_at_boundary(const DashedText& text, Range body, std::string_view boundary,
                        std::size_t most_parts) {
    Split out;
    out.preamble = {body.begin, body.end};
    out.epilogue = {body.end, body.end};
    std::size_t part_begin = body.end;
    bool is_in_part = false;
    for (auto line = first_line_in(text, body); line != text.lines.end() && line->offset < body.end;
         ++line) {
        if (line->kind != DashLineKind::plain) continue;
        const Delimiter found = delimiter_of(words_of(text, *line, body.end), boundary);
        if (found == Delimiter::none) continue;
        const std::size_t before =
            before_line_break(text.bytes, is_in_part ? part_begin : body.begin, line->offset);
        if (is_in_part)
            out.parts.push_back({part_begin, before});
        else
            out.preamble.end = before;
        part_begin = after_line(text.bytes, line->offset, body.end);
        is_in_part = found == Delimiter::part;
        if (found == Delimiter::end || out.parts.size() >= most_parts) {
            out.has_end = found == Delimiter::end;
            out.epilogue = {part_begin, body.end};
            return out;
        }
    }
    if (is_in_part) out.parts.push_back({part_begin, body.end});
    return out;
}

GuessedSplit split_by_guess(const DashedText& text, Range body, std::size_t most_parts) {
    GuessedSplit out;
    std::vector<std::string_view> labels;
    std::size_t part_begin = 0;
    bool is_in_part = false;
    for (auto line = first_line_in(text, body); line != text.lines.end() && line->offset < body.end;
         ++line) {
        const std::string_view words = without_blank_end(words_of(text, *line, body.end));
        const bool begins_part = has_header_after(text, *line, body.end);
        const bool is_known =
            begins_part || std::any_of(labels.begin(), labels.end(), [&](std::string_view label) {
                return words.starts_with(label);
            });
        if (!is_known) continue;
        if (line->kind == DashLineKind::after_cr) out.has_lone_cr = true;
        if (is_in_part) {
            out.parts.push_back(
                {part_begin, before_line_break(text.bytes, part_begin, line->offset)});
            if (out.parts.size() >= most_parts) return out;
        }
        is_in_part = begins_part;
        part_begin = after_guessed_line(text, *line, body.end);
        if (begins_part && labels.size() < 8 && !words.empty()) {
            if (std::find(labels.begin(), labels.end(), words) == labels.end()) {
                labels.push_back(words);
            }
        }
    }
    if (is_in_part) out.parts.push_back({part_begin, body.end});
    return out;
}

bool has_guessable_part(const DashedText& text, Range body) {
    for (auto line = first_line_in(text, body); line != text.lines.end() && line->offset < body.end;
         ++line) {
        if (has_header_after(text, *line, body.end)) return true;
    }
    return false;
}

}  // namespace cordon
