// SPDX-License-Identifier: GPL-2.0-only
#include "conf/base/network_stream.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/matchers.h"

namespace cordon {
namespace {

using test::FailsWith;
using test::IsOk;

TEST(ParseServerUrl, TakesSchemeHostAndPortApart) {
    const auto url = parse_server_url("IMAPS://mail.example.org:1993/");
    ASSERT_THAT(url, IsOk());
    EXPECT_EQ(url->scheme, "imaps");
    EXPECT_EQ(url->host, "mail.example.org");
    EXPECT_EQ(url->port, 1993);
}

TEST(ParseServerUrl, LeavesAMissingPortAtZeroForTheScheme) {
    const auto url = parse_server_url("imap://mail.example.org");
    ASSERT_THAT(url, IsOk());
    EXPECT_EQ(url->port, 0);
}

TEST(ParseServerUrl, TakesTheBracketsOffAnIPv6Address) {
    const auto url = parse_server_url("smtp://[::1]:10035");
    ASSERT_THAT(url, IsOk());
    EXPECT_EQ(url->host, "::1");
    EXPECT_EQ(url->port, 10035);
}

TEST(ParseServerUrl, RefusesWhatIsNoUrl) {
    for (const auto* const text :
         {"", "mail.example.org", "://host", "imap://", "imap://host:0", "imap://host:65536",
          "imap://host:", "imap://user@host", "imap://a/b", "imap://[::1", "imap://[::1]x",
          "imap://a b", "imap://[]:1", "imap://host:-1"})
        EXPECT_THAT(parse_server_url(text), FailsWith("no URL")) << text;
}

/// A listener on a free port of loopback; it accepts what the test asks it to.
class Listener {
 public:
    Listener() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* const generic = reinterpret_cast<sockaddr*>(&address);
        EXPECT_EQ(::bind(fd_.get(), generic, size), 0);
        EXPECT_EQ(::listen(fd_.get(), 4), 0);
        EXPECT_EQ(::getsockname(fd_.get(), generic, &size), 0);
        port_ = ::ntohs(address.sin_port);
    }
    UniqueFd accept() const { return UniqueFd(::accept(fd_.get(), nullptr, nullptr)); }
    std::uint16_t port() const { return port_; }
    void close() { fd_.reset(); }

 private:
    UniqueFd fd_;
    std::uint16_t port_ = 0;
};

const Deadline kSoon = Deadline::in(Milliseconds(10'000));

TEST(NetworkStream, CarriesBytesBothWays) {
    const Listener server;
    auto stream = NetworkStream::connect("127.0.0.1", server.port(), kSoon);
    ASSERT_THAT(stream, IsOk());
    const auto other = server.accept();
    EXPECT_TRUE(stream->is_loopback());
    EXPECT_THAT(stream->write("ping", kSoon), IsOk());
    std::string got(4, ' ');
    ASSERT_EQ(::read(other.get(), got.data(), got.size()), 4);
    EXPECT_EQ(got, "ping");
    ASSERT_EQ(::write(other.get(), "pong", 4), 4);
    std::string back;
    EXPECT_THAT(stream->read(back, kSoon), IsOk());
    EXPECT_EQ(back, "pong");
}

TEST(NetworkStream, TellsTheEndOfTheStream) {
    const Listener server;
    auto stream = NetworkStream::connect("127.0.0.1", server.port(), kSoon);
    ASSERT_THAT(stream, IsOk());
    server.accept().reset();
    std::string ignored;
    EXPECT_THAT(stream->read(ignored, kSoon), FailsWith("closed"));
}

TEST(NetworkStream, GivesUpReadingAtTheDeadline) {
    const Listener server;
    auto stream = NetworkStream::connect("127.0.0.1", server.port(), kSoon);
    ASSERT_THAT(stream, IsOk());
    std::string ignored;
    EXPECT_THAT(stream->read(ignored, Deadline::in(Milliseconds(0))), FailsWith("in time"));
}

TEST(NetworkStream, NamesTheServerThatRefuses) {
    Listener server;
    server.close();
    EXPECT_THAT(NetworkStream::connect("127.0.0.1", server.port(), kSoon),
                FailsWith("127.0.0.1:" + std::to_string(server.port())));
}

TEST(NetworkStream, DoesNotTakeJustAnythingForTls) {
    const Listener server;
    auto stream = NetworkStream::connect("127.0.0.1", server.port(), kSoon);
    ASSERT_THAT(stream, IsOk());
    const auto other = server.accept();
    ASSERT_EQ(::write(other.get(), "* OK hello\r\n", 12), 12);
    EXPECT_THAT(stream->start_tls("localhost", {}, kSoon), FailsWith("TLS with localhost"));
}

}  // namespace
}  // namespace cordon
