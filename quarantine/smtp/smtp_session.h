// SPDX-License-Identifier: GPL-2.0-only
// A client's session with an SMTP server (RFC 5321), under TLS where the server offers STARTTLS.
// Every step has a deadline (section 4.5.3.2); nothing is taken for an answer that came early.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "conf/base/network_stream.h"
#include "quarantine/smtp/smtp_reply.h"

namespace cordon {

/// Extensions of a server by upper-case keyword, with their parameters.
using SmtpExtensions = std::map<std::string, std::string, std::less<>>;

/// Asked once, right before the final dot of a message; an empty one means yes.
using MayEnd = std::function<bool()>;

class SmtpSession {
 public:
    /// Connects, greets, starts TLS, and asks for the extensions.
    static Result<SmtpSession> open(const ServerUrl& server, const std::string& our_name);

    const SmtpExtensions& extensions() const { return extensions_; }

    /// A command without its line end and the reply to it.
    Result<SmtpReply> command(std::string_view line);
    /// After 354: `head` as it is, then `message` with dots stuffed, then the final dot, unless
    /// `may_end` says no: without it the server keeps nothing.
    Result<SmtpReply> send_data(std::string_view head, std::string_view message,
                                const MayEnd& may_end);
    void quit();

 private:
    explicit SmtpSession(NetworkStream stream) : stream_(std::move(stream)) {}
    Result<SmtpReply> reply(Deadline deadline);
    Result<void> greet(const std::string& our_name);
    Result<void> start_tls(const std::string& host, const std::string& our_name);

    NetworkStream stream_;
    SmtpReplyReader reader_;
    SmtpExtensions extensions_;
};

/// The transparency of RFC 5321 section 4.5.2, piece by piece: a dot at the start of a line is
/// doubled; a bare LF, which no message here should have, becomes CRLF, since it would be a line
/// end to some servers and none to others.
class DotStuffer {
 public:
    void append(std::string& out, std::string_view bytes);
    /// CRLF unless the message ended in one, then the final dot.
    void finish(std::string& out) const;

 private:
    bool is_line_start_ = true;
    bool is_after_cr_ = false;
};

}  // namespace cordon
