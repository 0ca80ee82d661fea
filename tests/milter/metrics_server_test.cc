// SPDX-License-Identifier: GPL-2.0-only
#include "milter/metrics_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>

#include "tests/support/builders.h"
#include "tests/support/temporary_directory.h"

namespace cordon {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

UniqueFd connected_to(const std::string& path) {
    UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    EXPECT_EQ(::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    return fd;
}

/// What a client is told that sends this.
std::string told(std::string_view request) {
    const test::TemporaryDirectory directory;
    const auto c = test::a_configuration("[cordon]\nrun-directory = " + directory.path() + "\n");
    const auto listener = open_metrics_listener(*c);
    EXPECT_TRUE(listener) << listener.error().what;
    const auto metrics = Metrics::shared();
    (*metrics)->count(Metric::viruses);
    const auto client = connected_to(directory.file("metrics.sock"));
    EXPECT_TRUE(write_all(client.get(), request));
    ::shutdown(client.get(), SHUT_WR);
    serve_metrics(listener->get(), **metrics);
    return read_all(client.get(), 1U << 20U).value_or("");
}

TEST(MetricsServer, ServesTheFigures) {
    const auto answer = told("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_THAT(answer, StartsWith("HTTP/1.0 200 OK\r\n"));
    EXPECT_THAT(answer, HasSubstr("\ncordon_viruses_total 1\n"));
}

TEST(MetricsServer, KnowsNothingElse) {
    EXPECT_THAT(told("GET /etc/passwd HTTP/1.1\r\n\r\n"), StartsWith("HTTP/1.0 404 "));
    EXPECT_THAT(told(""), StartsWith("HTTP/1.0 404 "));
    EXPECT_THAT(told(std::string(1'500, 'A')), StartsWith("HTTP/1.0 404 "));
}

/// A socket on loopback, and the port that the kernel gave it.
std::pair<UniqueFd, sockaddr_in> bound_to_a_free_port() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    UniqueFd fd(::socket(AF_INET, SOCK_STREAM, 0));
    EXPECT_EQ(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
    return {std::move(fd), address};
}

TEST(MetricsServer, ServesOnLoopbackWhereItIsTold) {
    const auto address = bound_to_a_free_port().second;  // free again
    const auto c = test::a_configuration(
        "[milter]\nmetrics = inet:" + std::to_string(ntohs(address.sin_port)) + "@127.0.0.1\n");
    const auto listener = open_metrics_listener(*c);
    ASSERT_TRUE(listener) << listener.error().what;
    const UniqueFd client(::socket(AF_INET, SOCK_STREAM, 0));
    ASSERT_EQ(::connect(client.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
              0);
    EXPECT_TRUE(write_all(client.get(), "GET /metrics HTTP/1.1\r\n\r\n"));
    serve_metrics(listener->get(), **Metrics::shared());
    EXPECT_THAT(read_all(client.get(), 1U << 20U).value_or(""), StartsWith("HTTP/1.0 200 OK"));
}

}  // namespace
}  // namespace cordon
