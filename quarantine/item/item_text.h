// SPDX-License-Identifier: GPL-2.0-only
// The encodings of a message that we write ourselves (RFC 2045, RFC 2047), whatever they are given:
// no header can be broken out of, no line is too long, no link can be clicked.
#pragma once

#include <string>
#include <string_view>

namespace cordon {

/// "Name: words\r\n" with unstructured text as encoded words where it needs them, folded.
std::string text_field(std::string_view name, std::string_view utf8);

/// "Name: \"display\" <address>\r\n"; `address` is our own.
std::string address_field(std::string_view name, std::string_view display,
                          std::string_view address);

/// "Name: value\r\n" for a long value without blanks, which a reader joins again.
std::string token_field(std::string_view name, std::string_view token);

/// Text with LF line ends as quoted-printable with CRLF.
std::string quoted_printable(std::string_view text);

/// Nothing in it becomes a link in a mail program that makes links of what looks like one.
std::string without_links(std::string_view text);

}  // namespace cordon
