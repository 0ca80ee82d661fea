// SPDX-License-Identifier: GPL-2.0-only
// Sets of literals one of which a regular expression needs. Internal to regex_study.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "conf/base/text.h"

namespace cordon {

/// `ahead`: bytes from where a match begins to the literal's end, at most; from kUnbounded on
/// without bound.
struct Literal {
    std::string text;
    std::size_t ahead = 0;
};
using Literals = std::vector<Literal>;

constexpr std::size_t kMinLiteral = 2;
constexpr std::size_t kMaxExact = 8;  // texts that are joined with their neighbours

/// A dollar sign is as rare in texts as two letters are.
inline std::size_t shortest(const Literals& literals) {
    std::size_t length = literals.empty() ? 0 : std::string::npos;
    for (const auto& [text, ahead] : literals)
        length = std::min(length, text == "$" ? kMinLiteral : text.size());
    return length;
}

/// Long literals are rare in texts, many alternatives make a hit likely.
inline bool is_better(const Literals& a, const Literals& b) {
    if (shortest(a) < kMinLiteral) return false;
    if (b.empty()) return true;
    const auto value = [](const Literals& set) {
        return static_cast<long>(shortest(set)) * 8 - static_cast<long>(set.size());
    };
    return value(a) > value(b);
}

/// `run` followed by one of `next`; false when that would be too many.
inline bool append(Literals& run, const Literals& next) {
    Literals all;
    for (const auto& head : run) {
        for (const auto& tail : next)
            all.push_back({head.text + tail.text, head.ahead + tail.ahead});
    }
    if (all.size() > kMaxExact) return false;
    run = std::move(all);
    return true;
}

/// The literals as they are when up to `bytes` stand before what they were found in.
inline Literals behind(Literals literals, std::size_t bytes) {
    for (auto& literal : literals) literal.ahead += bytes;
    return literals;
}

/// Some text can be put together from these words in two ways (Sardinas and Patterson): what is
/// left when one reading is ahead of another must never be a word.
inline bool is_ambiguous(const Literals& literals, bool is_caseless) {
    std::vector<std::string> words;
    for (const auto& literal : literals)
        if (!literal.text.empty())
            words.push_back(is_caseless ? lower(literal.text) : literal.text);
    std::vector<std::string> rests;
    bool has_twice = false;
    const auto compare = [&](std::string_view ahead, std::string_view behind) {
        has_twice = has_twice || ahead == behind;
        if (ahead.size() <= behind.size() || !ahead.starts_with(behind)) return;
        std::string rest(ahead.substr(behind.size()));
        if (std::find(rests.begin(), rests.end(), rest) == rests.end())
            rests.push_back(std::move(rest));
    };
    for (std::size_t i = 0; i < words.size(); ++i)
        for (std::size_t j = 0; j < words.size(); ++j)
            if (i != j) compare(words[i], words[j]);
    // Each rest is the end of a word, so that there are few.
    for (std::size_t i = 0; i < rests.size() && !has_twice; ++i) {
        const std::string rest = rests[i];
        for (const auto& word : words) {
            compare(rest, word);
            compare(word, rest);
        }
    }
    return has_twice;
}

}  // namespace cordon
