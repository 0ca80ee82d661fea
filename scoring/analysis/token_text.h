// SPDX-License-Identifier: GPL-2.0-only
// The pieces of tokenize(): words, shapes, and the tokens of header fields.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "conf/base/ip_address.h"
#include "conf/base/text.h"
#include "scoring/analysis/tokens.h"

namespace cordon {

constexpr std::size_t kMaxWord = 30;  // bytes; of a longer word its start and its length

/// Letters, digits, bytes of other scripts, and what spam writes into words: $ ! % ' -
bool is_word_char(char c);

/// Calls `use` with each word in lower case.
template <typename Use>
void for_each_word(std::string_view text, std::size_t least, Use use) {
    std::string word;
    std::size_t i = 0;
    while (i < text.size()) {
        if (!is_word_char(text[i])) {
            ++i;
            continue;
        }
        const std::size_t begin = i;
        word.clear();
        for (; i < text.size() && is_word_char(text[i]); ++i) {
            if (word.size() < kMaxWord) word += ascii_lower(text[i]);
        }
        if (i - begin < least) continue;
        if (i - begin > kMaxWord) word += i - begin > 2 * kMaxWord ? "++" : "+";
        use(std::string_view(word));
    }
}

/// Runs of capitals, small letters and digits as A, a and 0; other characters as they are.
std::string shape_of(std::string_view text, std::size_t limit);

/// Runs of blanks and line ends as one blank.
std::string fold_blanks(std::string_view text, std::size_t limit);

/// A host and the names above it, at most five.
void add_host(TokenKind kind, std::string_view prefix, std::string_view host, TokenSink& sink);
/// An address and the networks around it.
void add_ip(const IpAddress& ip, TokenSink& sink);

void tokenize_headers(const Message& message, const TokenLimits& limits, TokenSink& sink);

}  // namespace cordon
