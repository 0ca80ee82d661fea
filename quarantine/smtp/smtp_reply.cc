// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/smtp/smtp_reply.h"

#include <fmt/format.h>

#include "conf/base/text.h"

namespace cordon {

std::string SmtpReply::text() const {
    std::string out = std::to_string(code);
    for (std::size_t i = 0; i < lines.size(); ++i) out += (i == 0 ? " " : "; ") + lines[i];
    return std::string(utf8_prefix(out, 1000));
}

Result<bool> SmtpReplyReader::line(std::string_view line) {
    const auto malformed = [&] {
        return fail(fmt::format("no SMTP reply: '{}'", printable(line, 100)));
    };
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.size() < 3 || line[0] < '2' || line[0] > '5') return malformed();
    const auto code = parse_unsigned(line.substr(0, 3));
    const char after = line.size() > 3 ? line[3] : ' ';
    if (!code || (after != ' ' && after != '-')) return malformed();
    if (!reply_.lines.empty() && static_cast<int>(*code) != reply_.code) return malformed();
    if (reply_.lines.size() >= kMaxLines) return fail("an SMTP reply of too many lines");
    reply_.code = static_cast<int>(*code);
    reply_.lines.push_back(printable(line.size() > 4 ? line.substr(4) : "", kMaxLine));
    return after == ' ';
}

Result<std::optional<SmtpReply>> SmtpReplyReader::take(std::string_view bytes) {
    buffer_ += bytes;
    std::size_t begin = 0;
    for (;;) {
        const auto end = buffer_.find('\n', begin);
        if ((end == std::string::npos ? buffer_.size() : end) - begin > kMaxLine)
            return fail("an SMTP reply with a line that is too long");
        if (end == std::string::npos) break;
        const auto is_last = line(std::string_view(buffer_).substr(begin, end - begin));
        if (!is_last) return tl::unexpected(is_last.error());
        begin = end + 1;
        if (!*is_last) continue;
        buffer_.erase(0, begin);
        return std::optional<SmtpReply>(std::exchange(reply_, {}));
    }
    buffer_.erase(0, begin);
    return std::optional<SmtpReply>();
}

}  // namespace cordon
