// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/analysis/scripts.h"

#include <algorithm>
#include <cstdint>

#include "conf/base/text.h"

namespace cordon {

namespace {

constexpr std::size_t kMaxWordBytes = 60;

/// The next code point; invalid bytes count as U+FFFD.
std::uint32_t next_code_point(std::string_view text, std::size_t& at) {
    const auto lead = static_cast<unsigned char>(text[at++]);
    if (lead < 0x80) return lead;
    const unsigned more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc0 ? 1 : 0;
    if (more == 0) return 0xfffd;
    std::uint32_t value = lead & (0x3fU >> more);
    for (unsigned i = 0; i < more; ++i) {
        if (at >= text.size() || (static_cast<unsigned char>(text[at]) & 0xc0U) != 0x80)
            return 0xfffd;
        value = value << 6U | (static_cast<unsigned char>(text[at++]) & 0x3fU);
    }
    return value;
}

bool is_within(std::uint32_t c, std::uint32_t first, std::uint32_t last) {
    return c >= first && c <= last;
}

bool is_latin(std::uint32_t c) {
    return is_within(c, 'a', 'z') || is_within(c, 'A', 'Z') || is_within(c, 0xc0, 0x24f);
}
/// The micro sign and single Greek letters in units and formulas stand beside Latin honestly.
bool is_lookalike(std::uint32_t c) {
    return is_within(c, 0x400, 0x52f) || is_within(c, 0x386, 0x3ce) || is_within(c, 0x531, 0x586);
}
/// Fullwidth letters are none of these: Japanese and Chinese are written with them.
bool is_fancy(std::uint32_t c) {
    return is_within(c, 0x1d400, 0x1d7ff) || is_within(c, 0x1f130, 0x1f189) ||
           is_within(c, 0x24b6, 0x24e9) || is_within(c, 0x1d00, 0x1d6a);
}
/// Marks that no language puts on Latin letters: strokes through them, Syriac, Arabic and Cyrillic
/// signs.
bool is_foreign_mark(std::uint32_t c) {
    return is_within(c, 0x334, 0x338) || is_within(c, 0x20d0, 0x20ea) ||
           is_within(c, 0x730, 0x74a) || is_within(c, 0x483, 0x489) || is_within(c, 0x591, 0x5bd) ||
           is_within(c, 0x610, 0x61a) || is_within(c, 0x64b, 0x65f);
}
/// Joiners (U+200C, U+200D) are left out: Persian, Indian scripts and emoji need them.
bool is_invisible(std::uint32_t c) {
    return c == 0x200b || c == 0x2060 || c == 0xfeff || c == 0x00ad || c == 0x180e ||
           is_within(c, 0x2061, 0x2064) || c == 0x034f;
}
bool is_direction(std::uint32_t c) {
    return is_within(c, 0x202a, 0x202e) || is_within(c, 0x2066, 0x2069);
}

/// All of the above but the soft hyphen stand behind U+0333.
bool may_be_trick(std::uint32_t c) {
    return c == 0x00ad || c > 0x333;
}

struct Word {
    std::size_t begin = 0;
    unsigned latin = 0;
    unsigned lookalikes = 0;
    unsigned hidden = 0;
    bool after_hidden = false;
};

}  // namespace

CharacterTricks find_character_tricks(std::string_view utf8) {
    CharacterTricks found;
    const bool is_ascii = std::none_of(
        utf8.begin(), utf8.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
    if (is_ascii) return found;
    Word word;
    const auto close = [&](std::size_t end) {
        if (word.latin > 1 && word.lookalikes > 0 && word.latin + word.lookalikes > 3) {
            ++found.mixed_words;
            if (found.mixed_word.empty()) {
                found.mixed_word =
                    utf8_prefix(utf8.substr(word.begin, end - word.begin), kMaxWordBytes);
            }
        }
        found.zero_width += word.latin + word.lookalikes > 2 ? word.hidden : 0;
        word = {};
    };
    for (std::size_t at = 0; at < utf8.size();) {
        const std::size_t begin = at;
        const std::uint32_t c = next_code_point(utf8, at);
        if (may_be_trick(c)) {
            if (is_direction(c)) ++found.direction;
            if (is_fancy(c)) ++found.fancy_letters;
            if (is_invisible(c)) {
                if (word.latin + word.lookalikes > 0) word.after_hidden = true;
                continue;
            }
            if (is_foreign_mark(c) && word.latin > 0) {
                ++found.marked_letters;
                continue;
            }
        }
        const bool is_letter = is_latin(c) || is_lookalike(c);
        if (!is_letter) {
            close(begin);
            word.begin = at;
            continue;
        }
        if (word.after_hidden) ++word.hidden;
        word.after_hidden = false;
        word.latin += is_latin(c) ? 1U : 0U;
        word.lookalikes += is_lookalike(c) ? 1U : 0U;
    }
    close(utf8.size());
    return found;
}

}  // namespace cordon
