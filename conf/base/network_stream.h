// SPDX-License-Identifier: GPL-2.0-only
// A TCP connection to a server, plain or under TLS (OpenSSL 3), on which every operation has a
// deadline. For the roles that speak IMAP and SMTP; a program that uses it ignores SIGPIPE.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "conf/base/clock.h"
#include "conf/base/file_descriptor.h"
#include "conf/base/owned.h"
#include "conf/base/result.h"
#include "conf/base/server_url.h"

struct ssl_st;
extern "C" void SSL_free(ssl_st*);

namespace cordon {

/// Whom TLS believes.
struct TlsTrust {
    std::string ca_file;  // PEM; empty: the authorities of the system
    /// False only where anybody may listen anyway (opportunistic TLS): then it is no more than
    /// privacy against those who only listen.
    bool is_verified = true;
};

class NetworkStream {
 public:
    /// Tries each address of the host. A name is looked up by the system's resolver, which keeps
    /// its own time: bound_name_lookups() at the start of the program.
    static Result<NetworkStream> connect(const std::string& host, std::uint16_t port,
                                         Deadline deadline);

    /// TLS 1.2 or later from here on; the certificate must be valid and name the host. The caller
    /// has made sure that nothing was read beyond the go-ahead.
    Result<void> start_tls(const std::string& host, const TlsTrust& trust, Deadline deadline);

    Result<void> write(std::string_view bytes, Deadline deadline);
    /// Appends what has arrived, at least one byte; an error at the end of the stream.
    Result<void> read(std::string& to, Deadline deadline);
    /// The same without waiting: false when nothing has arrived.
    Result<bool> try_read(std::string& to);

    bool is_encrypted() const { return ssl_ != nullptr; }
    bool is_loopback() const { return is_loopback_; }
    int fd() const { return fd_.get(); }

 private:
    NetworkStream() = default;
    Result<short> what_is_lacking(int ssl_result) const;
    Result<void> wait_for(int ssl_result, std::string_view what, Deadline deadline);

    UniqueFd fd_;
    Owned<ssl_st, SSL_free> ssl_;
    bool is_loopback_ = false;
};

/// Name lookups of this process end after a few seconds (resolv.conf's options, RES_OPTIONS).
void bound_name_lookups();

}  // namespace cordon
