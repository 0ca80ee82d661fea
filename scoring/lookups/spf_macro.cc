// SPDX-License-Identifier: GPL-2.0-only
// Macros of SPF (RFC 7208 section 7). Expanding one part is linear in it; how many parts there are
// is bounded by the record.
#include <fmt/format.h>

#include <algorithm>

#include "conf/base/text.h"
#include "scoring/lookups/dns.h"
#include "scoring/lookups/spf_record.h"

namespace cordon {

namespace {

constexpr std::size_t kMaxExpansion = 16384;

/// "%{d2r-}" after the percent sign.
struct Macro {
    char letter = 0;  // lower case
    bool is_upper = false;
    std::size_t parts = 0;  // 0: all
    bool is_reversed = false;
    std::string_view delimiters = ".";
};

std::optional<Macro> parse_macro(std::string_view text) {
    Macro out;
    if (text.empty() || !is_alpha(text.front())) return std::nullopt;
    out.letter = ascii_lower(text.front());
    out.is_upper = text.front() != out.letter;
    text.remove_prefix(1);
    const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
    if (digits > 0) {
        out.parts = static_cast<std::size_t>(
            std::min<std::uint64_t>(parse_unsigned(text.substr(0, digits)).value_or(1000), 1000));
        if (out.parts == 0) return std::nullopt;
        text.remove_prefix(digits);
    }
    if (!text.empty() && ascii_lower(text.front()) == 'r') {
        out.is_reversed = true;
        text.remove_prefix(1);
    }
    if (text.find_first_not_of(".-+,/_=") != std::string_view::npos) return std::nullopt;
    if (!text.empty()) out.delimiters = text;
    return out;
}

/// The address as %{i} has it: dotted bytes, or dotted nibbles in capitals, as the RFC's test suite
/// wants to read them in an explanation (in names it makes no difference).
std::string dotted_address(const IpAddress& ip) {
    if (ip.family() == IpAddress::Family::v4) return ip.to_string();
    std::string out = reversed_address(ip);
    std::reverse(out.begin(), out.end());
    std::transform(out.begin(), out.end(), out.begin(), [](char c) {
        return c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    return out;
}

std::optional<std::string> value_of(char letter, const SpfMacros& macros, bool is_explanation) {
    switch (letter) {
        case 's': return macros.local_part + "@" + macros.sender_domain;
        case 'l': return macros.local_part;
        case 'o': return macros.sender_domain;
        case 'd': return macros.domain;
        case 'i': return dotted_address(macros.client);
        case 'p': return macros.validated;
        case 'v':
            return macros.client.family() == IpAddress::Family::v4 ? std::string("in-addr")
                                                                   : std::string("ip6");
        case 'h': return macros.helo;
        default: break;
    }
    if (!is_explanation) return std::nullopt;
    if (letter == 'c') return macros.client.to_string();
    if (letter == 'r') return macros.receiver;
    if (letter == 't') return fmt::format("{}", macros.now);
    return std::nullopt;
}

std::string transformed(const std::string& value, const Macro& macro) {
    std::vector<std::string_view> parts;
    std::string_view rest = value;
    for (;;) {
        const auto end = rest.find_first_of(macro.delimiters);
        parts.push_back(rest.substr(0, end));
        if (end == std::string_view::npos) break;
        rest.remove_prefix(end + 1);
    }
    if (macro.is_reversed) std::reverse(parts.begin(), parts.end());
    const std::size_t kept = macro.parts == 0 ? parts.size() : std::min(macro.parts, parts.size());
    std::string out;
    for (std::size_t i = parts.size() - kept; i < parts.size(); ++i) {
        out += parts[i];
        if (i + 1 < parts.size()) out += '.';
    }
    return out;
}

std::string url_escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (is_alpha(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~')
            out += c;
        else
            out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return out;
}

std::optional<std::string> expand_one(std::string_view inside, const SpfMacros& macros,
                                      bool is_explanation) {
    const auto macro = parse_macro(inside);
    if (!macro) return std::nullopt;
    const auto value = value_of(macro->letter, macros, is_explanation);
    if (!value) return std::nullopt;
    auto out = transformed(*value, *macro);
    return macro->is_upper ? url_escaped(out) : out;
}

}  // namespace

bool needs_validated_domain(std::string_view text) {
    return icontains(text, "%{p");
}

std::optional<std::string> expand_spf_macros(std::string_view text, const SpfMacros& macros,
                                             bool is_explanation) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (out.size() > kMaxExpansion) return std::nullopt;
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        const char next = i + 1 < text.size() ? text[i + 1] : '\0';
        if (next == '%' || next == '_' || next == '-') {
            out += next == '%' ? "%" : next == '_' ? " " : "%20";
            ++i;
            continue;
        }
        const auto end = next == '{' ? text.find('}', i) : std::string_view::npos;
        if (end == std::string_view::npos) return std::nullopt;
        const auto value = expand_one(text.substr(i + 2, end - i - 2), macros, is_explanation);
        if (!value) return std::nullopt;
        out += *value;
        i = end;
    }
    return out;
}

}  // namespace cordon
