// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/lookups/spf_record.h"

#include <algorithm>
#include <array>
#include <utility>

#include "conf/base/text.h"

namespace cordon {

namespace {

constexpr std::string_view kVersion = "v=spf1";

tl::unexpected<Error> bad_term(std::string_view term) {
    return fail("'" + printable(term, 100) + "' is no term of SPF");
}

/// Letters, digits, hyphens; not all digits, no hyphen at either end.
bool is_top_label(std::string_view label) {
    if (label.empty() || label.front() == '-' || label.back() == '-') return false;
    const bool is_plain = std::all_of(
        label.begin(), label.end(), [](char c) { return is_alpha(c) || is_digit(c) || c == '-'; });
    return is_plain && !std::all_of(label.begin(), label.end(), is_digit);
}

bool is_macro_string(std::string_view text) {
    const bool is_visible =
        std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x21 && c <= 0x7E; });
    return is_visible && expand_spf_macros(text, {}, false).has_value();
}

/// domain-end: a top label behind a dot, or a macro.
bool has_domain_end(std::string_view text) {
    if (text.ends_with('}')) {
        const auto begin = text.rfind("%{");
        return begin != std::string_view::npos &&
               text.substr(begin).find('}') == text.size() - begin - 1;
    }
    if (text.ends_with("%%") || text.ends_with("%_") || text.ends_with("%-")) return true;
    if (text.ends_with('.')) text.remove_suffix(1);
    const auto dot = text.rfind('.');
    return dot != std::string_view::npos && is_top_label(text.substr(dot + 1));
}

bool is_domain_spec(std::string_view text) {
    return !text.empty() && is_macro_string(text) && has_domain_end(text);
}

/// Takes "/24" (or "//64") off the end; nothing when there is a length that is none.
std::optional<unsigned> take_prefix(std::string_view& text, std::string_view slash, unsigned most) {
    const auto digits = text.find_last_not_of("0123456789");
    const auto end =
        digits == std::string_view::npos ? std::string_view() : text.substr(0, digits + 1);
    if (digits == std::string_view::npos || digits + 1 == text.size() || !end.ends_with(slash))
        return most;
    const auto number = text.substr(digits + 1);
    const auto value = parse_unsigned(number);
    if (!value || *value > most || (number.size() > 1 && number.front() == '0'))
        return std::nullopt;
    text = end.substr(0, end.size() - slash.size());
    return static_cast<unsigned>(*value);
}

/// [":" domain-spec] [dual-cidr-length] of a and mx.
bool read_host(SpfTerm& term, std::string_view rest) {
    const auto prefix6 = take_prefix(rest, "//", 128);
    if (!prefix6) return false;
    const auto prefix4 = take_prefix(rest, "/", 32);
    if (!prefix4) return false;
    term.prefix6 = *prefix6;
    term.prefix4 = *prefix4;
    if (rest.empty()) return true;
    if (!rest.starts_with(':') || !is_domain_spec(rest.substr(1))) return false;
    term.domain = rest.substr(1);
    return true;
}

bool read_network(SpfTerm& term, std::string_view rest) {
    if (!rest.starts_with(':')) return false;
    rest.remove_prefix(1);
    const bool is_v4 = term.mechanism == SpfMechanism::ip4;
    const auto prefix = take_prefix(rest, "/", is_v4 ? 32 : 128);
    if (!prefix || is_v4 != (rest.find(':') == std::string_view::npos)) return false;
    const auto address = IpAddress::parse(rest);
    if (!address) return false;
    term.network = {*address, *prefix};
    // A client with an IPv4-mapped address counts as IPv4, and so does a network of such addresses.
    if (!is_v4 && address->family() == IpAddress::Family::v4) {
        if (*prefix >= 96)
            term.network.prefix = *prefix - 96;
        else
            term.network.address = {};
    }
    return true;
}

bool read_domain(SpfTerm& term, std::string_view rest, bool is_optional) {
    if (rest.empty()) return is_optional;
    if (!rest.starts_with(':') || !is_domain_spec(rest.substr(1))) return false;
    term.domain = rest.substr(1);
    return true;
}

bool read_mechanism(SpfTerm& term, std::string_view name, std::string_view rest) {
    constexpr std::array<std::pair<std::string_view, SpfMechanism>, 8> kNames = {{
        {"all", SpfMechanism::all},
        {"include", SpfMechanism::include},
        {"a", SpfMechanism::a},
        {"mx", SpfMechanism::mx},
        {"ptr", SpfMechanism::ptr},
        {"ip4", SpfMechanism::ip4},
        {"ip6", SpfMechanism::ip6},
        {"exists", SpfMechanism::exists},
    }};
    const auto* const known = std::find_if(kNames.begin(), kNames.end(), [&](const auto& entry) {
        return iequals(name, entry.first);
    });
    if (known == kNames.end()) return false;
    term.mechanism = known->second;
    switch (term.mechanism) {
        case SpfMechanism::all: return rest.empty();
        case SpfMechanism::a:
        case SpfMechanism::mx: return read_host(term, rest);
        case SpfMechanism::ip4:
        case SpfMechanism::ip6: return read_network(term, rest);
        case SpfMechanism::ptr: return read_domain(term, rest, true);
        case SpfMechanism::include:
        case SpfMechanism::exists: return read_domain(term, rest, false);
    }
    return false;
}

bool read_modifier(SpfRecord& record, std::string_view name, std::string_view value) {
    for (const auto& [known, place] :
         {std::pair{"redirect", &record.redirect}, {"exp", &record.exp}}) {
        if (!iequals(name, known)) continue;
        if (!place->empty() || !is_domain_spec(value)) return false;
        *place = value;
        return true;
    }
    return is_macro_string(value);
}

Result<void> read_term(SpfRecord& record, std::string_view text) {
    SpfTerm term;
    term.text = printable(text, 200);
    std::string_view rest = text;
    const bool has_qualifier =
        std::string_view("+-~?").find(rest.front()) != std::string_view::npos;
    if (has_qualifier) {
        term.qualifier = rest.front();
        rest.remove_prefix(1);
    }
    const auto is_name = [](char c) {
        return is_alpha(c) || is_digit(c) || c == '-' || c == '_' || c == '.';
    };
    const auto length = static_cast<std::size_t>(
        std::find_if_not(rest.begin(), rest.end(), is_name) - rest.begin());
    const auto name = rest.substr(0, length);
    rest.remove_prefix(length);
    if (name.empty() || !is_alpha(name.front())) return bad_term(text);
    if (rest.starts_with('=')) {
        if (has_qualifier || !read_modifier(record, name, rest.substr(1))) return bad_term(text);
        return {};
    }
    if (!read_mechanism(term, name, rest)) return bad_term(text);
    record.terms.push_back(std::move(term));
    return {};
}

}  // namespace

bool is_spf_record(std::string_view text) {
    return istarts_with(text, kVersion) &&
           (text.size() == kVersion.size() || text[kVersion.size()] == ' ');
}

Result<SpfRecord> parse_spf_record(std::string_view text) {
    SpfRecord record;
    for (const auto term : split(text.substr(kVersion.size()), ' ')) {
        if (term.empty()) continue;
        if (auto done = read_term(record, term); !done) return tl::unexpected(done.error());
    }
    return record;
}

}  // namespace cordon
