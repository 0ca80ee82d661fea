// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/lookups/tag_list.h"

#include <algorithm>
#include <cstdint>

#include "conf/base/text.h"

namespace cordon {

namespace {

constexpr std::size_t kMaxTags = 100;

bool is_tag_name(std::string_view name) {
    return !name.empty() && is_alpha(name.front()) &&
           std::all_of(name.begin(), name.end(),
                       [](char c) { return is_alpha(c) || is_digit(c) || c == '_'; });
}

/// Visible ASCII, blanks and folds; bytes beyond ASCII are internationalized mail (RFC 8616).
bool is_tag_value(std::string_view value) {
    return std::all_of(value.begin(), value.end(), [](char c) {
        return is_space(c) || (static_cast<unsigned char>(c) > 0x20 && c != 0x7F && c != ';');
    });
}

int base64_digit(char c) {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (is_digit(c)) return c - '0' + 52;
    if (c == '+') return 62;
    return c == '/' ? 63 : -1;
}

}  // namespace

std::optional<TagList> TagList::parse(std::string_view text) {
    TagList out;
    for (std::size_t begin = 0; begin < text.size();) {
        const auto end = std::min(text.find(';', begin), text.size());
        const auto spec = text.substr(begin, end - begin);
        const bool is_last = end == text.size();
        if (is_last && trim(spec).empty() && begin > 0) break;  // behind the final ";"
        const auto equals = spec.find('=');
        if (equals == std::string_view::npos || out.tags_.size() >= kMaxTags) return std::nullopt;
        Tag tag{trim(spec.substr(0, equals)), trim(spec.substr(equals + 1)), begin + equals + 1,
                end};
        if (!is_tag_name(tag.name) || !is_tag_value(tag.value) || out.has(tag.name))
            return std::nullopt;
        out.tags_.push_back(tag);
        begin = end + 1;
    }
    return out;
}

const TagList::Tag* TagList::tag(std::string_view name) const {
    const auto found = std::find_if(tags_.begin(), tags_.end(),
                                    [name](const Tag& tag) { return tag.name == name; });
    return found == tags_.end() ? nullptr : &*found;
}

std::string_view TagList::value(std::string_view name, std::string_view otherwise) const {
    const auto* const found = tag(name);
    return found == nullptr ? otherwise : found->value;
}

std::vector<std::string> colon_list(std::string_view value) {
    std::vector<std::string> out;
    for (const auto item : split(value, ':')) out.emplace_back(trim(item));
    return out;
}

std::optional<std::string> decode_base64(std::string_view text) {
    std::string out;
    out.reserve(text.size() * 3 / 4);
    std::uint32_t bits = 0;
    unsigned digits = 0;
    unsigned padding = 0;
    for (const char c : text) {
        if (is_space(c)) continue;
        if (c == '=') {
            if (++padding > 2) return std::nullopt;
            continue;
        }
        const int digit = base64_digit(c);
        if (digit < 0 || padding > 0) return std::nullopt;
        bits = bits << 6U | static_cast<std::uint32_t>(digit);
        if (++digits % 4 == 0) {
            for (const unsigned shift : {16U, 8U, 0U})
                out += static_cast<char>(bits >> shift & 0xFFU);
            bits = 0;
        }
    }
    const unsigned rest = digits % 4;
    if (rest == 1 || (padding > 0 && (rest + padding) % 4 != 0)) return std::nullopt;
    if (rest >= 2) out += static_cast<char>(bits >> (rest == 2 ? 4U : 10U) & 0xFFU);
    if (rest == 3) out += static_cast<char>(bits >> 2U & 0xFFU);
    return out;
}

}  // namespace cordon
