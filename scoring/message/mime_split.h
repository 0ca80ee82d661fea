// SPDX-License-Identifier: GPL-2.0-only
// Cutting a multipart body at its boundaries (RFC 2046 section 5.1.1). The lines that could be a
// boundary are listed once for a whole message, so that nested multiparts cost no second look.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace cordon {

enum class DashLineKind : std::uint8_t {
    plain,     // "--" at the start of a line
    after_cr,  // after a CR without LF
    indented,  // after blanks or control characters at the start of a line
    field      // no dashes: a line that begins with "Content-"
};

struct DashLine {
    std::size_t offset = 0;  // of "--"
    DashLineKind kind = DashLineKind::plain;
};

/// The lines of the bytes that begin with "--" or with "Content-", in order.
std::vector<DashLine> find_dash_lines(std::string_view bytes);

struct Range {
    std::size_t begin = 0;
    std::size_t end = 0;

    bool empty() const { return begin >= end; }
};

/// Bytes together with their dash lines; all offsets of this header count from the first byte.
struct DashedText {
    std::string_view bytes;
    std::vector<DashLine> lines;

    std::string_view view(Range range) const {
        return range.empty() ? std::string_view()
                             : bytes.substr(range.begin, range.end - range.begin);
    }
};

struct Split {
    std::vector<Range> parts;  // each a header and a body
    Range preamble;
    Range epilogue;
    bool has_end = false;
};

/// Cuts `body` at "--BOUNDARY" lines, blanks at their end allowed. At most `most_parts` parts.
Split split_at_boundary(const DashedText& text, Range body, std::string_view boundary,
                        std::size_t most_parts);

/// Whether a delimiter of this boundary stands in the body.
bool has_boundary(const DashedText& text, Range body, std::string_view boundary);

/// Cuts at every dash line, however it begins, that a MIME header field follows, at other lines
/// with the same words as such a line, and where MIME header fields stand in the middle of a body.
/// What lies between is a part; the rest is left out.
struct GuessedSplit {
    std::vector<Range> parts;
    bool has_lone_cr = false;  // a delimiter followed a CR without LF
};
GuessedSplit split_by_guess(const DashedText& text, Range body, std::size_t most_parts);

/// Whether split_by_guess() would find a part behind a dash line; stops at the first.
bool has_guessable_part(const DashedText& text, Range body);

/// Whether it would find one that begins with nothing but its header fields.
bool has_bare_part(const DashedText& text, Range body);

}  // namespace cordon
