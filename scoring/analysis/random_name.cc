// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/analysis/random_name.h"

#include <algorithm>
#include <array>

#include "conf/base/text.h"

namespace cordon {

namespace {

using namespace std::string_view_literals;

/// For each letter what hardly ever follows it: less than one pair in 8,000 of the word lists.
constexpr std::array<std::string_view, 26> kRareAfter = {
    ""sv,                           // a
    "cdjmpqvx"sv,                   // b
    "bdfgjmnpvwxz"sv,               // c
    "fjkpqxz"sv,                    // d
    ""sv,                           // e
    "cdhjkmpqvx"sv,                 // f
    "cdfjpqvwxz"sv,                 // g
    "cdhjpqvx"sv,                   // h
    "wy"sv,                         // i
    "bcdfghjklmnpqrstvwxyz"sv,      // j
    "cdfjkmpqvwx"sv,                // k
    "jqx"sv,                        // l
    "hjqrvxz"sv,                    // m
    ""sv,                           // n
    ""sv,                           // o
    "bcdgjkmnqvwxz"sv,              // p
    "abcdefghijklmnopqrstvwxyz"sv,  // q
    "x"sv,                          // r
    "jx"sv,                         // s
    "djqx"sv,                       // t
    "uy"sv,                         // u
    "bcdfghjklmnpqstwxyz"sv,        // v
    "bcfgjkmpqtvwxyz"sv,            // w
    "bdfghjklmnqrvwxyz"sv,          // x
    "fhjkqvxyz"sv,                  // y
    "dfhjkmpqrvxy"sv,               // z
};

constexpr std::size_t kMaxName = 64;

bool is_rare(char first, char second) {
    const auto& rare = kRareAfter[static_cast<std::size_t>(first - 'a')];
    return rare.find(second) != std::string_view::npos;
}

}  // namespace

bool is_random_name(std::string_view name) {
    if (name.size() > kMaxName) return false;
    std::size_t pairs = 0;
    std::size_t rare = 0;
    std::size_t turns = 0;  // between letters and digits
    for (std::size_t i = 1; i < name.size(); ++i) {
        const char a = ascii_lower(name[i - 1]);
        const char b = ascii_lower(name[i]);
        if (is_digit(a) != is_digit(b) && (is_alpha(a) || is_alpha(b))) ++turns;
        if (!is_alpha(a) || !is_alpha(b)) continue;
        ++pairs;
        if (is_rare(a, b)) ++rare;
    }
    // Newsletters encode the reader in the address: "bounce-3.20211-x9", with separators.
    const bool is_tagged = name.find_first_of("-+=._#") != std::string_view::npos;
    return (rare >= 2 && rare * 5 >= pairs) || (!is_tagged && (rare >= 3 || turns >= 4));
}

}  // namespace cordon
