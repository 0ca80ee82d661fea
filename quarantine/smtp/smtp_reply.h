// SPDX-License-Identifier: GPL-2.0-only
// Replies of an SMTP server (RFC 5321 section 4.2): read line by line, bounded, and believed only
// as far as the grammar goes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conf/base/result.h"

namespace cordon {

struct SmtpReply {
    int code = 0;
    std::vector<std::string> lines;  // without code, printable

    bool is_good() const { return code >= 200 && code < 300; }
    bool is_transient() const { return code >= 400 && code < 500; }
    bool is_permanent() const { return code >= 500; }
    /// "550 5.1.1 no such user; second line": one printable line.
    std::string text() const;
};

class SmtpReplyReader {
 public:
    static constexpr std::size_t kMaxLine = 2048;  // RFC 5321 says 512; some greet at length
    static constexpr std::size_t kMaxLines = 128;

    /// Takes what arrived; the reply when its last line is complete. What follows it stays unread.
    Result<std::optional<SmtpReply>> take(std::string_view bytes);
    /// Bytes that came after the reply: nothing may, before the next command.
    bool has_more() const { return !buffer_.empty(); }

 private:
    Result<bool> line(std::string_view line);

    std::string buffer_;
    SmtpReply reply_;
};

}  // namespace cordon
