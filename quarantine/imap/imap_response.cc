// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/imap/imap_response.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "conf/base/text.h"

namespace cordon {

namespace {

constexpr std::size_t kMaxDepth = 16;
constexpr std::size_t kMaxValues = 100'000;

/// The size in "{123}" or "{123+}" at the end of a line; nothing when there is none.
std::optional<std::uint64_t> literal_size(std::string_view line) {
    if (!line.ends_with('}')) return std::nullopt;
    const auto open = line.rfind('{');
    if (open == std::string_view::npos) return std::nullopt;
    auto digits = line.substr(open + 1, line.size() - open - 2);
    if (digits.ends_with('+')) digits.remove_suffix(1);
    return parse_unsigned(digits);
}

std::string upper(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
    return out;
}

/// Reads the values of one response, without recursion: the server chooses the depth.
class ValueReader {
 public:
    explicit ValueReader(std::string_view rest) : rest_(rest) {}

    Result<std::vector<ImapValue>> read();

 private:
    Result<void> step();
    Result<ImapValue> quoted();
    Result<ImapValue> literal();
    ImapValue atom();
    Result<void> put(Result<ImapValue> value);

    std::string_view rest_;
    std::vector<std::vector<ImapValue>> open_{1};  // the lists not closed yet, outermost first
    std::size_t count_ = 0;
};

Result<void> ValueReader::put(Result<ImapValue> value) {
    if (!value) return tl::unexpected(value.error());
    if (++count_ > kMaxValues) return fail("IMAP: too many values in one response");
    open_.back().push_back(std::move(*value));
    return {};
}

Result<ImapValue> ValueReader::quoted() {
    ImapValue out{ImapValue::Kind::string, {}, {}};
    for (std::size_t i = 1; i < rest_.size(); ++i) {
        if (rest_[i] == '"') {
            rest_.remove_prefix(i + 1);
            return out;
        }
        if (rest_[i] == '\\' && i + 1 < rest_.size()) ++i;
        out.text += rest_[i];
    }
    return fail("IMAP: a quoted string without an end");
}

Result<ImapValue> ValueReader::literal() {
    const auto line_end = rest_.find("\r\n");
    const auto size = literal_size(rest_.substr(0, line_end));
    if (line_end == std::string_view::npos || !size || *size > rest_.size() - line_end - 2)
        return fail("IMAP: a malformed literal");
    ImapValue out{ImapValue::Kind::string, std::string(rest_.substr(line_end + 2, *size)), {}};
    rest_.remove_prefix(line_end + 2 + *size);
    return out;
}

/// BODY[HEADER.FIELDS (Date From)] is one atom: what stands in brackets belongs to it.
ImapValue ValueReader::atom() {
    std::size_t end = 0;
    std::size_t brackets = 0;
    for (; end < rest_.size(); ++end) {
        const char c = rest_[end];
        if (c == '[') ++brackets;
        if (c == ']' && brackets > 0) --brackets;
        const bool is_delimiter = c == ' ' || c == '(' || c == ')' || c == '"' || c == '{';
        if (c == '\r' || c == '\n' || (brackets == 0 && is_delimiter)) break;
    }
    ImapValue out{ImapValue::Kind::atom, std::string(rest_.substr(0, end)), {}};
    rest_.remove_prefix(end);
    if (iequals(out.text, "NIL")) out.kind = ImapValue::Kind::nil;
    return out;
}

Result<void> ValueReader::step() {
    switch (rest_.front()) {
        case ' ': rest_.remove_prefix(1); return {};
        case '(':
            rest_.remove_prefix(1);
            if (open_.size() >= kMaxDepth) return fail("IMAP: lists nested too deep");
            open_.emplace_back();
            return {};
        case ')': {
            rest_.remove_prefix(1);
            if (open_.size() == 1) return fail("IMAP: a list is closed that was not opened");
            ImapValue list{ImapValue::Kind::list, {}, std::move(open_.back())};
            open_.pop_back();
            return put(std::move(list));
        }
        case '"': return put(quoted());
        case '{': return put(literal());
        case '\r':
        case '\n': return fail("IMAP: a line end inside a response");
        default: return put(atom());
    }
}

Result<std::vector<ImapValue>> ValueReader::read() {
    while (!rest_.empty())
        if (auto done = step(); !done) return tl::unexpected(done.error());
    if (open_.size() != 1) return fail("IMAP: a list without an end");
    return std::move(open_.front());
}

std::string_view take_word(std::string_view& rest) {
    const auto word = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(rest.size(), word.size() + 1));
    return word;
}

bool is_status_word(std::string_view word) {
    constexpr std::array<std::string_view, 5> kWords = {"OK", "NO", "BAD", "BYE", "PREAUTH"};
    return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

/// "[CODE arguments] text"
void read_status_text(ImapResponse& out, std::string_view rest) {
    if (rest.starts_with('[')) {
        const auto end = rest.find(']');
        if (end != std::string_view::npos) {
            out.code = rest.substr(1, end - 1);
            rest = trim(rest.substr(end + 1));
        }
    }
    out.text = rest;
}

}  // namespace

bool ImapValue::is_atom(std::string_view word) const {
    return kind == Kind::atom && iequals(text, word);
}

bool ImapResponse::is_status() const {
    return is_status_word(word);
}

Result<std::size_t> ImapFramer::next(std::string_view buffer) {
    for (;;) {
        const auto end = buffer.find("\r\n", scanned_);
        if (end == std::string_view::npos) {
            // The CR of a line end that is still coming may be the last byte.
            scanned_ = std::max(scanned_, buffer.empty() ? 0 : buffer.size() - 1);
            if (buffer.size() > limit_) break;
            return std::size_t{0};
        }
        const std::size_t after = end + 2;
        if (after > limit_) break;
        const auto size = literal_size(buffer.substr(line_, end - line_));
        if (!size) {
            line_ = scanned_ = 0;
            return after;
        }
        if (*size > limit_ - after) break;
        line_ = scanned_ = after + *size;  // which may lie beyond what has arrived
    }
    return fail(fmt::format("IMAP: a response of more than {} bytes", limit_));
}

Result<ImapResponse> parse_imap_response(std::string_view bytes) {
    if (!bytes.ends_with("\r\n")) return fail("IMAP: a response without its end");
    auto rest = bytes.substr(0, bytes.size() - 2);
    ImapResponse out;
    if (rest.starts_with('+')) {
        out.kind = ImapResponse::Kind::continuation;
        out.text = trim(rest.substr(1));
        return out;
    }
    const auto tag = take_word(rest);
    if (tag.empty()) return fail("IMAP: a response without a tag");
    if (tag != "*") {
        out.kind = ImapResponse::Kind::tagged;
        out.tag = tag;
    }
    auto word = take_word(rest);
    if (const auto number = parse_unsigned(word); number && out.tag.empty()) {
        if (*number > UINT32_MAX) return fail("IMAP: a number beyond 32 bits");
        out.number = static_cast<std::uint32_t>(*number);
        word = take_word(rest);
    }
    out.word = upper(word);
    if (out.word.empty()) return fail("IMAP: a response without a word");
    if (out.is_status()) {
        read_status_text(out, rest);
        return out;
    }
    if (!out.tag.empty()) return fail("IMAP: an answer that is neither OK, NO nor BAD");
    auto values = ValueReader(rest).read();
    if (!values) return tl::unexpected(values.error());
    out.values = std::move(*values);
    return out;
}

std::optional<std::string> imap_quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7F)
            return std::nullopt;
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

namespace {

/// The next code point of valid UTF-8.
std::uint32_t take_code_point(std::string_view& text) {
    const auto lead = static_cast<unsigned char>(text.front());
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    std::uint32_t value = length == 1 ? lead : lead & (0xFFU >> (length + 1));
    for (std::size_t i = 1; i < length && i < text.size(); ++i)
        value = value << 6U | (static_cast<unsigned char>(text[i]) & 0x3FU);
    text.remove_prefix(std::min(length, text.size()));
    return value;
}

void append_utf16(std::string& out, std::uint32_t value) {
    const auto unit = [&out](std::uint32_t u) {
        out += static_cast<char>(u >> 8U);
        out += static_cast<char>(u & 0xFFU);
    };
    if (value < 0x10000) return unit(value);
    unit(0xD800 + ((value - 0x10000) >> 10U));
    unit(0xDC00 + ((value - 0x10000) & 0x3FFU));
}

}  // namespace

std::string to_modified_utf7(std::string_view utf8) {
    const std::string valid = to_valid_utf8(utf8);
    std::string_view rest = valid;
    std::string out;
    while (!rest.empty()) {
        if (rest.front() >= 0x20 && rest.front() < 0x7F) {
            out += rest.front();
            if (rest.front() == '&') out += '-';
            rest.remove_prefix(1);
            continue;
        }
        std::string shifted;
        while (!rest.empty() && (rest.front() < 0x20 || rest.front() == 0x7F))
            append_utf16(shifted, take_code_point(rest));
        std::string code = to_base64(shifted);
        code.erase(code.find_last_not_of('=') + 1);
        std::replace(code.begin(), code.end(), '/', ',');
        out += '&' + code + '-';
    }
    return out;
}

}  // namespace cordon
