// SPDX-License-Identifier: GPL-2.0-only
// What can be said of a regular expression without running it: literals one of which every match
// contains, and whether repeats without bound stand inside each other (which invites stalls).
// Cautious: what is not understood gives no literals.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cordon {

struct RegexStudy {
    std::vector<std::string> any_of;  // lower case; each match contains one of them; empty: unknown
    std::vector<std::size_t> ahead;   // of each: a match that holds it began at most so many bytes
                                      // before its end; 0: no bound
    std::optional<std::size_t>
        longest;                     // bytes of the longest match; nothing: no bound, or lookahead
    bool has_nested_repeat = false;  // like (a+)+
    bool has_ambiguous_repeat = false;  // like (?:a|aa)+
};

struct RegexMode {
    bool is_caseless = false;
    bool is_extended = false;  // flag x: blanks mean nothing
    bool is_utf = true;
    bool is_unicode = false;  // flag u: \w and \d beyond ASCII
};

/// `pattern` is one that PCRE2 compiles.
RegexStudy study_regex(std::string_view pattern, RegexMode mode);

}  // namespace cordon
