// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/imap/imap_connection.h"

#include <fmt/format.h>

#include "conf/base/log.h"
#include "conf/base/text.h"

namespace cordon {

namespace {

constexpr std::uint16_t kPortTls = 993;
constexpr std::uint16_t kPortStartTls = 143;
constexpr std::size_t kMaxCapabilities = 200;
constexpr std::size_t kKeptBytes = 65536;

std::string upper(std::string_view text) {
    std::string out = lower(text);
    for (char& c : out)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
    return out;
}

}  // namespace

std::string ImapReply::words() const {
    const char* const word = status == Status::ok ? "OK" : status == Status::no ? "NO" : "BAD";
    return fmt::format("{}{} {}", word, code.empty() ? "" : " [" + printable(code, 200) + "]",
                       printable(text, 300));
}

Result<std::unique_ptr<ImapConnection>> ImapConnection::open(const ImapServer& server,
                                                             Deadline deadline) {
    const bool is_tls = server.url.scheme == "imaps";
    if (!is_tls && server.url.scheme != "imap")
        return fail("quarantine.imap-url: not imaps:// and not imap://");
    const std::uint16_t usual = is_tls ? kPortTls : kPortStartTls;
    const std::uint16_t port = server.url.port != 0 ? server.url.port : usual;
    auto stream = NetworkStream::connect(server.url.host, port, deadline);
    if (!stream) return tl::unexpected(stream.error());
    std::unique_ptr<ImapConnection> out(new ImapConnection(std::move(*stream)));
    if (is_tls)
        if (auto done = out->stream_.start_tls(server.url.host, server.trust, deadline); !done)
            return tl::unexpected(done.error());
    if (auto done = out->begin(server, deadline); !done) return tl::unexpected(done.error());
    return out;
}

Result<void> ImapConnection::begin(const ImapServer& server, Deadline deadline) {
    const auto greeting = receive(deadline);
    if (!greeting) return tl::unexpected(greeting.error());
    if (greeting->kind != ImapResponse::Kind::untagged || !greeting->is_status() ||
        greeting->word == "BYE")
        return fail("the server does not greet: " + printable(greeting->text, 200));
    // Whoever is logged in already can't be asked for TLS any more: somebody may stand between.
    if (greeting->word == "PREAUTH")
        return fail("the server says PREAUTH, which hides whose mailbox this is");
    if (greeting->word != "OK") return fail("the server refuses: " + printable(greeting->text));
    if (auto done = ask_capabilities(deadline); !done) return done;
    if (!stream_.is_encrypted())
        if (auto done = start_tls(server, deadline); !done) return done;
    return log_in(server, deadline);
}

Result<void> ImapConnection::start_tls(const ImapServer& server, Deadline deadline) {
    // Nobody listens on the way to this host itself, and its certificate is rarely a real one.
    const bool is_wanted = !stream_.is_loopback() || !server.trust.ca_file.empty();
    if (!is_wanted) return {};
    if (!can("STARTTLS")) {
        if (server.may_be_plain) return {};
        return fail(
            "the server offers no STARTTLS, and the password is not sent in clear; use imaps://, "
            "or set [quarantine] imap-plaintext = yes where the way is safe");
    }
    const auto reply = command("STARTTLS", deadline);
    if (!reply) return tl::unexpected(reply.error());
    if (!reply->is_ok()) return fail("STARTTLS: " + reply->words());
    // What is here already was not under TLS, but would be believed as if it were.
    if (begin_ != buffer_.size())
        return fail("the server sent more than its go-ahead before TLS; somebody may be between");
    if (auto done = stream_.start_tls(server.url.host, server.trust, deadline); !done) return done;
    return ask_capabilities(deadline);
}

Result<void> ImapConnection::log_in(const ImapServer& server, Deadline deadline) {
    Result<ImapReply> reply;
    if (can("AUTH=PLAIN")) {
        reply = authenticate_plain(server, deadline);
    } else {
        const auto user = imap_quoted(server.user);
        const auto password = imap_quoted(server.password);
        if (can("LOGINDISABLED")) return fail("the server offers neither AUTH=PLAIN nor LOGIN");
        if (!user || !password)
            return fail("the server offers no AUTH=PLAIN, and LOGIN takes ASCII only");
        reply = command(fmt::format("LOGIN {} {}", *user, *password), deadline);
    }
    if (!reply) return tl::unexpected(reply.error());
    if (!reply->is_ok())
        return fail(
            fmt::format("login as {} refused: {}; see [quarantine] imap-user and "
                        "imap-password-file",
                        printable(server.user, 100), reply->words()));
    return ask_capabilities(deadline);
}

Result<ImapReply> ImapConnection::authenticate_plain(const ImapServer& server, Deadline deadline) {
    const std::string zero(1, '\0');
    const std::string initial = to_base64(zero + server.user + zero + server.password);
    if (can("SASL-IR")) return command("AUTHENTICATE PLAIN " + initial, deadline);
    const std::string tag = next_tag();
    if (auto sent = send(tag + " AUTHENTICATE PLAIN\r\n", deadline); !sent)
        return tl::unexpected(sent.error());
    return finish(tag, deadline, {}, [&] { return send(initial + "\r\n", deadline); });
}

void ImapConnection::take_capabilities(std::string_view list) {
    capabilities_.clear();
    for (const auto word : split(list, ' '))
        if (!word.empty() && capabilities_.size() < kMaxCapabilities)
            capabilities_.insert(upper(word));
}

Result<void> ImapConnection::ask_capabilities(Deadline deadline) {
    const auto reply = command("CAPABILITY", deadline, [this](const ImapResponse& response) {
        if (response.word != "CAPABILITY") return;
        std::string list;
        for (const auto& value : response.values) list += value.text + " ";
        take_capabilities(list);
    });
    if (!reply) return tl::unexpected(reply.error());
    if (!reply->is_ok()) return fail("CAPABILITY: " + reply->words());
    return {};
}

bool ImapConnection::can(std::string_view capability) const {
    return capabilities_.find(capability) != capabilities_.end();
}

std::string ImapConnection::next_tag() {
    return fmt::format("c{}", ++last_tag_);
}

tl::unexpected<Error> ImapConnection::broken(const Error& why) {
    is_broken_ = true;
    return tl::unexpected(why);
}

Result<void> ImapConnection::send(std::string_view bytes, Deadline deadline) {
    if (is_broken_) return fail("the connection was lost");
    auto sent = stream_.write(bytes, deadline);
    if (!sent) return broken(sent.error());
    return sent;
}

/// A response that has arrived whole, without reading.
Result<std::optional<ImapResponse>> ImapConnection::take_buffered() {
    const auto length = framer_.next(std::string_view(buffer_).substr(begin_));
    if (!length) return broken(length.error());
    if (*length == 0) return std::optional<ImapResponse>();
    auto response = parse_imap_response(std::string_view(buffer_).substr(begin_, *length));
    if (!response) return broken(response.error());
    begin_ += *length;
    if (begin_ == buffer_.size() || begin_ > kKeptBytes) {
        buffer_.erase(0, begin_);
        begin_ = 0;
        if (buffer_.empty() && buffer_.capacity() > kKeptBytes) buffer_.shrink_to_fit();
    }
    return std::optional<ImapResponse>(std::move(*response));
}

Result<ImapResponse> ImapConnection::receive(Deadline deadline) {
    for (;;) {
        auto response = take_buffered();
        if (!response) return tl::unexpected(response.error());
        if (*response) return std::move(**response);
        if (auto got = stream_.read(buffer_, deadline); !got) return broken(got.error());
    }
}

Result<ImapReply> ImapConnection::finish(const std::string& tag, Deadline deadline,
                                         const OnData& on_data,
                                         const std::function<Result<void>()>& on_go_ahead) {
    bool is_waiting_for_go_ahead = static_cast<bool>(on_go_ahead);
    for (;;) {
        auto response = receive(deadline);
        if (!response) return tl::unexpected(response.error());
        if (response->kind == ImapResponse::Kind::continuation) {
            if (!is_waiting_for_go_ahead)
                return broken({"IMAP: a go-ahead for which nobody asked"});
            is_waiting_for_go_ahead = false;
            if (auto done = on_go_ahead(); !done) return tl::unexpected(done.error());
            continue;
        }
        if (response->kind == ImapResponse::Kind::untagged) {
            if (response->word == "BYE")
                return broken({"the server says BYE: " + printable(response->text, 200)});
            if (istarts_with(response->code, "ALERT"))
                log::warn("imap-alert", {{"text", response->text}});
            if (on_data) on_data(*response);
            continue;
        }
        if (response->tag != tag) return broken({"IMAP: an answer to another command"});
        const auto status = response->word == "OK"   ? ImapReply::Status::ok
                            : response->word == "NO" ? ImapReply::Status::no
                                                     : ImapReply::Status::bad;
        return ImapReply{status, std::move(response->code), std::move(response->text)};
    }
}

Result<ImapReply> ImapConnection::command(std::string_view line, Deadline deadline,
                                          const OnData& on_data) {
    const std::string tag = next_tag();
    if (auto sent = send(fmt::format("{} {}\r\n", tag, line), deadline); !sent)
        return tl::unexpected(sent.error());
    return finish(tag, deadline, on_data);
}

Result<ImapReply> ImapConnection::command(std::string_view line, const ImapUpload& upload,
                                          Deadline deadline) {
    const std::string tag = next_tag();
    if (auto sent = send(fmt::format("{} {} {{{}}}\r\n", tag, line, upload.size), deadline); !sent)
        return tl::unexpected(sent.error());
    std::uint64_t left = upload.size;
    const auto write = [&](std::string_view bytes) -> Result<void> {
        if (bytes.size() > left) return broken({"a message grew while it was sent"});
        left -= bytes.size();
        return send(bytes, deadline);
    };
    return finish(tag, deadline, {}, [&]() -> Result<void> {
        if (auto done = upload.send(write); !done) return broken(done.error());
        if (left != 0) return broken({"a message shrank while it was sent"});
        return send("\r\n", deadline);
    });
}

Result<void> ImapConnection::start_idle(Deadline deadline) {
    idle_tag_ = next_tag();
    if (auto sent = send(idle_tag_ + " IDLE\r\n", deadline); !sent) return sent;
    for (;;) {
        // News may come before the go-ahead; the caller looks at the folder after this anyway.
        auto response = receive(deadline);
        if (!response) return tl::unexpected(response.error());
        if (response->kind == ImapResponse::Kind::continuation) return {};
        if (response->kind == ImapResponse::Kind::tagged)
            return fail("IDLE: " + printable(response->text, 200));
        if (response->word == "BYE") return broken({"the server says BYE"});
    }
}

Result<bool> ImapConnection::poll_idle() {
    bool has_news = false;
    for (;;) {
        auto response = take_buffered();
        if (!response) return tl::unexpected(response.error());
        if (*response) {
            const auto& word = (*response)->word;
            if (word == "BYE" || (*response)->kind == ImapResponse::Kind::tagged)
                return broken({"the server ends IDLE: " + printable((*response)->text, 200)});
            // "* OK Still here" keeps the connection alive and says nothing.
            has_news = has_news || word == "EXISTS" || word == "EXPUNGE" || word == "FETCH" ||
                       word == "VANISHED";
            continue;
        }
        const auto got = stream_.try_read(buffer_);
        if (!got) return broken(got.error());
        if (!*got) return has_news;
    }
}

Result<void> ImapConnection::end_idle(Deadline deadline) {
    if (auto sent = send("DONE\r\n", deadline); !sent) return sent;
    const auto reply = finish(idle_tag_, deadline, {});
    if (!reply) return tl::unexpected(reply.error());
    if (!reply->is_ok()) return fail("IDLE: " + reply->words());
    return {};
}

}  // namespace cordon
