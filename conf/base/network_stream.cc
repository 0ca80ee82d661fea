// SPDX-License-Identifier: GPL-2.0-only
#include "conf/base/network_stream.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cstdlib>

#include "conf/base/ip_address.h"

namespace cordon {

namespace {

bool wait_for_event(int fd, short events, Deadline deadline) {
    for (;;) {
        pollfd entry{fd, events, 0};
        const int n = ::poll(&entry, 1, deadline.poll_timeout());
        if (n > 0) return true;
        if (n == 0 && deadline.is_over()) return false;
        if (n < 0 && errno != EINTR) return false;
    }
}

Result<UniqueFd> connect_to(const addrinfo& address, Deadline deadline) {
    UniqueFd fd(::socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd) return fail_errno("socket");
    if (::connect(fd.get(), address.ai_addr, address.ai_addrlen) != 0) {
        if (errno != EINPROGRESS) return fail_errno("connect");
        if (!wait_for_event(fd.get(), POLLOUT, deadline)) return fail("no answer in time");
        int error = 0;
        socklen_t size = sizeof error;
        if (::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0)
            return fail_errno("getsockopt");
        if (error != 0) return fail_errno("connect", error);
    }
    const int on = 1;
    ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ::setsockopt(fd.get(), SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    return fd;
}

std::string tls_error(const SSL* ssl) {
    const long verified = ::SSL_get_verify_result(ssl);
    if (verified != X509_V_OK)
        return fmt::format("the certificate is refused: {}",
                           ::X509_verify_cert_error_string(verified));
    std::array<char, 256> text{};
    const unsigned long code = ::ERR_get_error();
    if (code == 0) return "the other side ended TLS";
    ::ERR_error_string_n(code, text.data(), text.size());
    return text.data();
}

Result<Owned<SSL_CTX, ::SSL_CTX_free>> make_context(const TlsTrust& trust) {
    Owned<SSL_CTX, ::SSL_CTX_free> context(::SSL_CTX_new(::TLS_client_method()));
    if (!context) return fail("OpenSSL gives no context");
    ::SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
    if (!trust.is_verified) {
        ::SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
        return context;
    }
    ::SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    const int loaded = trust.ca_file.empty() ? ::SSL_CTX_set_default_verify_paths(context.get())
                                             : ::SSL_CTX_load_verify_locations(
                                                   context.get(), trust.ca_file.c_str(), nullptr);
    if (loaded != 1)
        return fail(fmt::format("cannot read certificate authorities from {}",
                                trust.ca_file.empty() ? "the system's store" : trust.ca_file));
    return context;
}

/// The certificate must name the host that was asked for.
void expect_name(SSL* ssl, const std::string& host) {
    if (IpAddress::parse(host)) {
        ::X509_VERIFY_PARAM_set1_ip_asc(::SSL_get0_param(ssl), host.c_str());
        return;
    }
    ::SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    ::SSL_set1_host(ssl, host.c_str());
    ::SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
               const_cast<char*>(host.c_str()));
}

}  // namespace

Result<NetworkStream> NetworkStream::connect(const std::string& host, std::uint16_t port,
                                             Deadline deadline) {
    const std::string where = fmt::format("{}:{}", host, port);
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_ADDRCONFIG;
    if (IpAddress::parse(host)) hints.ai_flags = AI_NUMERICHOST;
    addrinfo* found = nullptr;
    const int error = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
    if (error != 0) return fail(where + ": " + ::gai_strerror(error));
    const Owned<addrinfo, ::freeaddrinfo> addresses(found);
    std::string why = "no address";
    for (const addrinfo* a = found; a != nullptr; a = a->ai_next) {
        // One that does not answer leaves time for the next.
        const Deadline share = a->ai_next == nullptr
                                   ? deadline
                                   : deadline.or_earlier(Deadline::in(deadline.left() / 2));
        auto fd = connect_to(*a, share);
        if (!fd) {
            why = fd.error().what;
            continue;
        }
        NetworkStream out;
        out.fd_ = std::move(*fd);
        out.is_loopback_ = IpAddress::from(a->ai_addr).is_loopback();
        return out;
    }
    return fail(where + ": " + why);
}

Result<void> NetworkStream::start_tls(const std::string& host, const TlsTrust& trust,
                                      Deadline deadline) {
    ::ERR_clear_error();
    const auto context = make_context(trust);
    if (!context) return tl::unexpected(context.error());
    ssl_.reset(::SSL_new(context->get()));
    if (!ssl_ || ::SSL_set_fd(ssl_.get(), fd_.get()) != 1) return fail("OpenSSL gives no session");
    ::SSL_ctrl(ssl_.get(), SSL_CTRL_MODE,
               SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER, nullptr);
    if (trust.is_verified) expect_name(ssl_.get(), host);
    for (;;) {
        const int n = ::SSL_connect(ssl_.get());
        if (n == 1) return {};
        if (auto waited = wait_for(n, "TLS", deadline); !waited)
            return wrap("TLS with " + host, waited.error());
    }
}

/// The event for which the last call of OpenSSL waits; an error when it waits for none.
Result<short> NetworkStream::what_is_lacking(int ssl_result) const {
    const int error = ::SSL_get_error(ssl_.get(), ssl_result);
    if (error == SSL_ERROR_WANT_READ) return short{POLLIN};
    if (error == SSL_ERROR_WANT_WRITE) return short{POLLOUT};
    if (error == SSL_ERROR_ZERO_RETURN) return fail("the server closed the connection");
    if (error == SSL_ERROR_SYSCALL) return fail("the connection was lost");
    return fail(tls_error(ssl_.get()));
}

Result<void> NetworkStream::wait_for(int ssl_result, std::string_view what, Deadline deadline) {
    const auto events = what_is_lacking(ssl_result);
    if (!events) return tl::unexpected(events.error());
    if (!wait_for_event(fd_.get(), *events, deadline))
        return fail(fmt::format("{}: no answer in time", what));
    return {};
}

Result<void> NetworkStream::write(std::string_view bytes, Deadline deadline) {
    while (!bytes.empty()) {
        if (ssl_) {
            ::ERR_clear_error();
            const int size = static_cast<int>(std::min<std::size_t>(bytes.size(), 1U << 20U));
            const int n = ::SSL_write(ssl_.get(), bytes.data(), size);
            if (n > 0) {
                bytes.remove_prefix(static_cast<std::size_t>(n));
            } else if (auto waited = wait_for(n, "write", deadline); !waited) {
                return waited;
            }
            continue;
        }
        const ssize_t n = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (n >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(n));
            continue;
        }
        if (errno == EINTR) continue;
        if (errno != EAGAIN) return fail_errno("write");
        if (!wait_for_event(fd_.get(), POLLOUT, deadline)) return fail("write: no answer in time");
    }
    return {};
}

Result<bool> NetworkStream::try_read(std::string& to) {
    std::array<char, 16384> chunk{};
    if (ssl_) {
        ::ERR_clear_error();
        const int n = ::SSL_read(ssl_.get(), chunk.data(), static_cast<int>(chunk.size()));
        if (n > 0) {
            to.append(chunk.data(), static_cast<std::size_t>(n));
            return true;
        }
        const auto lacks = what_is_lacking(n);
        if (!lacks) return tl::unexpected(lacks.error());
        return false;
    }
    for (;;) {
        const ssize_t n = ::recv(fd_.get(), chunk.data(), chunk.size(), 0);
        if (n > 0) {
            to.append(chunk.data(), static_cast<std::size_t>(n));
            return true;
        }
        if (n == 0) return fail("the server closed the connection");
        if (errno == EAGAIN) return false;
        if (errno != EINTR) return fail_errno("read");
    }
}

Result<void> NetworkStream::read(std::string& to, Deadline deadline) {
    for (;;) {
        const auto got = try_read(to);
        if (!got) return tl::unexpected(got.error());
        if (*got) return {};
        if (!wait_for_event(fd_.get(), POLLIN, deadline)) return fail("no answer in time");
    }
}

void bound_name_lookups() {
    ::setenv("RES_OPTIONS", "timeout:2 attempts:2", 0);
}

}  // namespace cordon
