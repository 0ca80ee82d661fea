// SPDX-License-Identifier: GPL-2.0-only
#include "milter/spam_headers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "conf/base/text.h"

namespace cordon {

namespace {

constexpr std::size_t kMaxLevelStars = 50;
constexpr std::size_t kFoldColumn = 72;
constexpr std::size_t kMaxStatusBytes = 1800;  // Sendmail takes header lines below 2048

/// Names of the hits, and of what else made the decision, so that a header without a high score
/// explains itself.
std::vector<std::string> test_names(const Verdict& verdict) {
    std::vector<std::string> out;
    if (!verdict.virus.empty()) out.emplace_back("VIRUS");
    for (const auto& [kind, name] : {std::pair{Unread::scan_failed, "SCAN_FAILED"},
                                     {Unread::unscanned, "UNSCANNED"},
                                     {Unread::encrypted, "ENCRYPTED"},
                                     {Unread::oversize, "OVERSIZE"}})
        if (verdict.is_unread(kind)) out.emplace_back(name);
    for (const auto& hit : verdict.hits) out.push_back(hit.rule);
    return out;
}

/// "tests=A,B,C" folded at commas; libmilter wants "\n" without a carriage return.
std::string folded_tests(const std::vector<std::string>& names) {
    std::string out = "tests=";
    std::size_t column = out.size();
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (out.size() > kMaxStatusBytes) return out + ",...";
        if (i > 0) out += ',';
        if (i > 0 && column + names[i].size() > kFoldColumn) {
            out += "\n\t";
            column = 8;
        }
        out += names[i];
        column += names[i].size() + 1;
    }
    return names.empty() ? out + "none" : out;
}

}  // namespace

std::vector<HeaderLine> spam_headers(const Verdict& verdict, const Decision& site_decision,
                                     const Policy& site, std::string_view id,
                                     std::string_view results) {
    const bool is_spam = site_decision.action != Action::accept;
    const auto stars = std::clamp(site_decision.score, 0.0, static_cast<double>(kMaxLevelStars));
    return {
        {"Authentication-Results", std::string(results)},
        {"X-Spam-Flag", is_spam ? "YES" : "NO"},
        {"X-Spam-Score", fmt::format("{:.1f}", site_decision.score)},
        {"X-Spam-Status",
         fmt::format("{}, score={:.1f} required={}\n\t{}", is_spam ? "Yes" : "No",
                     site_decision.score, to_text(site.tag), folded_tests(test_names(verdict)))},
        {"X-Spam-Level", std::string(static_cast<std::size_t>(stars), '*')},
        {"X-Cordon-Id", std::string(id)},
    };
}

namespace {

bool is_ours(const std::string& lower_name) {
    constexpr std::array<std::string_view, 4> kNames = {"x-spam-flag", "x-spam-score",
                                                        "x-spam-status", "x-spam-level"};
    return lower_name.starts_with("x-cordon-") ||
           std::find(kNames.begin(), kNames.end(), lower_name) != kNames.end();
}

/// Passes over blanks and comments; one that never ends takes the rest.
std::string_view after_comments(std::string_view text) {
    for (;;) {
        while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
        if (!text.starts_with('(')) return text;
        const auto length = comment_length(text);
        text.remove_prefix(length == 0 ? text.size() : length);
    }
}

std::string quoted_string(std::string_view text) {
    std::string out;
    for (std::size_t i = 1; i < text.size() && text[i] != '"'; ++i) {
        if (text[i] == '\\' && i + 1 < text.size()) ++i;
        out += text[i];
    }
    return out;
}

}  // namespace

std::string authserv_id_of(std::string_view value) {
    value = after_comments(value);
    if (value.starts_with('"')) return lower(quoted_string(value));
    const auto end = value.find_first_of(" \t\r\n;(");
    return lower(value.substr(0, end));
}

void ForgedHeaders::see(std::string_view name, std::string_view value) {
    // "X-Spam-Flag :" is an obsolete spelling that mail clients accept (RFC 5322 section 4.5); MTAs
    // find and count it by the name without the blank.
    name = trim(name);
    const std::string key = lower(name);
    const int index = ++counts_[key];
    const bool is_result = !keeps_results_ && key == "authentication-results" &&
                           authserv_id_of(value) == lower(authserv_id_);
    if (is_ours(key) || is_result) forged_.push_back({std::string(name), index});
}

std::vector<ForgedHeaders::Removal> ForgedHeaders::removals() const {
    return {forged_.rbegin(), forged_.rend()};
}

}  // namespace cordon
