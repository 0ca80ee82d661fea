// SPDX-License-Identifier: GPL-2.0-only
// Header fields (RFC 5322 section 2.2) as views into the message. Line ends may be CRLF or LF.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "scoring/message/limits.h"

namespace cordon {

struct HeaderField {
    std::string_view name;   // as received, without the colon
    std::string_view value;  // as received: leading blank and folds kept, last line end left out
};

/// How far a reader goes along with a broken header.
enum class HeaderReading : std::uint8_t {
    strict,    // lines end in LF or CRLF; the first line that is no field ends the block
    cr_too,    // a lone CR ends a line as well
    past_junk  // lines that are no field are passed over until an empty line
};

class HeaderBlock {
 public:
    /// Reads fields to the first empty line or the first line that can't belong to a header.
    /// `body_offset` says where the body begins; `clean_end` is false when no empty line ended it.
    static HeaderBlock parse(std::string_view bytes, const Limits& limits,
                             HeaderReading reading = HeaderReading::strict);

    const std::vector<HeaderField>& fields() const { return fields_; }
    const HeaderField* first(std::string_view name) const;  // names compare without case
    std::size_t count(std::string_view name) const;

    std::size_t body_offset = 0;
    bool clean_end = true;     // an empty line (or the end of bytes) ended the block
    bool over_limit = false;   // fields or bytes beyond Limits were not kept
    bool has_lone_cr = false;  // a CR stood inside a line
    bool has_nul = false;
    bool has_blank_fold = false;  // a line of blanks only stood between two fields

 private:
    friend class HeaderReader;
    std::vector<HeaderField> fields_;
};

/// Whether a field has this name, apart from case and from blanks and control characters around it.
bool is_field(const HeaderField& field, std::string_view name);

/// RFC 5322 section 2.2.3: folds undone, surrounding blanks gone.
std::string unfold(std::string_view value);

/// Unfolded, encoded words (RFC 2047) decoded, valid UTF-8.
std::string decode_header_text(std::string_view value);

}  // namespace cordon
