// SPDX-License-Identifier: GPL-2.0-only
#include "conf/dns_lists.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "conf/base/text.h"

namespace cordon {

namespace {

constexpr std::array<std::string_view, 6> kSubjects = {"client", "received", "helo",
                                                       "sender", "url",      "email"};

std::string upper(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const char small = ascii_lower(c);
        out += small >= 'a' && small <= 'z' ? static_cast<char>(small - 32) : c == '-' ? '_' : c;
    }
    return out;
}

bool is_word(std::string_view text) {
    return !text.empty() && text.size() <= 24 && std::all_of(text.begin(), text.end(), [](char c) {
        return is_alpha(c) || is_digit(c) || c == '-' || c == '_';
    });
}

/// The addresses of "127.0.0.4-7" or "127.0.1.0/24".
std::optional<std::pair<IpAddress, IpAddress>> parse_range(std::string_view text) {
    if (const auto dash = text.find('-'); dash != std::string_view::npos) {
        const auto begin = text.substr(0, dash);
        auto end = std::string(text.substr(dash + 1));
        if (end.find('.') == std::string::npos)
            end = std::string(begin.substr(0, begin.rfind('.') + 1)) + end;
        const auto first = IpAddress::parse(begin);
        const auto last = IpAddress::parse(end);
        if (!first || !last) return std::nullopt;
        return std::pair{*first, *last};
    }
    const auto network = IpNetwork::parse(text);
    if (!network || network->address.family() != IpAddress::Family::v4) return std::nullopt;
    std::string last;
    for (unsigned i = 0; i < 4; ++i) {
        const unsigned kept = network->prefix > i * 8 ? std::min(8U, network->prefix - i * 8) : 0;
        const unsigned byte = network->address.bytes().at(i) | 0xFFU >> kept;
        last += fmt::format("{}{}", i == 0 ? "" : ".", byte);
    }
    return std::pair{network->address, IpAddress::parse(last).value_or(IpAddress())};
}

}  // namespace

Result<DnsListAnswer> parse_list_answer(std::string_view text) {
    const auto parts = split(text, ':');
    const auto mask = parts[0].find('&');
    const bool is_masked = mask != std::string_view::npos;
    const auto range = parse_range(is_masked ? std::string(parts[0].substr(0, mask)) + "/24"
                                             : std::string(parts[0]));
    const auto bits = is_masked ? parse_unsigned(parts[0].substr(mask + 1)).value_or(0) : 0;
    DnsListAnswer out;
    if (!range || parts.size() > 3 || (parts.size() > 1 && !is_word(parts[1])) || bits > 255 ||
        is_masked != (bits != 0))
        return fail(
            fmt::format("'{}' is no answer like 127.0.0.2, 127.0.0.4-7:LABEL, 127.0.0.0&8:LABEL or "
                        "127.0.1.0/24:LABEL:SCORE",
                        printable(text, 80)));
    out.bits = static_cast<unsigned>(bits);
    out.first = range->first;
    out.last = range->second;
    if (parts.size() > 1) out.label = upper(parts[1]);
    if (parts.size() > 2) {
        const auto score = parse_value<Threshold>(std::string(parts[2]));
        if (!score || score->value == Threshold::kOff)
            return fail(fmt::format("'{}' is not a score", printable(parts[2], 40)));
        out.score = score->value;
    }
    return out;
}

Result<void> check_dns_list(const DnsListOptions& list) {
    if (!is_word(list.name)) return fail("a list is named by letters, digits and hyphens");
    if (list.zone.find('.') == std::string::npos) return fail("zone is missing");
    if ((list.zone.find("{key}") != std::string::npos) != !list.key_file.empty())
        return fail("zone holds {key} exactly when there is a key-file");
    if (list.hash != "sha1" && list.hash != "sha256" && list.hash != "md5")
        return fail("hash is md5, sha1 or sha256");
    if (list.looks_at.value.empty()) return fail("looks-at names nothing: client, url, ...");
    for (const auto& word : list.looks_at.value) {
        if (std::find(kSubjects.begin(), kSubjects.end(), word) == kSubjects.end())
            return fail(
                fmt::format("looks-at: '{}' is none of client, received, helo, sender, url "
                            "and email",
                            printable(word, 40)));
    }
    for (const auto& word : list.answers.value)
        if (const auto answer = parse_list_answer(word); !answer)
            return wrap("answers", answer.error());
    return {};
}

std::string rule_name(const DnsListOptions& list, std::string_view label) {
    const auto name = "DNSBL_" + upper(list.name);
    return label.empty() ? name : name + "_" + std::string(label);
}

std::vector<DnsListRule> rules_of(const DnsListOptions& list) {
    std::vector<DnsListRule> out;
    const auto add = [&](const std::string& label, double score) {
        const auto name = rule_name(list, label);
        const bool is_known = std::any_of(out.begin(), out.end(),
                                          [&](const auto& rule) { return rule.name == name; });
        if (is_known) return;
        out.push_back(
            {name, score,
             fmt::format("Listed by {}{}{}", list.zone, label.empty() ? "" : " as ", label)});
    };
    add("", list.score.value);
    for (const auto& word : list.answers.value) {
        const auto answer = parse_list_answer(word);
        if (answer) add(answer->label, answer->score.value_or(list.score.value));
    }
    return out;
}

}  // namespace cordon
