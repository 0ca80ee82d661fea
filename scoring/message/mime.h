// SPDX-License-Identifier: GPL-2.0-only
// What the header of one MIME entity declares (RFC 2045, RFC 2183): type, boundaries, transfer
// encodings, file names, each with all the readings that clients may come to. The first is that of
// most clients; what made it more than one is noted.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scoring/message/headers.h"
#include "scoring/message/limits.h"
#include "scoring/message/transfer_encoding.h"

namespace cordon {

struct ContentType {
    std::string type;  // "text/html"
    std::string charset;
    std::vector<std::string> boundaries;

    bool is_multipart() const { return type.starts_with("multipart/"); }
};

struct DeclaredEncoding {
    TransferEncoding encoding = TransferEncoding::identity;
    std::string token;  // lower case, as in Part::encoding
};

struct DeclaredOddity {
    std::string_view rule;  // a name of kOddityRules
    std::string detail;     // as received
};

struct Declaration {
    std::vector<ContentType> types;           // never empty
    std::vector<DeclaredEncoding> encodings;  // never empty
    std::vector<std::string> names;           // different extensions only; may be empty
    bool is_attachment = false;
    std::vector<DeclaredOddity> oddities;
};

/// `default_type` is what a missing Content-Type means: text/plain, in a digest message/rfc822.
Declaration read_declaration(const HeaderBlock& headers, std::string_view default_type,
                             const Limits& limits);

/// Whether a header field that only MIME entities have begins here (after blanks and control
/// bytes).
bool begins_with_mime_field(std::string_view text);

}  // namespace cordon
