// SPDX-License-Identifier: GPL-2.0-only
// The catalogue's own rules of form, and its form as lines. Links nothing of the content analysis.
#include "scoring/rules/catalogue.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "conf/base/text.h"

namespace cordon {

namespace {

constexpr double kMaxScore = 1000;  // GTUBE has it; anything beyond is a slip of the pen
constexpr std::size_t kMaxNameBytes = 60;

bool is_upper_snake(std::string_view name) {
    if (name.empty() || name.size() > kMaxNameBytes || name.front() < 'A' || name.front() > 'Z') {
        return false;
    }
    for (const char c : name) {
        if (c != '_' && !is_digit(c) && (c < 'A' || c > 'Z')) return false;
    }
    return true;
}

bool is_plain_line(std::string_view text) {
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return false;
    }
    return true;
}

Result<void> check_score(std::string_view name, double score) {
    if (std::isfinite(score) && std::fabs(score) <= kMaxScore) return {};
    return fail(fmt::format("rule {}: a score lies between -{} and {}", printable(name, 60),
                            kMaxScore, kMaxScore));
}

Result<void> add_line(Catalogue& catalogue, std::string_view line) {
    const auto fields = split(line, '\t');
    if (fields.size() != 4)
        return fail("catalogue line without four fields: " + printable(line, 80));
    RuleInfo info;
    const auto score = fields[1];
    const auto read = std::from_chars(score.data(), score.data() + score.size(), info.score);
    if (read.ec != std::errc{} || read.ptr != score.data() + score.size()) {
        return fail("catalogue line without a score: " + printable(line, 80));
    }
    info.family = std::string(fields[2]);
    info.describe = std::string(fields[3]);
    return catalogue.add(std::string(fields[0]), std::move(info));
}

}  // namespace

Result<void> Catalogue::add(std::string name, RuleInfo info) {
    if (!is_upper_snake(name)) {
        return fail(fmt::format("'{}' is no rule name: use A-Z, 0-9 and _, a letter first",
                                printable(name, kMaxNameBytes)));
    }
    if (trim(info.describe).empty()) return fail("rule " + name + " has no description");
    if (!is_plain_line(info.describe) || !is_plain_line(info.family)) {
        return fail("rule " + name + " has control characters in its description");
    }
    if (auto checked = check_score(name, info.score); !checked) return checked;
    const auto [place, is_new] = rules_.emplace(std::move(name), std::move(info));
    if (!is_new) return fail("rule " + place->first + " stands twice");
    return {};
}

const RuleInfo* Catalogue::find(std::string_view name) const {
    const auto found = rules_.find(name);
    return found == rules_.end() ? nullptr : &found->second;
}

Result<RuleInfo*> Catalogue::rule(std::string_view name, double score) {
    const auto found = rules_.find(name);
    if (found == rules_.end()) {
        return fail(fmt::format("no rule is named {} (see 'cordon rules')", printable(name, 60)));
    }
    if (auto checked = check_score(name, score); !checked) return tl::unexpected(checked.error());
    return &found->second;
}

Result<void> Catalogue::override_score(std::string_view name, double score) {
    const auto found = rule(name, score);
    if (!found) return tl::unexpected(found.error());
    (*found)->score = score;
    return {};
}

Result<void> Catalogue::set_trial_score(std::string_view name, double score) {
    const auto found = rule(name, score);
    if (!found) return tl::unexpected(found.error());
    (*found)->trial_score = score;
    has_trial_scores_ = true;
    return {};
}

std::string Catalogue::to_lines() const {
    std::string out;
    for (const auto& [name, info] : rules_) {
        out += fmt::format("{}\t{}\t{}\t{}\n", name, info.score, info.family, info.describe);
    }
    return out;
}

Result<Catalogue> Catalogue::from_lines(std::string_view lines) {
    Catalogue catalogue;
    for (const auto line : split(lines, '\n')) {
        if (line.empty()) continue;
        if (auto added = add_line(catalogue, line); !added) return fail(added.error().what);
    }
    return catalogue;
}

}  // namespace cordon
