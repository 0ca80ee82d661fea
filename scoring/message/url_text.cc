// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/message/url_text.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "conf/base/text.h"
#include "scoring/message/url_domain.h"

namespace cordon {
namespace {

struct Character {
    UChar32 code_point;  // negative for what is not UTF-8
    std::size_t size;
};

Character character_at(std::string_view text, std::size_t at) {
    const auto* const bytes = reinterpret_cast<const std::uint8_t*>(text.data()) + at;
    const auto left = static_cast<int32_t>(std::min<std::size_t>(text.size() - at, 4));
    int32_t size = 0;
    UChar32 code_point = 0;
    U8_NEXT(bytes, size, left, code_point);
    return {code_point, static_cast<std::size_t>(size)};
}

constexpr std::string_view kStops = ".,;:!?";
constexpr std::uint32_t kSpaces = U_GC_Z_MASK | U_GC_CC_MASK;

/// The categories of what mail is mostly written in; ICU's own table costs a call for each
/// character.
constexpr std::size_t kFrequent = 0x10000;

std::vector<std::uint8_t> frequent_categories() {
    std::vector<std::uint8_t> out(kFrequent);
    for (std::size_t c = 0; c < kFrequent; ++c)
        out[c] = static_cast<std::uint8_t>(u_charType(static_cast<UChar32>(c)));
    return out;
}

bool is_of(UChar32 code_point, std::uint32_t categories) {
    static const auto kCategories = frequent_categories();
    const auto place = static_cast<std::size_t>(code_point);
    const int category = place < kFrequent ? kCategories[place] : u_charType(code_point);
    return (U_MASK(category) & categories) != 0;
}

bool is_wide_stop(UChar32 c) {
    return c == 0x3002 || c == 0xFF0E || c == 0xFF61;
}

/// The end of what an URL can hold at all: white space, controls, angle brackets.
bool ends_any_url(std::string_view text, std::size_t at) {
    if (at >= text.size()) return true;
    const char c = text[at];
    if ((c & '\x80') == 0) return c <= ' ' || c == '\x7F' || c == '<' || c == '>' || c == '|';
    const auto character = character_at(text, at);
    return character.code_point < 0 || is_of(character.code_point, kSpaces) ||
           character.code_point == 0xFF5C;
}

char closing(char open) {
    switch (open) {
        case '(': return ')';
        case '[': return ']';
        case '{': return '}';
        case '"': return '"';
        case '\'': return '\'';
        default: return '\0';
    }
}

bool is_last_label_edge(std::string_view host) {
    return !host.empty() && (host.back() == '.' || host.back() == '-' || host.back() == '_');
}

/// Bytes of closing punctuation of other scripts at the end: quotation marks, full-width stops.
std::size_t foreign_punctuation(std::string_view text, std::size_t start, std::size_t end) {
    std::size_t size = 0;
    while (end - size > start && (text[end - size - 1] & '\x80') != 0) {
        std::size_t at = end - size - 1;
        while (at > start && (text[at] & '\xC0') == '\x80') --at;
        const auto character = character_at(text, at);
        if (character.code_point < 0 || !is_of(character.code_point, U_GC_P_MASK)) break;
        size = end - at;
    }
    return size;
}

}  // namespace

std::size_t character_size(std::string_view text, std::size_t at) {
    return (text[at] & '\x80') == 0 ? 1 : character_at(text, at).size;
}

bool is_word_byte(char c) {
    return is_alpha(c) || is_digit(c) || c == '_';
}

std::size_t name_character(std::string_view text, std::size_t at) {
    const char c = text[at];
    if ((c & '\x80') == 0) return kNameBytes.has(c) ? 1 : 0;
    const auto character = character_at(text, at);
    if (character.code_point < 0) return 0;
    if (is_wide_stop(character.code_point)) return character.size;
    return is_of(character.code_point, kSpaces | U_GC_P_MASK) || character.code_point == 0xFF5C
               ? 0
               : character.size;
}

std::size_t name_run_end(std::string_view text, std::size_t at) {
    while ((at = kNameBytes.find_other(text, at)) < text.size()) {
        const auto size = name_character(text, at);
        if (size == 0) break;
        at += size;
    }
    return at;
}

std::size_t link_scheme_size(std::string_view run) {
    for (const std::string_view scheme : {"https", "http", "ftp"}) {
        if (run.size() < scheme.size()) continue;
        const auto start = run.size() - scheme.size();
        const bool is_whole = start == 0 || !is_word_byte(run[start - 1]);
        if (is_whole && iequals(run.substr(start), scheme)) return scheme.size();
    }
    return 0;
}

std::size_t www_position(std::string_view run) {
    for (std::size_t at = 0; at + 4 < run.size(); ++at) {
        const bool is_start = at == 0 || (run[at - 1] & '\x80') != 0;
        if (is_start && istarts_with(run.substr(at), "www.")) return at;
    }
    return std::string_view::npos;
}

std::size_t host_end(std::string_view text, std::size_t at) {
    std::size_t end = at;
    while (end < text.size()) {
        const bool is_double_stop = text[end] == '.' && (end == at || text[end - 1] == '.');
        const auto size = text[end] == '+' || is_double_stop ? 0 : name_character(text, end);
        if (size == 0) break;
        end += size;
    }
    while (end > at && is_last_label_edge(text.substr(at, end - at))) --end;
    while (end > at + 2 && is_wide_stop(character_at(text, end - 3).code_point)) end -= 3;
    return end > at && text[at] != '-' ? end : at;
}

std::size_t port_end(std::string_view text, std::size_t at) {
    if (at >= text.size() || text[at] != ':') return at;
    std::size_t end = at + 1;
    while (end < text.size() && end < at + 7 && is_digit(text[end])) ++end;
    const auto port = parse_unsigned(text.substr(at + 1, end - at - 1));
    return port && *port <= 65535 ? end : at;
}

std::size_t authority_end(std::string_view text, std::size_t at) {
    constexpr std::string_view kEnds = "/\\?#[](){}\"";
    std::size_t end = at;
    std::size_t host = at;
    while (!ends_any_url(text, end) && kEnds.find(text[end]) == std::string_view::npos) {
        if (text[end] == '@') host = end + 1;
        end += character_size(text, end);
    }
    std::size_t host_stop = host;
    if (host < text.size() && text[host] == '[') {
        const auto close = text.substr(host, 64).find(']');
        const auto inner = text.substr(host, close == std::string_view::npos ? 0 : close);
        if (inner.find(':') != std::string_view::npos) host_stop = host + close + 1;
    } else {
        while (host_stop < text.size()) {
            const bool is_escaped = text[host_stop] == '%';
            const auto stop = is_escaped ? host_stop + 1 : host_end(text, host_stop);
            if (stop == host_stop) break;
            host_stop = stop;
        }
    }
    return host_stop == host ? at : port_end(text, host_stop);
}

bool is_ipv4(std::string_view name) {
    if (name.empty() || !is_digit(name.front())) return false;
    const auto fields = split(name, '.');
    return fields.size() == 4 && std::all_of(fields.begin(), fields.end(), [](auto field) {
               const auto number = parse_unsigned(field);
               return number && *number <= 255 && field.size() <= 3;
           });
}

bool is_public_name(std::string_view name) {
    const auto dot = name.rfind('.');
    if (dot == std::string_view::npos || dot == 0 || name.find('_') < dot) return false;
    return is_known_tld(lower(name.substr(dot + 1)));
}

bool is_everyday_word(std::string_view name) {
    constexpr std::array<std::string_view, 6> kFileTypes = {"md", "mov", "ps", "py", "sh", "zip"};
    const auto dot = name.rfind('.');
    const auto last = name.substr(dot + 1);
    if (std::find(kFileTypes.begin(), kFileTypes.end(), lower(last)) != kFileTypes.end())
        return true;
    const auto is_capital = [](char c) { return is_alpha(c) && c != ascii_lower(c); };
    return dot != std::string_view::npos && last.size() >= 2 && dot > 0 && is_capital(last[0]) &&
           !is_capital(last[1]) && !is_capital(name[dot - 1]);
}

/// Behind the closing character, or `at` when white space comes first.
std::size_t UrlPath::after_pair(std::size_t at, char close) {
    auto& unclosed_until = unclosed_until_[static_cast<unsigned char>(close)];
    if (at < unclosed_until) return at;
    std::size_t end = at + 1;
    while (!ends_any_url(text_, end)) {
        if (text_[end] == close) return end == at + 1 && close == '"' ? at : end + 1;
        end += character_size(text_, end);
    }
    unclosed_until = end;
    return at;
}

/// Behind the next piece of the path, or `at` when it ends here.
std::size_t UrlPath::step(std::size_t at) {
    if (ends_any_url(text_, at)) return at;
    const char c = text_[at];
    if (closing(c) != '\0') {
        const auto end = after_pair(at, closing(c));
        if (end != at || c != '\'') return end;
        return at + 1 < text_.size() && (is_word_byte(text_[at + 1]) || text_[at + 1] == '-')
                   ? at + 1
                   : at;
    }
    if (c == ')' || c == ']' || c == '}') return at;
    if (c == '-') {
        std::size_t end = at;
        while (end < text_.size() && text_[end] == '-') ++end;
        return end - at == 3 ? at : end;  // three of them are a dash between words
    }
    return kStops.find(c) == std::string_view::npos ? at + character_size(text_, at)
                                                    : after_stops(at);
}

/// Full stops, commas and the like belong to the URL when more of the URL follows.
std::size_t UrlPath::after_stops(std::size_t at) const {
    std::size_t end = at + 1;
    bool is_doubled = false;
    while (end < text_.size() && kStops.find(text_[end]) != std::string_view::npos) {
        is_doubled = is_doubled || (text_[end] == text_[end - 1] && text_[end] != ':');
        ++end;
    }
    if (ends_any_url(text_, end) || std::string_view(")]}\"'").find(text_[end]) < 5) return at;
    const bool more_follows =
        is_word_byte(text_[end]) || std::string_view("%/&").find(text_[end]) < 3;
    return is_doubled && !more_follows ? at : end;
}

std::size_t UrlPath::end_of(std::size_t at) {
    constexpr std::string_view kStarts = "/\\?#";
    if (at >= text_.size() || kStarts.find(text_[at]) == std::string_view::npos) return at;
    const bool is_slash = text_[at] == '/' || text_[at] == '\\';
    std::size_t end = at + 1;
    while (true) {
        const auto next = step(end);
        if (next == end) break;
        end = next;
    }
    end -= foreign_punctuation(text_, at + 1, end);
    return end == at + 1 && !is_slash ? at : end;
}

}  // namespace cordon
