// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quarantine/doctor/checks.h"
#include "tests/support/builders.h"
#include "tests/support/dns_zone.h"

namespace cordon {
namespace {

using ::testing::HasSubstr;

Findings examine(const std::string& zone, const std::string& options = "") {
    Findings out;
    check_lookups(*test::a_configuration(options), test::a_zone(zone),
                  Deadline::in(Milliseconds(0)), out);
    return out;
}

Finding worst(const Findings& findings) {
    Finding out;
    for (const auto& finding : findings)
        if (exit_code_of({finding}) > exit_code_of({out}) || out.subject.empty()) out = finding;
    return out;
}

const std::string kRoot = R"("com": {"NS": "a.example"})";
constexpr const char* kList = "[dnsbl.l]\nzone = list.example\nlooks-at = client\n";

TEST(DoctorLookups, AreGoodWhereNamesAreAnsweredHonestly) {
    EXPECT_EQ(exit_code_of(examine("{" + kRoot + "}")), 0);
    EXPECT_EQ(exit_code_of(examine(
                  "{" + kRoot + R"(, "2.0.0.127.list.example": {"A": "127.0.0.2"}})", kList)),
              0);
}

TEST(DoctorLookups, FindAServerThatDoesNotAnswer) {
    const auto found = worst(examine(R"({"com": "TIMEOUT"})"));
    EXPECT_EQ(found.health, Health::error);
    EXPECT_THAT(found.what, HasSubstr("no name server answers: TIMEOUT"));
    EXPECT_THAT(found.remedy, HasSubstr("[dns] servers = 127.0.0.1"));
}

TEST(DoctorLookups, FindAServerThatInventsNames) {
    const auto found = worst(examine("{" + kRoot + R"(, "*.com": {"A": "198.51.100.80"}})"));
    EXPECT_EQ(found.health, Health::error);
    EXPECT_THAT(found.what, HasSubstr("198.51.100.80"));
}

TEST(DoctorLookups, WarnOfPublicResolversAndMoreWithLists) {
    for (const auto* const server : {"8.8.8.8", "1.1.1.1:53", "[2606:4700:4700::1111]:53"}) {
        const auto options = fmt::format("[dns]\nservers = {}\n", server);
        EXPECT_EQ(worst(examine("{" + kRoot + "}", options)).health, Health::warning) << server;
        EXPECT_EQ(worst(examine("{" + kRoot + "}", options + kList)).health, Health::error);
    }
    EXPECT_EQ(exit_code_of(examine("{" + kRoot + "}", "[dns]\nservers = 192.0.2.53\n")), 0);
}

TEST(DoctorLookups, FindListsThatRefuseFailOrListEverything) {
    const auto health_with = [](const std::string& records) {
        return worst(examine("{" + kRoot + ", " + records + "}", kList));
    };
    const auto refused = health_with(R"("*.list.example": {"A": "127.255.255.254"})");
    EXPECT_EQ(refused.health, Health::error);
    EXPECT_THAT(refused.what, HasSubstr("127.255.255.254"));
    EXPECT_THAT(refused.remedy, HasSubstr("[dnsbl.l] enabled = no"));
    EXPECT_EQ(health_with(R"("*.list.example": "SERVFAIL")").health, Health::warning);
    EXPECT_THAT(health_with(R"("*.list.example": {"A": "127.0.0.2"})").what,
                HasSubstr("lists everything"));
    EXPECT_EQ(exit_code_of(examine("{" + kRoot + "}", kList)), 0) << "no test entry is a note";
    EXPECT_EQ(exit_code_of(examine("{" + kRoot + R"(, "test.list.example": {"A": "127.0.1.2"}})",
                                   "[dnsbl.l]\nzone = list.example\nlooks-at = url\n")),
              0);
    ::testing::internal::CaptureStderr();
    const auto keyless = worst(examine("{" + kRoot + "}",
                                       "[dnsbl.l]\nzone = {key}.list.example\nlooks-at = url\n"
                                       "key-file = /nonexistent/key\n"));
    ::testing::internal::GetCapturedStderr();
    EXPECT_THAT(keyless.remedy, HasSubstr("key-file = /nonexistent/key"));
}

TEST(DoctorLookups, AreANoteWhereTheyAreOff) {
    Findings out;
    check_lookups(*test::a_configuration(""), nullptr, Deadline::in(Milliseconds(0)), out);
    EXPECT_EQ(exit_code_of(out), 0);
    EXPECT_EQ(out.at(0).remedy, "[dns] servers = system");
}

TEST(DoctorLayers, NameEachThatTheMachineRefuses) {
    Findings out;
    check_layers("layer namespaces active\nlayer landlock active\n", out);
    EXPECT_EQ(exit_code_of(out), 0);
    check_layers("layer namespaces missing: Operation not permitted\nlayer landlock active\n", out);
    EXPECT_EQ(out.back().health, Health::warning);
    EXPECT_THAT(out.back().what, HasSubstr("namespaces missing: Operation not permitted"));
    check_layers("", out);
    EXPECT_EQ(out.back().health, Health::unknown);
}

}  // namespace
}  // namespace cordon
