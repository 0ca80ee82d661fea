// SPDX-License-Identifier: GPL-2.0-only
// Responses of an IMAP server (RFC 3501 section 7): where one ends, and what it says. Bounded in
// size, values and depth; linear in the bytes; what it does not understand is an error, never a
// guess.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conf/base/result.h"

namespace cordon {

/// An atom, a string (quoted or literal), NIL, or a list of such.
struct ImapValue {
    enum class Kind : std::uint8_t { atom, string, nil, list };
    Kind kind = Kind::nil;
    std::string text;
    std::vector<ImapValue> items;

    bool is_list() const { return kind == Kind::list; }
    /// An atom that reads so, whatever the case.
    bool is_atom(std::string_view word) const;
};

struct ImapResponse {
    enum class Kind : std::uint8_t { untagged, tagged, continuation };
    Kind kind = Kind::untagged;
    std::string tag;                      // of a tagged one
    std::optional<std::uint32_t> number;  // of "* 12 EXISTS"
    std::string word;               // OK, NO, BAD, BYE, PREAUTH, EXISTS, FETCH ...; upper case
    std::string code;               // in the brackets of a status: "APPENDUID 38505 3955"
    std::string text;               // after them, or after "+"
    std::vector<ImapValue> values;  // of data

    bool is_status() const;
};

/// Finds the end of a response in bytes that arrive piece by piece, and looks at each byte once.
class ImapFramer {
 public:
    explicit ImapFramer(std::size_t limit) : limit_(limit) {}

    void set_limit(std::size_t limit) { limit_ = limit; }
    /// Length of the response at the start of `buffer`, 0 while it is not whole; an error when it
    /// would be longer than the limit. `buffer` only grows until a length was given.
    Result<std::size_t> next(std::string_view buffer);

 private:
    std::size_t limit_;
    std::size_t line_ = 0;     // where the line begins that is being looked at
    std::size_t scanned_ = 0;  // no line end before this
};

/// `bytes` is one whole response with its CRLF.
Result<ImapResponse> parse_imap_response(std::string_view bytes);

/// A name or value in a command: quoted where that can be, nothing when it needs a literal.
std::optional<std::string> imap_quoted(std::string_view text);

/// Names of folders travel in modified UTF-7 (RFC 3501 section 5.1.3).
std::string to_modified_utf7(std::string_view utf8);

}  // namespace cordon
