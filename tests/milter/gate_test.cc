// SPDX-License-Identifier: GPL-2.0-only
#include "milter/gate.h"

#include <gtest/gtest.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <string>

#include "conf/base/ipc.h"
#include "tests/support/temporary_directory.h"

namespace cordon {
namespace {

int real_poll(pollfd* entries, nfds_t count, int timeout) {
    return ::poll(entries, count, timeout);
}

const std::string kWhole("\0\0\0\3Cab", 7);
const std::string kHalf("\0\0\0\3C", 5);

struct Connection {
    Connection() {
        std::array<int, 2> ends{};
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
        ours = UniqueFd(ends[0]);
        mta = UniqueFd(ends[1]);
    }
    void send(const std::string& bytes) const { EXPECT_TRUE(write_all(mta.get(), bytes)); }
    UniqueFd ours;
    UniqueFd mta;
};

/// What libmilter's controller polls: its pipe and these sessions.
struct Controller {
    explicit Controller(const std::vector<Connection>& sessions) {
        entries.push_back({pipe.ours.get(), POLLIN, 0});
        for (const auto& session : sessions) entries.push_back({session.ours.get(), POLLIN, 0});
    }
    /// The number of the session that is told to be readable; -1: none.
    int readable() {
        const int told = gate.poll_sessions(entries.data(), entries.size(), 0);
        int out = -1;
        int found = 0;
        for (std::size_t i = 1; i < entries.size(); ++i)
            if (told > 0 && entries[i].revents != 0) {
                out = static_cast<int>(i) - 1;
                ++found;
            }
        EXPECT_LE(found, 1);
        return out;
    }
    void take(const Connection& session) {
        pollfd own{session.ours.get(), POLLIN, 0};
        gate.poll_own(own, 0);
        std::array<char, 64> bytes{};
        static_cast<void>(!::read(session.ours.get(), bytes.data(), bytes.size()));
    }
    Connection pipe;
    Gate gate{real_poll};
    std::vector<pollfd> entries;
};

TEST(Gate, PassesOverASessionWithHalfAPacket) {
    const std::vector<Connection> sessions(3);
    Controller controller(sessions);
    sessions[0].send(kHalf);
    sessions[1].send(kHalf.substr(0, 2));
    EXPECT_EQ(controller.readable(), -1);
    sessions[2].send(kWhole);
    EXPECT_EQ(controller.readable(), 2);
}

TEST(Gate, TellsOneSessionAtATimeUntilAThreadHasTakenIt) {
    const std::vector<Connection> sessions(3);
    Controller controller(sessions);
    for (const auto& session : sessions) session.send(kWhole);
    for (int i = 0; i < 3; ++i) {
        ASSERT_EQ(controller.readable(), i);
        controller.take(sessions[static_cast<std::size_t>(i)]);
    }
    EXPECT_EQ(controller.readable(), -1);
}

TEST(Gate, TellsOfAnEnd) {
    std::vector<Connection> sessions(1);
    Controller controller(sessions);
    sessions[0].mta.reset();
    EXPECT_EQ(controller.readable(), 0);
}

TEST(Gate, TellsOfALongPacketWhenEnoughOfItIsThere) {
    const std::vector<Connection> sessions(1);
    Controller controller(sessions);
    sessions[0].send(std::string("\0\1\0\0B", 5) + std::string(20'000, 'x'));
    EXPECT_EQ(controller.readable(), 0);
}

TEST(Gate, TellsOfThePipeBesideASession) {
    const std::vector<Connection> sessions(1);
    Controller controller(sessions);
    controller.pipe.send("Z");
    sessions[0].send(kWhole);
    EXPECT_EQ(controller.gate.poll_sessions(controller.entries.data(), 2, 0), 2);
}

TEST(Gate, AcceptsAConnectionOnceItSpeaks) {
    const test::TemporaryDirectory folder;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, folder.file("s").c_str(), sizeof address.sun_path - 1);
    const auto* const name = reinterpret_cast<const sockaddr*>(&address);
    const UniqueFd listener(::socket(AF_UNIX, SOCK_STREAM, 0));
    ASSERT_EQ(::bind(listener.get(), name, sizeof address), 0);
    ASSERT_EQ(::listen(listener.get(), 8), 0);
    std::vector<UniqueFd> clients;
    for (int i = 0; i < 3; ++i) {
        clients.emplace_back(::socket(AF_UNIX, SOCK_STREAM, 0));
        ASSERT_EQ(::connect(clients.back().get(), name, sizeof address), 0);
    }
    ASSERT_TRUE(write_all(clients[0].get(), kHalf));
    Gate gate(real_poll);
    pollfd entry{listener.get(), POLLIN, 0};
    EXPECT_EQ(gate.poll_listener(entry, 50), 0);
    EXPECT_EQ(gate.take_connection(nullptr, nullptr), -1);
    ASSERT_TRUE(write_all(clients[1].get(), kWhole));
    ASSERT_EQ(gate.poll_listener(entry, 10'000), 1);
    const UniqueFd taken(gate.take_connection(nullptr, nullptr));
    ASSERT_TRUE(taken);
    std::array<char, 8> bytes{};
    EXPECT_EQ(::read(taken.get(), bytes.data(), bytes.size()), 7);
}

}  // namespace
}  // namespace cordon
