// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/message/card_files.h"

#include <algorithm>
#include <array>
#include <string>

#include "conf/base/text.h"

namespace cordon {

namespace {

using namespace std::string_view_literals;

// Parameters are short; what is longer than this before its colon is no property.
constexpr std::size_t kMostParameters = 4096;

std::size_t after_line(std::string_view text, std::size_t at) {
    const std::size_t newline = text.find('\n', at);
    return newline == std::string_view::npos ? text.size() : newline + 1;
}

bool is_folded(std::string_view text, std::size_t at) {
    return at < text.size() && (text[at] == ' ' || text[at] == '\t');
}

std::size_t after_property(std::string_view text, std::size_t at) {
    do {
        at = after_line(text, at);
    } while (is_folded(text, at));
    return at;
}

/// vCard 2.1 ends its base64 with an empty line and need not fold: lines without a colon belong to
/// it.
std::size_t after_base64(std::string_view text, std::size_t at) {
    while (at < text.size()) {
        const std::size_t next = after_line(text, at);
        const bool is_property = text.substr(at, next - at).find(':') != std::string_view::npos;
        if (is_property && !is_folded(text, at)) break;
        at = next;
    }
    return at;
}

/// What stands before the value: unfolded, and how long it was with its colon. 0 for no property.
struct Head {
    std::string text;
    std::size_t length = 0;
};

Head head_of(std::string_view property, bool has_quotes = true) {
    Head head;
    bool is_quoted = false;
    property = property.substr(0, kMostParameters);
    for (std::size_t i = 0; i < property.size(); ++i) {
        const char c = property[i];
        if (c == '\r' || c == '\n') {
            if (c == '\n' && is_folded(property, i + 1)) ++i;
            continue;
        }
        if (c == '"' && has_quotes) is_quoted = !is_quoted;
        if (c == ':' && !is_quoted) {
            head.length = i + 1;
            break;
        }
        head.text += c;
    }
    if (head.length == 0 && is_quoted) return head_of(property, false);  // a quote never ended
    return head;
}

std::string unquoted(std::string_view value) {
    std::string out(trim(value));
    std::erase(out, '"');
    return out;
}

/// True when the parameters say base64: ";ENCODING=BASE64", ";ENCODING=b", ";BASE64".
bool read_parameters(std::string_view head, CardFile& file) {
    bool is_base64 = false;
    for (std::size_t at = head.find(';'); at < head.size(); at = head.find(';', at)) {
        const std::size_t end = std::min(head.find(';', ++at), head.size());
        const std::string_view parameter = trim(head.substr(at, end - at));
        const std::size_t equals = parameter.find('=');
        const bool is_bare = equals == std::string_view::npos;
        const std::string name = lower(trim(parameter.substr(0, equals)));
        const std::string value = is_bare ? name : unquoted(parameter.substr(equals + 1));
        if (is_bare || name == "encoding")
            is_base64 = is_base64 || iequals(value, "base64") || iequals(value, "b");
        else if (name == "fmttype" || name == "mediatype")
            file.type = lower(value);
        else if (name.ends_with("filename"))
            file.name = value;
    }
    return is_base64;
}

/// "data:TYPE;base64," at the beginning of a value: its length, or 0.
std::size_t data_uri_head(std::string_view value, CardFile& file) {
    const Head head = head_of(value);  // "data" and its colon
    if (!iequals(trim(head.text), "data")) return 0;
    const std::string_view rest = value.substr(head.length, kMostParameters);
    const std::size_t comma = rest.find(',');
    if (comma == std::string_view::npos) return 0;
    std::string type(rest.substr(0, comma));
    std::erase_if(type, is_space);
    if (!iequals(type.substr(type.rfind(';') + 1), "base64")) return 0;
    file.type = lower(type.substr(0, type.find(';')));
    return head.length + comma + 1;
}

}  // namespace

bool is_card(const Part& part) {
    if (part.is_multipart()) return false;
    std::string_view head = part.bytes().substr(0, 64);
    if (head.starts_with("\xef\xbb\xbf")) head.remove_prefix(3);
    head = trim(head);
    if (istarts_with(head, "BEGIN:VCA")) return true;
    constexpr std::array kTypes = {"text/calendar"sv,    "text/vcard"sv,       "text/x-vcard"sv,
                                   "text/directory"sv,   "text/x-vcalendar"sv, "application/ics"sv,
                                   "application/vcard"sv};
    constexpr std::array kNames = {".ics"sv, ".ical"sv, ".ifb"sv, ".vcs"sv, ".vcf"sv, ".vcard"sv};
    const std::string name = lower(part.name);
    return std::find(kTypes.begin(), kTypes.end(), part.type) != kTypes.end() ||
           std::any_of(kNames.begin(), kNames.end(),
                       [&](std::string_view end) { return name.ends_with(end); });
}

std::optional<CardFile> CardFiles::next() {
    while (at_ < text_.size()) {
        const std::size_t begin = at_;
        at_ = after_property(text_, begin);
        CardFile file;
        const Head head = head_of(text_.substr(begin, at_ - begin));
        if (head.length == 0) continue;
        std::size_t value = begin + head.length;
        const bool is_base64 = read_parameters(head.text, file);
        const std::size_t uri = data_uri_head(text_.substr(value, at_ - value), file);
        if (!is_base64 && uri == 0) continue;
        value += uri;
        at_ = after_base64(text_, at_);
        file.base64 = text_.substr(value, at_ - value);
        return file;
    }
    return std::nullopt;
}

}  // namespace cordon
