// SPDX-License-Identifier: GPL-2.0-only
#include "tests/support/record_server.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

namespace cordon::test {

namespace {
constexpr Milliseconds kLongEnough(10'000);
}

namespace {

void answer_record(int connection, const RecordServer::Answer& answer) {
    auto record = receive_record(connection, Deadline::in(kLongEnough));
    if (!record || !*record) return;
    const auto text = answer(**record);
    if (!text) return;
    const auto sent = send_record(connection, *text, -1, Deadline::in(kLongEnough));
    EXPECT_TRUE(sent) << sent.error().what;
}

}  // namespace

RecordServer::RecordServer(const std::string& path, Answer answer)
    : RecordServer(path, Serve([answer = std::move(answer)](int connection) {
                       answer_record(connection, answer);
                   })) {}

RecordServer::RecordServer(const std::string& path, Serve conversation)
    : serve_(std::move(conversation)), stop_(::eventfd(0, EFD_CLOEXEC)) {
    auto listener = listen_seqpacket(path, 0600);
    EXPECT_TRUE(listener) << listener.error().what;
    if (listener) listener_ = std::move(*listener);
    thread_ = std::thread([this] { serve(); });
}

RecordServer::~RecordServer() {
    ::eventfd_write(stop_.get(), 1);
    thread_.join();
}

void RecordServer::serve() const {
    for (;;) {
        std::array<pollfd, 2> entries{{{listener_.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}}};
        ::poll(entries.data(), entries.size(), -1);
        if (entries[1].revents != 0) return;
        const UniqueFd connection(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (connection) serve_(connection.get());
    }
}

}  // namespace cordon::test
