// SPDX-License-Identifier: GPL-2.0-only
// See mime_split.h. Dashes are rare in encoded content, so looking for them costs next to nothing.
#include "scoring/message/mime_split.h"

#include <algorithm>
#include <cstring>

#include "conf/base/text.h"
#include "scoring/message/mime.h"
#include "scoring/message/url_bytes.h"

namespace cordon {

namespace {

constexpr std::size_t kLongestIndent = 8;
constexpr std::size_t kLongestLine = 8192;  // of a delimiter
constexpr std::size_t kMostBareTries = 200;
constexpr ByteSet kLineEnds("\r\n");

bool is_indent(char c) {
    return c != '\n' && c != '\r' && (static_cast<unsigned char>(c) <= ' ' || c == '\x7f');
}

/// Whether the dash is that of "Content-" at the start of a line.
bool is_content_field(std::string_view bytes, std::size_t dash) {
    constexpr std::string_view kWord = "content";
    if (dash < kWord.size() || !iequals(bytes.substr(dash - kWord.size(), kWord.size()), kWord))
        return false;
    const std::size_t begin = dash - kWord.size();
    return begin == 0 || bytes[begin - 1] == '\n' || bytes[begin - 1] == '\r';
}

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
    while (i > 0 && at - i < kLongestIndent && is_indent(bytes[i - 1])) --i;
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
    return words.substr(0, is_plain ? words.find('\n') : kLineEnds.find_in(words));
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
    std::size_t end = kLineEnds.find_in(rest);
    if (end == rest.size()) return begin + end;
    if (rest.substr(end).starts_with("\r\n")) ++end;
    return begin + end + 1;
}

bool has_header_after(const DashedText& text, const DashLine& line, std::size_t body_end) {
    const std::size_t begin = after_guessed_line(text, line, body_end);
    return begins_with_mime_field(text.view({begin, body_end}));
}

/// Where the first empty line ends; the size of the text when there is none.
std::size_t after_header(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = text.find('\n', at);
        if (end == std::string_view::npos) break;
        const std::string_view line = text.substr(at, end - at);
        at = end + 1;
        if (line.empty() || line == "\r") return at;
    }
    return text.size();
}

/// A field with a colon, in a header that says how what follows is encoded.
bool is_bare_header(const DashedText& text, const DashLine& line, std::size_t body_end) {
    constexpr std::size_t kLongestHeader = 512;
    const std::string_view rest =
        text.view({line.offset, std::min(body_end, line.offset + kLongestHeader)});
    if (!begins_with_mime_field(rest)) return false;
    const std::string_view header = rest.substr(0, after_header(rest));
    return header.size() < rest.size() && icontains(header, "content-transfer-encoding");
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
            const auto dash = static_cast<std::size_t>(at - begin);
            if (is_content_field(bytes, dash)) lines.push_back({dash - 7, DashLineKind::field});
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

namespace {

/// Collects parts by guessing: by delimiters that look like some, and by headers without any.
class Guesser {
 public:
    Guesser(const DashedText& text, Range body, std::size_t most_parts)
        : text_(text), body_(body), most_parts_(most_parts) {}

    GuessedSplit run() {
        for (auto line = first_line_in(text_, body_);
             line != text_.lines.end() && line->offset < body_.end; ++line) {
            const bool goes_on =
                line->kind == DashLineKind::field ? take_field(*line) : take_dashes(*line);
            if (!goes_on) return std::move(out_);
        }
        if (is_in_part_) out_.parts.push_back({part_begin_, body_.end});
        return std::move(out_);
    }

 private:
    bool take_dashes(const DashLine& line) {
        const std::string_view words = without_blank_end(words_of(text_, line, body_.end));
        const bool begins_part = has_header_after(text_, line, body_.end);
        const bool is_known = begins_part || is_label(words);
        if (!is_known) return true;
        if (line.kind == DashLineKind::after_cr) out_.has_lone_cr = true;
        if (!end_part(line.offset)) return false;
        if (begins_part) begin_part(after_guessed_line(text_, line, body_.end));
        if (begins_part && labels_.size() < 8 && !words.empty() &&
            std::find(labels_.begin(), labels_.end(), words) == labels_.end())
            labels_.push_back(words);
        return true;
    }

    /// The first field of a header that no delimiter stands before.
    bool take_field(const DashLine& line) {
        if (is_in_part_ && line.offset < header_end_) return true;
        if (++bare_tries_ > kMostBareTries || !is_bare_header(text_, line, body_.end)) return true;
        if (!end_part(line.offset)) return false;
        begin_part(line.offset);
        return true;
    }

    bool is_label(std::string_view words) const {
        return std::any_of(labels_.begin(), labels_.end(),
                           [words](std::string_view label) { return words.starts_with(label); });
    }

    void begin_part(std::size_t at) {
        is_in_part_ = true;
        part_begin_ = at;
        header_end_ = at + after_header(text_.view({at, std::min(body_.end, at + kLongestLine)}));
    }

    /// False when there are enough of them.
    bool end_part(std::size_t at) {
        if (!is_in_part_) return true;
        is_in_part_ = false;
        out_.parts.push_back({part_begin_, before_line_break(text_.bytes, part_begin_, at)});
        return out_.parts.size() < most_parts_;
    }

    const DashedText& text_;
    Range body_;
    std::size_t most_parts_;
    GuessedSplit out_;
    std::vector<std::string_view> labels_;
    std::size_t part_begin_ = 0;
    std::size_t header_end_ = 0;
    std::size_t bare_tries_ = 0;
    bool is_in_part_ = false;
};

}  // namespace

GuessedSplit split_by_guess(const DashedText& text, Range body, std::size_t most_parts) {
    return Guesser(text, body, most_parts).run();
}

bool has_guessable_part(const DashedText& text, Range body) {
    for (auto line = first_line_in(text, body); line != text.lines.end() && line->offset < body.end;
         ++line) {
        if (line->kind != DashLineKind::field && has_header_after(text, *line, body.end))
            return true;
    }
    return false;
}

bool has_bare_part(const DashedText& text, Range body) {
    std::size_t tries = 0;
    for (auto line = first_line_in(text, body); line != text.lines.end() && line->offset < body.end;
         ++line) {
        if (line->kind != DashLineKind::field) continue;
        if (is_bare_header(text, *line, body.end)) return true;
        if (++tries == kMostBareTries) return false;
    }
    return false;
}

}  // namespace cordon
