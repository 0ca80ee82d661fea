// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include "conf/base/text.h"
#include "conf/lookup_options.h"

namespace cordon {

namespace {

bool is_name_server(std::string_view text) {
    if (IpAddress::parse(text)) return true;
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return false;
    auto host = text.substr(0, colon);
    const auto port = parse_unsigned(text.substr(colon + 1));
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    return port && *port > 0 && *port <= 65535 && IpAddress::parse(host);
}

}  // namespace

template <>
Result<NameServerList> parse_value(const std::string& text) {
    NameServerList out;
    auto list = words(text);
    out.is_explicit = !list.empty();
    if (list.size() == 1 && list.front() == "system") return out;
    out.is_off = list.size() == 1 && list.front() == "none";
    if (out.is_off) return out;
    for (const auto& word : list) {
        if (!is_name_server(word))
            return fail(
                fmt::format("'{}' is no name server: ADDRESS, ADDRESS:PORT or [ADDRESS]:PORT; or "
                            "system; or none",
                            printable(word, 60)));
    }
    out.value = std::move(list);
    return out;
}

template <>
Result<ScoreList> parse_value(const std::string& text) {
    ScoreList out;
    for (const auto& word : words(text)) {
        const auto equals = word.find('=');
        const auto score = equals == std::string::npos || equals == 0
                               ? Result<Threshold>(fail(""))
                               : parse_value<Threshold>(word.substr(equals + 1));
        if (!score)
            return fail(fmt::format("'{}' is not of the form RULE_NAME=1.5", printable(word, 80)));
        const double value = std::isinf(score->value) ? 0 : score->value;
        if (!out.value.emplace(word.substr(0, equals), value).second)
            return fail(fmt::format("rule {} stands twice", printable(word.substr(0, equals), 60)));
    }
    return out;
}

template <>
Result<Thresholds> parse_value(const std::string& text) {
    Thresholds out;
    for (const auto& word : words(text)) {
        const auto threshold = parse_value<Threshold>(word);
        if (!threshold) return tl::unexpected(threshold.error());
        if (!out.value.empty() && threshold->value < out.value.back().value)
            return fail("the scores for tag, quarantine and reject must rise");
        out.value.push_back(*threshold);
    }
    if (out.value.size() != 3 && !out.value.empty())
        return fail("expected three scores: for tag, quarantine and reject");
    return out;
}

std::string to_text(const NameServerList& value) {
    if (value.is_off) return "none";
    return value.value.empty() ? "system" : to_text(WordList{value.value});
}

}  // namespace cordon
