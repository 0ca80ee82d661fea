// SPDX-License-Identifier: GPL-2.0-only
#include "conf/values.h"

#include <gtest/gtest.h>

#include "tests/support/matchers.h"

namespace cordon {
namespace {

using test::FailsWith;
using test::IsOk;

/// The value read and shown again, or the error.
template <typename T>
std::string shown(const std::string& text) {
    const auto value = parse_value<T>(text);
    return value ? to_text(*value) : "error: " + value.error().what;
}

template <typename T>
void expect_refused(std::initializer_list<const char*> texts, const std::string& words) {
    for (const char* text : texts) EXPECT_THAT(parse_value<T>(text), FailsWith(words)) << text;
}

TEST(DurationValue, IsReadWithItsUnit) {
    EXPECT_EQ(parse_value<Duration>("500ms")->value, Milliseconds(500));
    EXPECT_EQ(parse_value<Duration>("20s")->value, Milliseconds(20'000));
    EXPECT_EQ(parse_value<Duration>("5M")->value, Milliseconds(300'000));
    EXPECT_EQ(parse_value<Duration>("30d")->value, Milliseconds(30LL * 86'400'000));
}

TEST(DurationValue, OfNothingNeedsNoUnit) {
    EXPECT_EQ(parse_value<Duration>("0")->value, Milliseconds(0));
    EXPECT_FALSE(parse_value<Duration>("00"));
    EXPECT_FALSE(parse_value<Duration>("5"));
}

TEST(DurationValue, IsShownInTheLargestUnitThatFits) {
    EXPECT_EQ(shown<Duration>("60s"), "1m");
    EXPECT_EQ(shown<Duration>("90s"), "90s");
    EXPECT_EQ(shown<Duration>("24h"), "1d");
    EXPECT_EQ(shown<Duration>("0s"), "0ms");
    EXPECT_EQ(shown<Duration>("1001ms"), "1001ms");
}

TEST(DurationValue, RefusesNonsense) {
    expect_refused<Duration>(
        {"", "20", "s", "-5s", "1.5s", "5 s", "5w", "99999999999999999999s", "3651d"},
        "is not a time like 500ms, 20s");
}

TEST(ByteSizeValue, IsReadWithItsUnit) {
    EXPECT_EQ(parse_value<ByteSize>("4096")->value, 4096U);
    EXPECT_EQ(parse_value<ByteSize>("64k")->value, 65536U);
    EXPECT_EQ(parse_value<ByteSize>("10G")->value, 10ULL << 30U);
}

TEST(ByteSizeValue, IsShownInTheLargestUnitThatFits) {
    EXPECT_EQ(shown<ByteSize>("1024M"), "1G");
    EXPECT_EQ(shown<ByteSize>("1025"), "1025");
    EXPECT_EQ(shown<ByteSize>("0"), "0");
}

TEST(ByteSizeValue, RefusesNonsense) {
    expect_refused<ByteSize>({"", "K", "-1", "1.5M", "5T", "18446744073709551615G", "2000000G"},
                             "is not a size like 4096, 64K");
}

TEST(ThresholdValue, IsANumberOrOff) {
    EXPECT_DOUBLE_EQ(parse_value<Threshold>("6")->value, 6);
    EXPECT_DOUBLE_EQ(parse_value<Threshold>("-1.5")->value, -1.5);
    EXPECT_EQ(parse_value<Threshold>("OFF")->value, Threshold::kOff);
}

TEST(ThresholdValue, IsShownSoThatItReadsBack) {
    for (const char* text : {"6", "15.5", "-0.25", "off", "0.0000001", "100000", "0.1"})
        EXPECT_EQ(shown<Threshold>(text), text);
}

TEST(ThresholdValue, RefusesNonsense) {
    expect_refused<Threshold>(
        {"", "six", "6 ", "6,5", "1e3", "nan", "-nan", "inf", "infinity", "100001", "0x10"},
        "is not a score like 6");
}

TEST(WordListValue, SplitsAtBlanksAndCommas) {
    const auto list = parse_value<WordList>(" a.example,b.example  c.example, ");
    ASSERT_THAT(list, IsOk());
    EXPECT_EQ(list->value, (std::vector<std::string>{"a.example", "b.example", "c.example"}));
    EXPECT_EQ(to_text(*list), "a.example b.example c.example");
}

TEST(NetworkListValue, ReadsNetworksAndSingleAddresses) {
    EXPECT_EQ(shown<NetworkList>("192.0.2.0/24, 2001:db8::/32 203.0.113.7"),
              "192.0.2.0/24 2001:db8::/32 203.0.113.7/32");
}

TEST(NetworkListValue, KnowsWhatItContains) {
    const auto list = parse_value<NetworkList>("192.0.2.0/24 2001:db8::/32");
    ASSERT_THAT(list, IsOk());
    EXPECT_TRUE(list->contains(*IpAddress::parse("192.0.2.255")));
    EXPECT_TRUE(list->contains(*IpAddress::parse("2001:db8:1::1")));
    EXPECT_FALSE(list->contains(*IpAddress::parse("192.0.3.0")));
    EXPECT_FALSE(list->contains(IpAddress()));
}

TEST(NetworkListValue, RefusesNonsense) {
    expect_refused<NetworkList>({"192.0.2.0/33", "192.0.2/24", "2001:db8::/129", "localhost",
                                 "192.0.2.0/", "/24", "192.0.2.0/24 x"},
                                "is not a network like 192.0.2.0/24");
}

TEST(FileModeValue, IsOctal) {
    EXPECT_EQ(parse_value<FileMode>("0660")->value, 0660U);
    EXPECT_EQ(shown<FileMode>("660"), "0660");
    expect_refused<FileMode>({"", "0888", "rw", "1777", "-1", "0x1ff"},
                             "is not an octal file mode");
}

TEST(MilterSocketValue, ReadsEachFamily) {
    for (const char* text : {"unix:/run/x.sock", "inet:8899@127.0.0.1", "inet6:8899@::1"})
        EXPECT_EQ(shown<MilterSocket>(text), text);
    EXPECT_EQ(shown<MilterSocket>("local:/run/x.sock"), "unix:/run/x.sock");
}

TEST(MilterSocketValue, RefusesNonsense) {
    expect_refused<MilterSocket>({"", "/run/x.sock", "unix:", "unix:run/x.sock", "inet:8899",
                                  "inet:0@127.0.0.1", "inet:65536@127.0.0.1", "inet:x@127.0.0.1",
                                  "inet:8899@::1", "inet6:8899@127.0.0.1", "inet:8899@localhost"},
                                 "is not of the form");
}

TEST(EnumValues, AreReadWithoutCaseAndShownAsWritten) {
    EXPECT_EQ(shown<Action>("Quarantine"), "quarantine");
    EXPECT_EQ(shown<Mode>("tag-only"), "tag-only");
    EXPECT_EQ(shown<OnError>("accept"), "accept");
    EXPECT_EQ(shown<OnStoreFailure>("hold"), "hold");
    EXPECT_EQ(shown<LogTarget>("stderr"), "stderr");
    EXPECT_EQ(shown<LogFormat>("json"), "json");
    EXPECT_EQ(shown<LogLevel>("warn"), "warn");
    EXPECT_EQ(shown<ScanMode>("both"), "both");
    EXPECT_EQ(shown<ReloadMode>("in-place"), "in-place");
}

TEST(EnumValues, NameTheChoicesWhenTheyRefuse) {
    EXPECT_THAT(
        parse_value<Action>("delete"),
        FailsWith("'delete' is not one of accept, tag, quarantine, reject, defer, discard"));
    expect_refused<LogLevel>({"", "verbose", "info,warn"},
                             "is not one of debug, info, warn, error");
}

}  // namespace
}  // namespace cordon
