// SPDX-License-Identifier: GPL-2.0-only
// What the classifier looks at in a message: words and character 4-grams of the decoded text,
// chosen header fields, links and structure. Left out is what tells the label for no good reason:
// recipients, dates, what filters and mailboxes add. Linear time, bounded by TokenLimits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "scoring/analysis/analysis.h"
#include "scoring/message/message.h"

namespace cordon {

/// A token is a kind and a text: the same word means something else in a Subject.
enum class TokenKind : std::uint8_t {
    word,       // of the visible text
    gram,       // four characters of it
    subject,    // a word of the Subject
    title,      // four characters of Subject and From
    field,      // name of a header field, or two that follow each other
    header,     // "field:value" of chosen fields
    author,     // parts of From, Reply-To and Sender
    route,      // whom the message came from: addresses and names of relays
    link,       // hosts, paths and sources of links
    structure,  // types, sizes, oddities
};

class TokenSink {
 public:
    TokenSink() = default;
    TokenSink(const TokenSink&) = delete;
    TokenSink& operator=(const TokenSink&) = delete;
    virtual ~TokenSink() = default;

    /// Repeats are the sink's business.
    virtual void token(TokenKind kind, std::string_view text) = 0;
    /// Every four characters that follow each other.
    virtual void grams(TokenKind kind, std::string_view text) = 0;
};

struct TokenLimits {
    std::size_t word_bytes = 32U << 10U;  // of text that is cut into words
    std::size_t gram_bytes = 4U << 10U;   // of text that is cut into 4-grams
    std::size_t header_fields = 100;
    std::size_t value_bytes = 400;  // of one header field
    std::size_t relays = 8;
    std::size_t links = 100;
    std::size_t parts = 50;
};

void tokenize(const Message& message, const EnvelopeFacts& envelope, const TokenLimits& limits,
              TokenSink& sink);

}  // namespace cordon
