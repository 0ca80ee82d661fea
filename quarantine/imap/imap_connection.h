// SPDX-License-Identifier: GPL-2.0-only
// A session with an IMAP server (RFC 3501): TLS, login, one command at a time, IDLE (RFC 2177).
// Every call has a deadline. After an error of the connection (not a NO of the server) it is of no
// more use; whatever was being done may or may not have happened.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "conf/base/network_stream.h"
#include "quarantine/imap/imap_response.h"

namespace cordon {

struct ImapServer {
    ServerUrl url;  // imaps, or imap: STARTTLS
    std::string user;
    std::string password;
    TlsTrust trust;
    bool may_be_plain = false;  // without TLS to others than this host
};

/// The server's answer to a command that it understood as such.
struct ImapReply {
    enum class Status : std::uint8_t { ok, no, bad };
    Status status = Status::bad;
    std::string code;
    std::string text;

    bool is_ok() const { return status == Status::ok; }
    /// "NO [OVERQUOTA] Quota exceeded"
    std::string words() const;
};

/// A message on its way to the server: its size is told first.
struct ImapUpload {
    using Write = std::function<Result<void>(std::string_view)>;
    std::uint64_t size = 0;
    std::function<Result<void>(const Write&)> send;
};

class ImapConnection {
 public:
    using OnData = std::function<void(ImapResponse&)>;

    /// Connected, under TLS where that is due, logged in.
    static Result<std::unique_ptr<ImapConnection>> open(const ImapServer& server,
                                                        Deadline deadline);

    bool can(std::string_view capability) const;
    bool is_broken() const { return is_broken_; }

    /// One command without its tag; `on_data` sees each untagged response on the way.
    Result<ImapReply> command(std::string_view line, Deadline deadline, const OnData& on_data = {});
    /// A command that ends in a literal, which is sent when the server wants it.
    Result<ImapReply> command(std::string_view line, const ImapUpload& upload, Deadline deadline);

    /// From here on only poll_idle() and end_idle(), until that returned.
    Result<void> start_idle(Deadline deadline);
    /// Whether something has happened to the folder; does not wait.
    Result<bool> poll_idle();
    Result<void> end_idle(Deadline deadline);

    /// No response may be longer; grows for the download of a whole message.
    void set_response_limit(std::size_t bytes) { framer_.set_limit(bytes); }
    int fd() const { return stream_.fd(); }

 private:
    explicit ImapConnection(NetworkStream stream) : stream_(std::move(stream)) {}

    Result<void> begin(const ImapServer& server, Deadline deadline);
    Result<void> start_tls(const ImapServer& server, Deadline deadline);
    Result<void> log_in(const ImapServer& server, Deadline deadline);
    Result<ImapReply> authenticate_plain(const ImapServer& server, Deadline deadline);
    Result<void> ask_capabilities(Deadline deadline);
    void take_capabilities(std::string_view list);
    Result<ImapResponse> receive(Deadline deadline);
    Result<std::optional<ImapResponse>> take_buffered();
    Result<void> send(std::string_view bytes, Deadline deadline);
    /// Reads on until the answer to `tag`; `on_go_ahead` is what to do at "+".
    Result<ImapReply> finish(const std::string& tag, Deadline deadline, const OnData& on_data,
                             const std::function<Result<void>()>& on_go_ahead = {});
    std::string next_tag();
    tl::unexpected<Error> broken(const Error& why);

    NetworkStream stream_;
    ImapFramer framer_{std::size_t{1} << 20U};
    std::string buffer_;
    std::size_t begin_ = 0;  // of what is not taken yet
    std::set<std::string, std::less<>> capabilities_;
    std::string idle_tag_;
    unsigned last_tag_ = 0;
    bool is_broken_ = false;
};

}  // namespace cordon
