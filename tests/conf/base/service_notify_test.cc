// SPDX-License-Identifier: GPL-2.0-only
#include "conf/base/service_notify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cstdlib>
#include <cstring>

#include "conf/base/file_descriptor.h"
#include "tests/support/temporary_directory.h"

namespace cordon {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

/// The service manager's end.
class Manager {
 public:
    Manager() : path_(directory_.file("notify")), fd_(::socket(AF_UNIX, SOCK_DGRAM, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, path_.c_str(), sizeof address.sun_path - 1);
        EXPECT_EQ(::bind(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    }
    const std::string& path() const { return path_; }
    /// The next datagram; empty when there is none.
    std::string next() const {
        std::array<char, 500> bytes{};
        const auto n = ::recv(fd_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
        return n > 0 ? std::string(bytes.data(), static_cast<std::size_t>(n)) : "";
    }

 private:
    const test::TemporaryDirectory directory_;
    const std::string path_;
    const UniqueFd fd_;
};

TEST(ServiceNotify, SaysReadyReloadingAndStopping) {
    const Manager manager;
    const ServiceNotify notify(manager.path(), Milliseconds(0));
    notify.ready("Serving\nX=1");
    EXPECT_EQ(manager.next(), "READY=1\nSTATUS=Serving\\x0aX=1\n") << "one line, whatever it is";
    notify.reloading();
    EXPECT_THAT(manager.next(), StartsWith("RELOADING=1\nMONOTONIC_USEC="));
    notify.stopping();
    EXPECT_THAT(manager.next(), HasSubstr("STOPPING=1"));
}

TEST(ServiceNotify, SaysThatItLivesNoMoreOftenThanNeeded) {
    const Manager manager;
    ServiceNotify notify(manager.path(), Milliseconds(3'600'000));
    notify.alive();
    EXPECT_EQ(manager.next(), "WATCHDOG=1\n");
    notify.alive();
    EXPECT_EQ(manager.next(), "");
}

TEST(ServiceNotify, TakesItsAddressOutOfTheEnvironment) {
    ::setenv("NOTIFY_SOCKET", "/nowhere", 1);
    ::setenv("WATCHDOG_USEC", "90000000", 1);
    const auto notify = ServiceNotify::from_environment();
    EXPECT_EQ(notify.interval(), Milliseconds(45'000));
    EXPECT_EQ(::getenv("NOTIFY_SOCKET"), nullptr);
    EXPECT_EQ(::getenv("WATCHDOG_USEC"), nullptr);
}

TEST(ServiceNotify, SaysNothingWithoutAManager) {
    ServiceNotify notify;
    notify.ready("x");
    notify.alive();
    EXPECT_EQ(notify.interval(), Milliseconds(0));
}

}  // namespace
}  // namespace cordon
