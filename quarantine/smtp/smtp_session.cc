// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/smtp/smtp_session.h"

#include <fmt/format.h>

#include "conf/base/text.h"

namespace cordon {

namespace {

constexpr Milliseconds kConnectTime(30'000);
constexpr Milliseconds kCommandTime(300'000);
constexpr Milliseconds kBlockTime(180'000);
constexpr Milliseconds kFinalTime(600'000);
constexpr Milliseconds kQuitTime(2'000);
constexpr std::size_t kBlock = 64U << 10U;

SmtpExtensions extensions_of(const SmtpReply& reply) {
    SmtpExtensions out;
    for (std::size_t i = 1; i < reply.lines.size(); ++i) {
        const std::string_view line = reply.lines[i];
        const auto end = line.find_first_of(" =");  // "AUTH=" is a misspelling of old servers
        std::string keyword(line.substr(0, end));
        for (char& c : keyword)
            if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
        out[keyword] = end == std::string_view::npos ? "" : std::string(line.substr(end + 1));
    }
    return out;
}

}  // namespace

void DotStuffer::append(std::string& out, std::string_view bytes) {
    for (const char c : bytes) {
        if (c == '\n' && !is_after_cr_) out += '\r';
        if (c == '.' && is_line_start_) out += '.';
        out += c;
        is_line_start_ = c == '\n';
        is_after_cr_ = c == '\r';
    }
}

void DotStuffer::finish(std::string& out) const {
    out += is_line_start_ ? ".\r\n" : "\r\n.\r\n";
}

Result<SmtpReply> SmtpSession::reply(Deadline deadline) {
    std::string bytes;
    for (;;) {
        auto taken = reader_.take(std::exchange(bytes, {}));
        if (!taken) return tl::unexpected(taken.error());
        if (*taken) return std::move(**taken);
        if (auto done = stream_.read(bytes, deadline); !done) return tl::unexpected(done.error());
    }
}

Result<SmtpReply> SmtpSession::command(std::string_view line) {
    if (line.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos)
        return fail(fmt::format("not a line: '{}'", printable(line, 200)));
    if (reader_.has_more()) return fail("the server answered before it was asked");
    const auto deadline = Deadline::in(kCommandTime);
    if (auto sent = stream_.write(std::string(line) + "\r\n", deadline); !sent)
        return tl::unexpected(sent.error());
    return reply(deadline);
}

Result<void> SmtpSession::greet(const std::string& our_name) {
    auto answer = command("EHLO " + our_name);
    if (answer && answer->is_permanent()) answer = command("HELO " + our_name);
    if (!answer) return tl::unexpected(answer.error());
    if (!answer->is_good()) return fail("refuses our greeting: " + answer->text());
    extensions_ = extensions_of(*answer);
    return {};
}

Result<void> SmtpSession::start_tls(const std::string& host, const std::string& our_name) {
    const auto answer = command("STARTTLS");
    if (!answer) return tl::unexpected(answer.error());
    if (!answer->is_good()) return {};  // offered, and yet refused: as plain as without the offer
    // Bytes that came in plain behind the go-ahead would count as said under TLS.
    if (reader_.has_more()) return fail("sent plain text behind its STARTTLS");
    // The listener is on loopback and has no name that a certificate could prove.
    TlsTrust trust;
    trust.is_verified = false;
    if (auto done = stream_.start_tls(host, trust, Deadline::in(kConnectTime)); !done) return done;
    return greet(our_name);
}

Result<SmtpSession> SmtpSession::open(const ServerUrl& server, const std::string& our_name) {
    auto stream = NetworkStream::connect(server.host, server.port, Deadline::in(kConnectTime));
    if (!stream) return tl::unexpected(stream.error());
    SmtpSession out(std::move(*stream));
    const auto greeting = out.reply(Deadline::in(kCommandTime));
    if (!greeting) return tl::unexpected(greeting.error());
    if (!greeting->is_good()) return fail("greets with " + greeting->text());
    if (auto done = out.greet(our_name); !done) return tl::unexpected(done.error());
    if (out.extensions_.contains("STARTTLS"))
        if (auto done = out.start_tls(server.host, our_name); !done)
            return wrap("STARTTLS", done.error());
    return out;
}

Result<SmtpReply> SmtpSession::send_data(std::string_view head, std::string_view message,
                                         const MayEnd& may_end) {
    DotStuffer stuffer;
    std::string block;
    stuffer.append(block, head);
    for (std::size_t at = 0; at < message.size() || at == 0; at += kBlock) {
        stuffer.append(block, message.substr(at, kBlock));
        if (at + kBlock >= message.size()) {
            if (may_end && !may_end()) return fail("left before the end of the message");
            stuffer.finish(block);
        }
        if (auto sent = stream_.write(block, Deadline::in(kBlockTime)); !sent)
            return tl::unexpected(sent.error());
        block.clear();
    }
    return reply(Deadline::in(kFinalTime));
}

void SmtpSession::quit() {
    // The mail's fate is known; how the goodbye ends matters to nobody.
    if (stream_.write("QUIT\r\n", Deadline::in(kQuitTime)))
        static_cast<void>(!reply(Deadline::in(kQuitTime)));
}

}  // namespace cordon
