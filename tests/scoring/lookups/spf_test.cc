// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/lookups/spf.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/dns_zone.h"

namespace cordon {
namespace {

struct Case {
    const char* name;
    const char* zone;
    const char* client;
    const char* sender;
    SpfResult result;
};

void PrintTo(const Case& c, std::ostream* out) {
    *out << c.name;
}

SpfOutcome outcome_of(const std::string& zone, const std::string& client, const std::string& sender,
                      const std::string& helo = "mail.client.example") {
    auto lookups = test::lookups_in(zone);
    SpfQuery query{*IpAddress::parse(client), sender, helo, "mx.here.example", 1'700'000'000};
    const auto out = check_spf(query, lookups);
    EXPECT_TRUE(out) << "a zone file answers at once";
    return out.value_or(SpfOutcome{});
}

class SpfCase : public ::testing::TestWithParam<Case> {};

TEST_P(SpfCase, HasTheResultOfTheRfc) {
    const auto& c = GetParam();
    const auto out = outcome_of(c.zone, c.client, c.sender);
    EXPECT_EQ(out.result, c.result) << to_text(out.result) << ": " << out.reason;
}

std::string record(std::string_view spf) {
    return fmt::format(R"({{"o.example": {{"TXT": ["{}"], "A": ["192.0.2.1"]}}}})", spf);
}

SpfResult result_of_record(std::string_view spf, const std::string& client = "192.0.2.1") {
    return outcome_of(record(spf), client, "a@o.example").result;
}

using R = SpfResult;

INSTANTIATE_TEST_SUITE_P(
    Spf, SpfCase,
    ::testing::Values(
        Case{"NoRecord", R"({"o.example": {"TXT": ["something else"]}})", "192.0.2.1",
             "a@o.example", R::none},
        Case{"NoName", R"({})", "192.0.2.1", "a@o.example", R::none},
        Case{"OneLabel", R"({"o": {"TXT": "v=spf1 +all"}})", "192.0.2.1", "a@o", R::none},
        Case{"AddressLiteral", R"({})", "192.0.2.1", "a@[192.0.2.1]", R::none},
        Case{"EmptyLabel", R"({"a..example": {"TXT": "v=spf1 +all"}})", "192.0.2.1", "a@a..example",
             R::none},
        Case{"Timeout", R"({"o.example": "TIMEOUT"})", "192.0.2.1", "a@o.example", R::temperror},
        Case{"TwoRecords", R"({"o.example": {"TXT": ["v=spf1 +all", "V=SPF1"]}})", "192.0.2.1",
             "a@o.example", R::permerror},
        Case{"OtherTextBesideIt", R"({"o.example": {"TXT": ["v=spf10 -all", "v=spf1 +all"]}})",
             "192.0.2.1", "a@o.example", R::pass},
        Case{"StringsOfOneRecordAreJoined",
             R"({"o.example": {"TXT": [["v=spf1 ip4:192.0", ".2.1 -all"]]}})", "192.0.2.1",
             "a@o.example", R::pass},
        Case{"RedirectToNothing", R"({"o.example": {"TXT": "v=spf1 redirect=x.example"}})",
             "192.0.2.1", "a@o.example", R::permerror},
        Case{"RedirectLoop", R"({"o.example": {"TXT": "v=spf1 redirect=o.example"}})", "192.0.2.1",
             "a@o.example", R::permerror},
        Case{"IncludeLoop", R"({"o.example": {"TXT": "v=spf1 include:o.example"}})", "192.0.2.1",
             "a@o.example", R::permerror},
        Case{"IncludeOfNothing", R"({"o.example": {"TXT": "v=spf1 include:x.example +all"}})",
             "192.0.2.1", "a@o.example", R::permerror},
        Case{"IncludedFailIsNoMatch",
             R"({"o.example": {"TXT": "v=spf1 include:x.example +all"},
                 "x.example": {"TXT": "v=spf1 -all"}})",
             "192.0.2.1", "a@o.example", R::pass},
        Case{"MxWithTheClient",
             R"({"o.example": {"TXT": "v=spf1 mx -all", "MX": ["10 m.example"]},
                 "m.example": {"A": "192.0.2.1"}})",
             "192.0.2.1", "a@o.example", R::pass},
        Case{"MxNeedsAaaaForIpv6",
             R"({"o.example": {"TXT": "v=spf1 mx/24//48 -all", "MX": ["10 m.example"]},
                 "m.example": {"A": "192.0.2.1", "AAAA": "2001:db8::1"}})",
             "2001:db8:0:1::9", "a@o.example", R::pass},
        Case{"NoMxMeansNoAddress", R"({"o.example": {"TXT": "v=spf1 mx -all", "A": "192.0.2.1"}})",
             "192.0.2.1", "a@o.example", R::fail},
        Case{"PtrThatLeadsBack",
             R"({"o.example": {"TXT": "v=spf1 ptr -all"}, "m.o.example": {"A": "192.0.2.1"},
                 "192.0.2.1": {"PTR": ["x.example", "m.o.example"]}})",
             "192.0.2.1", "a@o.example", R::pass},
        Case{"PtrThatDoesNot",
             R"({"o.example": {"TXT": "v=spf1 ptr -all"}, "m.o.example": {"A": "192.0.2.2"},
                 "192.0.2.1": {"PTR": ["m.o.example"]}})",
             "192.0.2.1", "a@o.example", R::fail},
        Case{"PtrErrorIsNoMatch",
             R"({"o.example": {"TXT": "v=spf1 ptr -all"},
                 "1.2.0.192.in-addr.arpa": "SERVFAIL"})",
             "192.0.2.1", "a@o.example", R::fail},
        Case{"AddressError",
             R"({"o.example": {"TXT": "v=spf1 a:x.example -all"}, "x.example": "TIMEOUT"})",
             "192.0.2.1", "a@o.example", R::temperror},
        Case{"TwoVoidLookups", R"({"o.example": {"TXT": "v=spf1 a:v1.example a:v2.example +all"}})",
             "192.0.2.1", "a@o.example", R::pass},
        Case{
            "ThreeVoidLookups",
            R"({"o.example": {"TXT": "v=spf1 a:v1.example mx:v2.example exists:v3.example +all"}})",
            "192.0.2.1", "a@o.example", R::permerror},
        Case{"AliasesAreFollowed",
             R"({"o.example": {"CNAME": "x.example"}, "x.example": {"TXT": "v=spf1 +all"}})",
             "192.0.2.1", "a@o.example", R::pass},
        Case{"AliasesInALoop",
             R"({"o.example": {"CNAME": "x.example"}, "x.example": {"CNAME": "o.example"}})",
             "192.0.2.1", "a@o.example", R::temperror},
        Case{"NamesOfOtherScripts", R"({"xn--bcher-kva.example": {"TXT": "v=spf1 +all"}})",
             "192.0.2.1",
             "a@b\xC3\xBC"
             "cher.example",
             R::pass},
        Case{"MacrosInNames",
             R"({"o.example": {"TXT": "v=spf1 exists:%{ir}.%{l1r-}.%{d2}.l.example -all"},
                 "1.2.0.192.a.o.example.l.example": {"A": "127.0.0.2"}})",
             "192.0.2.1", "b-a@o.example", R::fail},
        Case{"MacrosOfIpv6",
             R"({"o.example": {"TXT": "v=spf1 exists:%{ir}.%{v}.l.example -all"},
  "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.l.example":
                 {"A": "127.0.0.2"}})",
             "2001:db8::1", "a@o.example", R::pass}),
    [](const auto& one) { return std::string(one.param.name); });

TEST(Spf, FindsAnErrorBehindTheTermThatMatches) {
    for (const auto* const bad : {"all/8",
                                  "-all.",
                                  "all:x",
                                  "ip4:1.2.3",
                                  "ip4:1.2.3.4/33",
                                  "ip4:1.2.3.4/032",
                                  "ip4",
                                  "ip6:1.2.3.4",
                                  "ip6:::1/129",
                                  "a:",
                                  "a/",
                                  "a//",
                                  "a:x",
                                  "a:x.123",
                                  "a:x.-y",
                                  "mx:",
                                  "a:x.example/33",
                                  "include",
                                  "include:",
                                  "exists",
                                  "exists:x.example/8",
                                  "ptr/24",
                                  "ptr:",
                                  "redirect=",
                                  "redirect=x.example redirect=x.example",
                                  "exp=",
                                  "=x",
                                  "x",
                                  "1x=y",
                                  "+x=y",
                                  "a:%{x}.example",
                                  "a:%{d0}.example",
                                  "a:%(d).example",
                                  "a:%.example",
                                  "a:%{c}.example",
                                  "foo=%{x}",
                                  "foo=%a",
                                  "a:example.com:8080",
                                  "a\\tb",
                                  "a\\u0000"})
        EXPECT_EQ(result_of_record("v=spf1 +all " + std::string(bad)), R::permerror) << bad;
}

TEST(Spf, ReadsWhatIsOddButAllowed) {
    for (const auto* const good :
         {"", "  ", "?ALL", "foo=bar%%%_%-%{i}", "a/0", "a//0", "a/24//64", "a:x.example.",
          "a:foo:bar/baz.example", "A:%{D}", "ip4:192.0.2.0/0", "exists:%{l/+.-}.%{i}",
          "a:x.xn--zckzah", "moo.cow-far_out=man:dog/cat", "ip6:::ffff:192.0.2.1"})
        EXPECT_EQ(result_of_record("v=spf1 +all " + std::string(good)), R::pass) << good;
    EXPECT_EQ(result_of_record("v=spf1"), R::neutral);
    EXPECT_EQ(result_of_record("v=spf1 ~all"), R::softfail);
    EXPECT_EQ(result_of_record("v=spf1 ip6:::ffff:192.0.2.1 -all"), R::pass);
    EXPECT_EQ(result_of_record("v=spf1 ip6:::192.0.2.1/0 -all"), R::fail);
}

TEST(Spf, TakesNoBytesBeyondAscii) {
    EXPECT_EQ(result_of_record("v=spf1 +all a:\\u00e4.example"), R::permerror);
}

std::string many_terms(int count) {
    std::string out = "v=spf1";
    for (int i = 0; i < count; ++i) out += " a:o.example";
    return out + " -all";
}

TEST(Spf, LooksUpTenTermsAndNoMore) {
    EXPECT_EQ(result_of_record(many_terms(10), "192.0.2.9"), R::fail);
    EXPECT_EQ(result_of_record(many_terms(11), "192.0.2.9"), R::permerror);
    EXPECT_EQ(result_of_record(many_terms(4000), "192.0.2.9"), R::permerror);
}

TEST(Spf, IsBoundedForAThousandIncludes) {
    std::string zone;
    for (int i = 0; i < 1000; ++i)
        zone += fmt::format(R"({}"n{}.example": {{"TXT": "v=spf1 include:n{}.example -all"}})",
                            i == 0 ? "{" : ", ", i, i + 1);
    EXPECT_EQ(outcome_of(zone + "}", "192.0.2.1", "a@n0.example").result, R::permerror);
    std::string wide = "v=spf1";
    for (int i = 0; i < 1000; ++i) wide += fmt::format(" include:n{}.example", i);
    auto lookups = test::lookups_in(record(wide));
    const auto out =
        check_spf({*IpAddress::parse("192.0.2.1"), "a@o.example", "h.example", "mx", 0}, lookups);
    EXPECT_EQ(out->result, R::permerror);
    EXPECT_LT(lookups.asked(), 20U);
}

TEST(Spf, ReadsRecordsOfSixtyKilobytes) {
    std::string long_one = "v=spf1";
    while (long_one.size() < 60'000) long_one += " ip4:198.51.100.1";
    EXPECT_EQ(result_of_record(long_one + " ip4:192.0.2.1 -all"), R::pass);
    EXPECT_EQ(result_of_record("v=spf1 " + std::string(60'000, 'a') + " -all"), R::permerror);
    EXPECT_EQ(result_of_record("v=spf1 exists:%{l" + std::string(60'000, '-') + "}.o.example -all"),
              R::fail);
    std::string macros = "v=spf1 exists:";
    while (macros.size() < 60'000) macros += "%{s}";
    EXPECT_NE(result_of_record(macros + ".o.example +all"), R::none);
}

TEST(Spf, AsksForNoDomainInCommentsOrQuotes) {
    for (const auto* const sender :
         {"a@b (c) .example", "a@(o.example)", "\"a@o.example\"@", "a@o.example)", "a@o..example",
          "@o.example@", "a@[IPv6:2001:db8::1]"})
        EXPECT_EQ(outcome_of(record("v=spf1 +all"), "192.0.2.1", sender).result, R::none) << sender;
    EXPECT_EQ(outcome_of(record("v=spf1 +all"), "192.0.2.1", "\"x@y (z)\"@o.example").result,
              R::pass);
}

TEST(Spf, WritesNibblesOfIpv6InCapitals) {
    const std::string zone = R"({"o.example": {"TXT": "v=spf1 -all exp=e.o.example"},
                                 "e.o.example": {"TXT": "%{i2} %{c}"}})";
    EXPECT_EQ(outcome_of(zone, "2001:db8::cb", "a@o.example").explanation, "C.B 2001:db8::cb");
}

TEST(Spf, LooksAtTenHostsOfAnMx) {
    std::string hosts;
    std::string zone;
    for (int i = 1; i <= 11; ++i) {
        hosts += fmt::format(R"({}"{} m{}.example")", i == 1 ? "" : ",", i, i);
        zone += fmt::format(R"(, "m{}.example": {{"A": "192.0.2.{}"}})", i, i);
    }
    zone =
        fmt::format(R"({{"o.example": {{"TXT": "v=spf1 mx -all", "MX": [{}]}}{}}})", hosts, zone);
    EXPECT_EQ(outcome_of(zone, "192.0.2.10", "a@o.example").result, R::pass);
    EXPECT_EQ(outcome_of(zone, "192.0.2.11", "a@o.example").result, R::permerror);
}

TEST(Spf, GivesTheExplanationOfTheOwner) {
    const std::string zone =
        R"({"o.example": {"TXT": "v=spf1 -all exp=e.%{d}"},
            "e.o.example": {"TXT": "%{i} is not %{l}'s at %{o}: see http://%{d}/?s=%{S}&r=%{r}&t=%{t}"}})";
    const auto out = outcome_of(zone, "192.0.2.1", "a b@o.example");
    EXPECT_EQ(out.explanation,
              "192.0.2.1 is not a b's at o.example: see "
              "http://o.example/?s=a%20b%40o.example&r=mx.here.example&t=1700000000");
}

TEST(Spf, LeavesAnExplanationOutThatIsBroken) {
    for (const auto* const text : {"%{x}", "\\u00e4", "%{", "%"}) {
        const auto zone = fmt::format(R"({{"o.example": {{"TXT": "v=spf1 -all exp=e.example"}},
                                          "e.example": {{"TXT": "{}"}}}})",
                                      text);
        const auto out = outcome_of(zone, "192.0.2.1", "a@o.example");
        EXPECT_EQ(out.result, R::fail);
        EXPECT_EQ(out.explanation, "") << text;
    }
}

TEST(Spf, AsksForAValidatedNameOnlyWhereOneIsWanted) {
    const std::string zone =
        R"({"o.example": {"TXT": "v=spf1 exists:%{p}.l.example -all"},
            "192.0.2.1": {"PTR": ["z.example", "m.o.example"]},
            "z.example": {"A": "192.0.2.1"}, "m.o.example": {"A": "192.0.2.1"},
            "m.o.example.l.example": {"A": "127.0.0.2"}, "unknown.l.example": {"A": "127.0.0.2"}})";
    EXPECT_EQ(outcome_of(zone, "192.0.2.1", "a@o.example").result, R::pass);
    EXPECT_EQ(outcome_of(zone, "192.0.2.2", "a@o.example").result, R::pass) << "unknown";
}

TEST(Spf, TakesPostmasterWhereThereIsNoLocalPart) {
    const std::string zone = R"({"o.example": {"TXT": "v=spf1 exists:%{l}.o.example -all"},
                                 "postmaster.o.example": {"A": "127.0.0.2"}})";
    EXPECT_EQ(outcome_of(zone, "192.0.2.1", "o.example").result, R::pass);
    EXPECT_EQ(outcome_of(zone, "192.0.2.1", "@o.example").result, R::pass);
}

TEST(Spf, CutsNamesThatGrowTooLongFromTheLeft) {
    const std::string label(63, 'x');
    const auto name = fmt::format("{0}.{0}.{0}.{0}.o.example", label);
    const auto cut = fmt::format("{0}.{0}.{0}.o.example", label);
    const auto zone =
        fmt::format(R"({{"o.example": {{"TXT": "v=spf1 exists:%{{h}}.o.example -all"}},
                                      "{}": {{"A": "127.0.0.2"}}}})",
                    cut);
    const auto helo = name.substr(0, name.size() - std::string(".o.example").size());
    EXPECT_EQ(outcome_of(zone, "192.0.2.1", "a@o.example", helo).result, R::pass);
}

TEST(Spf, PutsNothingUnprintableIntoItsWords) {
    const auto out = outcome_of(R"({})", "192.0.2.1", "a@\r\nX: y.example");
    EXPECT_EQ(out.result, R::none);
    EXPECT_EQ(out.domain.find('\n'), std::string::npos);
}

}  // namespace
}  // namespace cordon
