// SPDX-License-Identifier: GPL-2.0-only
// Tricks with characters: words of letters that look alike, characters that nobody sees.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cordon {

struct CharacterTricks {
    std::size_t zero_width = 0;      // invisible characters inside words
    std::size_t direction = 0;       // overrides of the reading direction
    std::size_t mixed_words = 0;     // words of Latin and Cyrillic or Greek letters
    std::size_t fancy_letters = 0;   // letters taken from mathematics and the like
    std::size_t marked_letters = 0;  // Latin letters struck through, or with marks of other scripts
    std::string mixed_word;          // the first of them
};

/// `utf8` is valid.
CharacterTricks find_character_tricks(std::string_view utf8);

}  // namespace cordon
