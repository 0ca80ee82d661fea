// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/analysis/hostile_texts.h"

#include <algorithm>
#include <cstdint>

#include "conf/base/text.h"

namespace cordon {

namespace {

constexpr std::size_t kMaxCharacters = 12;
constexpr std::size_t kMaxRuns = 6;
constexpr std::size_t kMaxPrefixes = 3;
constexpr std::size_t kLongText = 8192;
constexpr std::size_t kShortText = 1024;
constexpr std::size_t kRepeats = 30;  // two ways for each are more steps than any limit allows
constexpr std::string_view kMiss = "\x01";

/// The literal characters of a pattern, one for each class of characters, and their runs.
class Units {
 public:
    explicit Units(std::string_view pattern) : pattern_(pattern) {
        while (at_ < pattern_.size()) step();
        end_run();
    }

    std::vector<std::string> characters;
    std::vector<std::string> runs;

 private:
    void step();
    void escape();
    void take(std::string character);
    void end_run();

    std::string_view pattern_;
    std::size_t at_ = 0;
    std::string run_;
};

void add_new(std::vector<std::string>& to, std::string text, std::size_t limit) {
    if (to.size() < limit && std::find(to.begin(), to.end(), text) == to.end())
        to.push_back(std::move(text));
}

void Units::take(std::string character) {
    run_ += character;
    add_new(characters, std::move(character), kMaxCharacters);
}

void Units::end_run() {
    if (run_.size() > 1) add_new(runs, run_, kMaxRuns);
    run_.clear();
}

void Units::step() {
    constexpr std::string_view kSyntax = "()[]{}|*+?^$";
    const char c = pattern_[at_];
    if (c == '\\') return escape();
    if (c == '.') add_new(characters, "a", kMaxCharacters);
    if (c == '.' || kSyntax.find(c) != std::string_view::npos) {
        const bool is_head = pattern_.substr(at_).starts_with("(?");
        const auto end = pattern_.find_first_not_of("?:<>=!|", at_ + 1);
        at_ = is_head ? std::min(end, pattern_.size()) : at_ + 1;
        return end_run();
    }
    std::size_t length = 1;
    while (at_ + length < pattern_.size() &&
           (static_cast<unsigned char>(pattern_[at_ + length]) & 0xc0U) == 0x80)
        ++length;
    take(std::string(pattern_.substr(at_, length)));
    at_ += length;
}

void Units::escape() {
    const char c = at_ + 1 < pattern_.size() ? pattern_[at_ + 1] : '\\';
    at_ += 2;
    switch (c) {
        case 'd': return take("1");
        case 's':
        case 'h': return take(" ");
        case 'w':
        case 'D':
        case 'S':
        case 'N':
        case 'p': return take("a");
        case 'W': return take("-");
        case 'n':
        case 'R': return take("\n");
        case 't': return take("\t");
        default: return is_alpha(c) || is_digit(c) ? end_run() : take(std::string(1, c));
    }
}

std::string times(std::string_view unit, std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) out += unit;
    return out;
}

std::string filled(std::string_view unit, std::size_t bytes) {
    return times(unit, std::max<std::size_t>(1, bytes / unit.size()));
}

}  // namespace

std::vector<std::string> hostile_texts(std::string_view pattern) {
    const Units units(pattern);
    std::vector<std::string> prefixes = {""};
    for (const auto& run : units.runs) add_new(prefixes, run, kMaxPrefixes);
    // What a match must hold stands behind the miss, lest its absence end the search at once.
    std::string miss(kMiss);
    for (const auto& unit : units.characters) miss += unit;
    std::vector<std::string> out;
    const auto feed = [&](const std::string& unit) {
        out.push_back(filled(unit, kLongText) + miss);
        for (const auto& prefix : prefixes)
            out.push_back(filled(prefix + times(unit, kRepeats) + miss, kShortText));
    };
    for (const auto& unit : units.characters) feed(unit);
    for (const auto& unit : units.runs) feed(unit);
    return out;
}

}  // namespace cordon
