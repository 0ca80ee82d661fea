// SPDX-License-Identifier: GPL-2.0-only
// A compiled PCRE2 expression. Compiled once in the zygote (JIT where memory may be made
// executable); matching afterwards needs no executable memory, only a small heap block for each
// Scratch. Matching can't stall: match and heap limits, and long texts are searched in pieces.
#pragma once

#include <pcre2.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conf/base/owned.h"
#include "conf/base/result.h"
#include "scoring/analysis/regex_study.h"

namespace cordon {

/// What one thread needs while it matches.
class RegexScratch {
 public:
    RegexScratch();

 private:
    friend class Regex;
    Owned<pcre2_match_data, pcre2_match_data_free> data_;
    Owned<pcre2_match_context, pcre2_match_context_free> context_;
};

class Regex {
 public:
    enum class Outcome : std::uint8_t { no, yes, limit };
    struct Found {
        Outcome outcome = Outcome::no;
        std::size_t begin = 0;
        std::size_t end = 0;
    };

    /// Texts longer than this are searched in pieces that overlap by kOverlap; `^`, `$`, `\b` and
    /// lookbehinds still see the whole text. What crosses a piece is found up to kOverlap bytes.
    static constexpr std::size_t kPiece = 8192;
    static constexpr std::size_t kOverlap = 1024;

    /// `flags` of i, m, s, u, x. With is_utf the texts must be valid UTF-8: it is not checked
    /// again. \w, \d and \b are ASCII unless the flag u asks for Unicode's.
    static Result<Regex> compile(std::string_view pattern, std::string_view flags, bool is_utf);

    /// Where a match may begin, both ends included.
    struct Starts {
        std::size_t first = 0;
        std::size_t last = 0;
    };
    /// The first match that begins in `starts` (widened to whole characters).
    Found find(std::string_view text, Starts starts, RegexScratch& scratch) const;

    const std::string& pattern() const { return pattern_; }
    /// One of these (lower case) occurs in each match; empty when unknown.
    const std::vector<std::string>& literals() const { return study_.any_of; }
    /// Of literal `i`: where a match that holds it may begin, in bytes before the literal's end.
    /// Nothing: anywhere before.
    std::optional<std::size_t> ahead(std::size_t i) const {
        const std::size_t bytes = study_.ahead[i];
        return bytes == 0 ? std::nullopt : std::optional(bytes);
    }
    /// Bytes of the longest match, when there is a bound.
    std::optional<std::size_t> longest() const { return study_.longest; }

 private:
    Regex() = default;
    Found find_in_piece(std::string_view text, Starts starts, std::size_t end,
                        RegexScratch& scratch) const;

    Owned<pcre2_code, pcre2_code_free> code_;
    std::string pattern_;
    RegexStudy study_;
    bool is_utf_ = true;
};

}  // namespace cordon
