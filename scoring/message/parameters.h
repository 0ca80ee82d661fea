// SPDX-License-Identifier: GPL-2.0-only
// Values with parameters: Content-Type and Content-Disposition (RFC 2045 section 5.1, RFC 2183),
// with the continuations, charsets and percent signs of RFC 2231 and the encoded words that mailers
// put there against RFC 2047. Broken ones are read in all the ways that clients read them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scoring/message/limits.h"

namespace cordon {

struct Parameter {
    std::string name;          // lower case, without the * parts
    int section = -1;          // n of NAME*n; -1 when there is none
    bool is_extended = false;  // NAME*=... or NAME*n*=...
    std::string value;         // quotes, escapes and comments undone
    std::string raw;           // as written, trimmed
};

struct ParameterizedValue {
    std::string value;  // lower case, blanks and comments gone: "text/html", "attachment"
    std::vector<Parameter> parameters;
    bool is_broken = false;    // quoting, separators or names that the grammar doesn't know
    bool has_comment = false;  // comments are legal and hardly anybody writes them
};

/// `unfolded` is the field value without line breaks.
ParameterizedValue parse_parameterized(std::string_view unfolded, const Limits& limits);

/// The distinct values that clients may see in a parameter; the first is that of most of them: the
/// extended form, else the plain one. Encoded words are decoded when `decode_words` is set.
std::vector<std::string> parameter_readings(const std::vector<Parameter>& parameters,
                                            std::string_view name, bool decode_words);

/// Percent signs with two hexadecimal digits undone.
std::string percent_decode(std::string_view text);

/// Removes (comments), nested ones too; `removed` tells whether there was one.
std::string without_comments(std::string_view text, bool& removed);

}  // namespace cordon
