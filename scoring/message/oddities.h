// SPDX-License-Identifier: GPL-2.0-only
// The names of what the MIME parser finds odd, each with the score that fits and words for people.
// The checks publish this table as rules; the parser reports nothing that is not in it.
#pragma once

#include <array>
#include <string_view>

namespace cordon {

struct OddityRule {
    std::string_view name;
    double score;
    std::string_view describe;
};

inline constexpr std::array kOddityRules = {
    // Header blocks.
    OddityRule{"MIME_HEADER_NUL", 6.0, "NUL byte in the header of a message or part"},
    OddityRule{"MIME_HEADER_LONE_CR", 3.0, "Carriage return inside a header line"},
    OddityRule{"MIME_HEADER_NO_END", 0.3, "Header not ended by an empty line"},
    OddityRule{"MIME_HEADER_IN_BODY", 2.0, "A part's body begins with header fields"},
    OddityRule{"MIME_FIELD_NAME_ODD", 3.0,
               "MIME header field with blanks or control characters in its name"},
    // Content-Type and Content-Disposition.
    OddityRule{"MIME_TYPE_DUPLICATE", 0.5, "Content-Type given twice"},
    OddityRule{"MIME_TYPE_CONFLICT", 3.0, "Two Content-Type fields that contradict each other"},
    OddityRule{"MIME_TYPE_INVALID", 1.0, "Content-Type that is no media type"},
    OddityRule{"MIME_PARAMETER_BROKEN", 0.3, "Badly quoted or separated MIME parameter"},
    OddityRule{"MIME_PARAMETER_COMMENT", 1.0, "Comment inside Content-Type or Content-Disposition"},
    OddityRule{"MIME_NAME_CONFLICT", 3.0, "Attachment with several names of different types"},
    OddityRule{"MIME_NAME_TRAILING", 2.0, "Attachment name that ends in dots or blanks"},
    // Boundaries.
    OddityRule{"MIME_BOUNDARY_MISSING", 0.5, "Multipart without a boundary parameter"},
    OddityRule{"MIME_BOUNDARY_NOT_FOUND", 0.8, "Multipart whose boundary never appears"},
    OddityRule{"MIME_BOUNDARY_CONFLICT", 6.0, "Multipart with several boundaries that all appear"},
    OddityRule{"MIME_BOUNDARY_GUESSED", 2.0, "Parts found only by guessing the boundary"},
    OddityRule{"MIME_BOUNDARY_REUSED", 2.0, "Nested multipart with the boundary of an outer one"},
    OddityRule{"MIME_BOUNDARY_NO_END", 0.1, "Multipart without its closing boundary"},
    OddityRule{"MIME_BOUNDARY_LONE_CR", 6.0,
               "Boundary line that begins after a lone carriage return"},
    OddityRule{"MIME_PART_IN_TEXT", 0.0, "Something like a MIME part inside a text"},
    OddityRule{"MIME_PART_IN_PART", 2.0,
               "Something like a MIME part inside a part that is no multipart"},
    OddityRule{"MIME_PART_IN_PREAMBLE", 2.0,
               "Something like a MIME part before the first boundary"},
    OddityRule{"MIME_PART_IN_EPILOGUE", 2.0,
               "Something like a MIME part after the closing boundary"},
    // Transfer encodings.
    OddityRule{"MIME_ENCODING_DUPLICATE", 0.5, "Content-Transfer-Encoding given twice"},
    OddityRule{"MIME_ENCODING_CONFLICT", 6.0, "Two transfer encodings that contradict each other"},
    OddityRule{"MIME_ENCODING_UNKNOWN", 1.5, "Unknown Content-Transfer-Encoding"},
    OddityRule{"MIME_ENCODING_DISGUISED", 6.0,
               "Transfer encoding disguised by comments, quotes or junk"},
    OddityRule{"MIME_ENCODING_RARE", 0.5, "Transfer encoding from outside MIME"},
    OddityRule{"MIME_ENCODING_UNDECLARED", 2.0, "Body in a transfer encoding that is not declared"},
    OddityRule{"MIME_ENCODING_MULTIPART", 0.8, "Transfer encoding on a multipart"},
    OddityRule{"MIME_BASE64_JUNK", 0.5, "Characters in base64 that don't belong there"},
    OddityRule{"MIME_BASE64_INNER_PADDING", 1.0, "Base64 that goes on after its padding"},
    OddityRule{"MIME_BASE64_UNALIGNED", 0.3, "Base64 cut off inside a group"},
    OddityRule{"MIME_QP_BROKEN", 0.5, "Broken quoted-printable"},
    OddityRule{"MIME_UUENCODED", 0.0, "File encoded into the text (uuencode, yEnc, BinHex)"},
    OddityRule{"MIME_BODY_NUL", 0.5, "NUL bytes in a text"},
    // Charsets and messages.
    OddityRule{"MIME_CHARSET_UNKNOWN", 0.5, "Unknown charset"},
    OddityRule{"MIME_CHARSET_WRONG", 0.0, "Text not in the charset that is declared"},
    OddityRule{"MIME_MESSAGE_PARTIAL", 2.0,
               "Contains a message split into pieces (message/partial)"},
    OddityRule{"MIME_MESSAGE_PIECE", 2.0, "A piece of a message that came in several mails"},
    OddityRule{"MIME_TNEF_DAMAGED", 1.0, "Damaged winmail.dat of Outlook"},
    OddityRule{"MIME_MESSAGE_EXTERNAL", 0.5, "Body that lies elsewhere (message/external-body)"},
    // Limits: what lies beyond was not read.
    OddityRule{"LIMIT_HEADER", 1.0, "Header too long to be read in full"},
    OddityRule{"LIMIT_PARTS", 2.0, "More MIME parts than are read"},
    OddityRule{"LIMIT_DEPTH", 2.0, "MIME parts nested deeper than is read"},
    OddityRule{"LIMIT_READINGS", 4.0, "More ways to read the message than are tried"},
    OddityRule{"LIMIT_DECODED", 1.0, "More decoded content than is read"},
    OddityRule{"LIMIT_TEXT", 0.0, "Text longer than the rules look at"},
    OddityRule{"LIMIT_URLS", 0.0, "More links than the rules look at"},
    OddityRule{"LIMIT_HTML", 0.5, "HTML nested or long beyond what is read"},
};

/// Whether some content went unscanned: limits on text and links don't mean that.
constexpr bool leaves_content_unscanned(std::string_view rule) {
    return rule == "LIMIT_PARTS" || rule == "LIMIT_DEPTH" || rule == "LIMIT_READINGS" ||
           rule == "LIMIT_DECODED" || rule == "LIMIT_HEADER" || rule == "MIME_MESSAGE_PIECE" ||
           rule == "MIME_TNEF_DAMAGED";
}

}  // namespace cordon
