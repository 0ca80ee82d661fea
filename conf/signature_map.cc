// SPDX-License-Identifier: GPL-2.0-only
#include "conf/signature_map.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <cmath>

#include "conf/base/digest.h"
#include "conf/base/text.h"
#include "conf/values.h"

namespace cordon {

namespace {

constexpr std::size_t kMaxPattern = 120;
constexpr std::size_t kMaxStars = 4;  // fnmatch tries every way to divide a name among them
constexpr std::size_t kMaxRuleName = 60;
constexpr std::size_t kDigestLetters = 8;
constexpr std::string_view kUnofficial = ".UNOFFICIAL";

bool is_alphanumeric(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

Result<void> check_pattern(const std::string& pattern) {
    const bool is_plain =
        std::all_of(pattern.begin(), pattern.end(), [](char c) { return c > ' ' && c < 0x7F; });
    if (!is_plain || pattern.size() > kMaxPattern ||
        std::none_of(pattern.begin(), pattern.end(), is_alphanumeric))
        return fail(fmt::format(
            "'{}' is no pattern for signatures: letters or digits among *, ? and [...], no blank",
            printable(pattern, 60)));
    if (std::count(pattern.begin(), pattern.end(), '*') > static_cast<std::ptrdiff_t>(kMaxStars))
        return fail(fmt::format("'{}' has more than {} stars", printable(pattern, 60), kMaxStars));
    // Not read is not clean, whatever libclamav calls it.
    for (const auto& [name, key] : {std::pair{"Heuristics.Limits.", "unscanned"},
                                    std::pair{"Heuristics.Encrypted", "encrypted"}})
        if (pattern.starts_with(name))
            return fail(
                fmt::format("{}: what happens to such mail says '{}' in [policy]", pattern, key));
    return {};
}

bool matches(const std::string& pattern, std::string_view name) {
    return ::fnmatch(pattern.c_str(), std::string(name).c_str(), 0) == 0;
}

}  // namespace

Result<SignatureEntry> parse_signature(const std::string& pattern, const std::string& value) {
    if (auto checked = check_pattern(pattern); !checked) return tl::unexpected(checked.error());
    if (iequals(value, "ignore")) return SignatureEntry{pattern, SignatureEntry::Meaning::ignore};
    if (iequals(value, "virus")) return SignatureEntry{pattern, SignatureEntry::Meaning::virus};
    const auto score = parse_value<Threshold>(value);
    if (!score || !std::isfinite(score->value))
        return fail(fmt::format("{} = {}: expected a score, 'ignore' or 'virus'", pattern,
                                printable(value, 60)));
    return SignatureEntry{pattern, SignatureEntry::Meaning::score, score->value};
}

const SignatureEntry* signature_for(const SignatureMap& map, std::string_view name) {
    const auto plain =
        name.ends_with(kUnofficial) ? name.substr(0, name.size() - kUnofficial.size()) : name;
    const SignatureEntry* best = nullptr;
    for (const auto& entry : map) {
        if (best != nullptr && entry.pattern.size() <= best->pattern.size()) continue;
        if (matches(entry.pattern, name) || matches(entry.pattern, plain)) best = &entry;
    }
    return best;
}

std::string rule_name(const SignatureEntry& entry) {
    std::string out = "SIGNATURE";
    bool is_gap = true;
    for (const char c : entry.pattern) {
        if (is_alphanumeric(c)) out += fmt::format("{}{}", is_gap ? "_" : "", c);
        is_gap = !is_alphanumeric(c);
    }
    if (out.size() > kMaxRuleName)
        out = out.substr(0, kMaxRuleName - kDigestLetters - 1) + "_" +
              sha256_hex(entry.pattern).substr(0, kDigestLetters);
    std::transform(out.begin(), out.end(), out.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    return out;
}

std::string describe(const SignatureEntry& entry) {
    return "ClamAV reports a signature that [signatures] scores: " + entry.pattern;
}

}  // namespace cordon
