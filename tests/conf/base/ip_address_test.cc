// SPDX-License-Identifier: GPL-2.0-only
#include "conf/base/ip_address.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/un.h>

namespace cordon {
namespace {

using namespace std::string_view_literals;

std::string normal(std::string_view text) {
    const auto ip = IpAddress::parse(text);
    return ip ? ip->to_string() : "none";
}

TEST(IpAddress, ReadsBothFamilies) {
    EXPECT_EQ(normal("192.0.2.7"), "192.0.2.7");
    EXPECT_EQ(normal("2001:DB8:0:0::7"), "2001:db8::7");
    EXPECT_EQ(normal("::"), "::");
}

TEST(IpAddress, TakesMappedAddressesForIpv4) {
    EXPECT_EQ(normal("::ffff:192.0.2.7"), "192.0.2.7");
    EXPECT_EQ(IpAddress::parse("::ffff:192.0.2.7"), IpAddress::parse("192.0.2.7"));
}

TEST(IpAddress, RefusesEverythingElse) {
    for (const char* text : {"", "192.0.2", "192.0.2.256", "192.0.2.7 ", "0x7f.1", "localhost",
                             "[::1]", "fe80::1%eth0"})
        EXPECT_EQ(normal(text), "none") << text;
    EXPECT_EQ(normal("192.0.2.7\0.example"sv), "none");
}

TEST(IpAddress, ComesFromASocketAddress) {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_addr = in6addr_loopback;
    EXPECT_EQ(IpAddress::from(reinterpret_cast<const sockaddr*>(&v6)).to_string(), "::1");
    sockaddr_un local{};
    local.sun_family = AF_UNIX;
    EXPECT_FALSE(IpAddress::from(reinterpret_cast<const sockaddr*>(&local)).is_known());
    EXPECT_FALSE(IpAddress::from(nullptr).is_known());
}

TEST(IpAddress, KnowsLoopback) {
    EXPECT_TRUE(IpAddress::parse("127.8.9.1")->is_loopback());
    EXPECT_TRUE(IpAddress::parse("::1")->is_loopback());
    EXPECT_FALSE(IpAddress::parse("::2")->is_loopback());
    EXPECT_FALSE(IpAddress::parse("1::1")->is_loopback());
    EXPECT_FALSE(IpAddress().is_loopback());
}

TEST(IpAddress, IsEmptyTextWhenUnknown) {
    EXPECT_EQ(IpAddress().to_string(), "");
}

struct Membership {
    const char* network;
    const char* address;
    bool is_inside;
};

class NetworkMembership : public ::testing::TestWithParam<Membership> {};

TEST_P(NetworkMembership, ComparesThePrefix) {
    const auto network = IpNetwork::parse(GetParam().network);
    ASSERT_TRUE(network);
    EXPECT_EQ(network->contains(*IpAddress::parse(GetParam().address)), GetParam().is_inside);
}

INSTANTIATE_TEST_SUITE_P(IpNetwork, NetworkMembership,
                         ::testing::Values(Membership{"192.0.2.0/24", "192.0.2.255", true},
                                           Membership{"192.0.2.0/24", "192.0.3.0", false},
                                           Membership{"192.0.2.128/25", "192.0.2.127", false},
                                           Membership{"192.0.2.128/25", "192.0.2.128", true},
                                           Membership{"192.0.2.7", "192.0.2.7", true},
                                           Membership{"192.0.2.7", "192.0.2.6", false},
                                           Membership{"0.0.0.0/0", "203.0.113.1", true},
                                           Membership{"0.0.0.0/0", "::1", false},
                                           Membership{"::/0", "192.0.2.1", false},
                                           Membership{"2001:db8::/33", "2001:db8:7fff::1", true},
                                           Membership{"2001:db8::/33", "2001:db8:8000::1", false},
                                           Membership{"2001:db8::1/128", "2001:db8::1", true},
                                           Membership{"192.0.2.0/24", "::ffff:192.0.2.1", true}));

TEST(IpNetwork, RefusesNonsense) {
    for (const char* text : {"", "/24", "192.0.2.0/", "192.0.2.0/33", "192.0.2.0/-1",
                             "2001:db8::/129", "192.0.2.0/24/1"})
        EXPECT_FALSE(IpNetwork::parse(text)) << text;
}

}  // namespace
}  // namespace cordon
