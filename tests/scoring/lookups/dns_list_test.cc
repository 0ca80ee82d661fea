// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/lookups/dns_list.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "conf/dns_lists.h"
#include "tests/support/builders.h"
#include "tests/support/temporary_directory.h"

namespace cordon {
namespace {

using test::a_configuration;
using test::TemporaryDirectory;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

DnsList list_of(const std::string& options) {
    auto lists = load_dns_lists(*a_configuration("[dnsbl.one]\nzone = list.example\n" + options));
    EXPECT_THAT(lists, SizeIs(1));
    return lists.empty() ? DnsList{} : lists.front();
}

DnsAnswer found(const std::vector<std::string>& addresses) {
    DnsAnswer out;
    out.status = DnsAnswer::Status::found;
    for (const auto& text : addresses) out.addresses.push_back(*IpAddress::parse(text));
    return out;
}

std::vector<std::string> rules_hit(const DnsList& list, const std::vector<std::string>& addresses) {
    std::vector<std::string> out;
    for (const auto& hit : read_list_answer(list, {"x", "shown"}, found(addresses)).hits)
        out.push_back(hit.rule);
    return out;
}

std::vector<std::string> names_asked(const DnsList& list, const ListFacts& facts) {
    std::vector<std::string> out;
    for (const auto& subject : subjects_of(list, facts)) out.push_back(subject.name);
    return out;
}

TEST(DnsList, LooksAtTheClientUnlessToldOtherwise) {
    const Analysis content;
    const ListFacts facts{*IpAddress::parse("192.0.2.1"), "mail.helo.example", "bob@sender.example",
                          &content};
    EXPECT_THAT(names_asked(list_of("score = 3\n"), facts), ElementsAre("1.2.0.192"));
}

TEST(DnsList, CountsAnyAnswerOfItsNetworkWhereNoneIsNamed) {
    const auto list = list_of("looks-at = client\n");
    EXPECT_THAT(rules_hit(list, {"127.0.0.2"}), ElementsAre("DNSBL_ONE"));
    EXPECT_THAT(rules_hit(list, {"192.0.2.1", "10.0.0.1"}), IsEmpty()) << "a parked domain";
}

TEST(DnsList, GivesEachAnswerTheRuleOfItsRange) {
    const auto list = list_of(
        "looks-at = client\nanswers = 127.0.0.2:A 127.0.0.4-7:B:2.5 127.0.1.0/24:C "
        "127.0.0.0/8:rest\n");
    EXPECT_THAT(rules_hit(list, {"127.0.0.2"}), ElementsAre("DNSBL_ONE_A"))
        << "the first that fits";
    EXPECT_THAT(rules_hit(list, {"127.0.0.7", "127.0.1.200"}),
                ElementsAre("DNSBL_ONE_B", "DNSBL_ONE_C"));
    EXPECT_THAT(rules_hit(list, {"127.0.0.8"}), ElementsAre("DNSBL_ONE_REST"));
    EXPECT_THAT(rules_hit(list_of("looks-at = client\nanswers = 127.0.0.2\n"), {"127.0.0.3"}),
                IsEmpty())
        << "an answer that nobody named";
}

TEST(DnsList, ReadsBitsOfTheLastByteSideBySide) {
    const auto list =
        list_of("looks-at = url\nanswers = 127.0.0.0&8:PH:3 127.0.0.0&16:MW:4 127.0.0.0&192:AB\n");
    EXPECT_THAT(rules_hit(list, {"127.0.0.8"}), ElementsAre("DNSBL_ONE_PH"));
    EXPECT_THAT(rules_hit(list, {"127.0.0.88"}),
                ElementsAre("DNSBL_ONE_PH", "DNSBL_ONE_MW", "DNSBL_ONE_AB"));
    EXPECT_THAT(rules_hit(list, {"127.0.0.1", "127.0.1.8"}), IsEmpty());
    for (const auto* const bad :
         {"127.0.0.0&", "127.0.0.0&0", "127.0.0.0&256", "127.0.0.0&x", "127.0.0.0/8&2", "&8"})
        EXPECT_FALSE(parse_list_answer(bad)) << bad;
}

TEST(DnsList, IsUnknownWhereItRefusesUsAndSaysSoOnce) {
    const auto list = list_of("looks-at = client\n");
    for (const auto* const refusal : {"127.255.255.252", "127.255.255.254", "127.255.255.255"}) {
        ::testing::internal::CaptureStderr();
        const auto finding = read_list_answer(list, {"x", "x"}, found({refusal}));
        const auto said = ::testing::internal::GetCapturedStderr();
        EXPECT_THAT(finding.hits, IsEmpty());
        EXPECT_THAT(finding.problem, HasSubstr("does not answer us"));
        const bool is_first = std::string(refusal) == "127.255.255.252";
        EXPECT_EQ(said.find("dns-list-refuses") != std::string::npos, is_first) << refusal;
    }
    DnsAnswer failed;
    failed.reason = "SERVFAIL";
    EXPECT_EQ(read_list_answer(list, {"x", "x"}, failed).problem, "SERVFAIL");
}

TEST(DnsList, KeepsItsKeyOutOfEverythingThatIsShown) {
    const TemporaryDirectory folder;
    const auto file = folder.file("key");
    std::ofstream(file) << "s3cr3t\n";
    const auto text = fmt::format(
        "[dnsbl.keyed]\nzone = {{key}}.zen.example\nkey-file = {}\nlooks-at = client\nscore = 3\n",
        file);
    const auto configuration = a_configuration(text);
    const auto lists = load_dns_lists(*configuration);
    ASSERT_THAT(lists, SizeIs(1));
    EXPECT_EQ(lists[0].zone, "s3cr3t.zen.example");
    EXPECT_THAT(show_configuration(*configuration), Not(HasSubstr("s3cr3t")));
    EXPECT_THAT(rules_of(configuration->dns_lists.at(0)).at(0).describe, Not(HasSubstr("s3cr3t")));
    ::testing::internal::CaptureStderr();
    const auto finding = read_list_answer(lists[0], {"x", "192.0.2.1"}, found({"127.255.255.254"}));
    EXPECT_THAT(::testing::internal::GetCapturedStderr(), Not(HasSubstr("s3cr3t")));
    EXPECT_THAT(finding.problem, Not(HasSubstr("s3cr3t")));
}

TEST(DnsList, IsLeftOutWhenItsKeyCanNotBeRead) {
    ::testing::internal::CaptureStderr();
    const auto lists = load_dns_lists(*a_configuration(
        "[dnsbl.keyed]\nzone = {key}.zen.example\nkey-file = /nonexistent/key\nlooks-at = client\n"
        "[dnsbl.off]\nenabled = no\nzone = off.example\nlooks-at = client\n"));
    EXPECT_THAT(::testing::internal::GetCapturedStderr(), HasSubstr("dns-list-off list=keyed"));
    EXPECT_THAT(lists, IsEmpty());
}

TEST(DnsList, IsAskedAboutWhatItLooksAtAndNothingElse) {
    Analysis content;
    content.hops = {{*IpAddress::parse("203.0.113.9"), "h"}, {*IpAddress::parse("127.0.0.1"), "l"}};
    content.hosts = {"www.shop.example", "shop.example", "198.51.100.7"};
    content.from_domain = "author.example";
    content.from_address = "Author@Author.example";
    const ListFacts facts{*IpAddress::parse("192.0.2.1"), "mail.helo.example", "bob@sender.example",
                          &content};
    EXPECT_THAT(names_asked(list_of("looks-at = client\n"), facts), ElementsAre("1.2.0.192"));
    EXPECT_THAT(names_asked(list_of("looks-at = received\n"), facts), ElementsAre("9.113.0.203"));
    EXPECT_THAT(names_asked(list_of("looks-at = helo\n"), facts), ElementsAre("helo.example"));
    EXPECT_THAT(names_asked(list_of("looks-at = sender\n"), facts),
                ElementsAre("sender.example", "author.example"));
    EXPECT_THAT(names_asked(list_of("looks-at = url\n"), facts),
                ElementsAre("shop.example", "7.100.51.198"));
}

TEST(DnsList, HashesAddressesInLowerCase) {
    ListFacts facts;
    facts.mail_from = "Test@Example.org";
    // printf test@example.org | md5sum, sha1sum, sha256sum
    EXPECT_THAT(names_asked(list_of("looks-at = email\nhash = md5\n"), facts),
                ElementsAre("0c17bf66e649070167701d2d3cd71711"));
    EXPECT_THAT(names_asked(list_of("looks-at = email\n"), facts),
                ElementsAre("36272788ea81ece14c86b6eda45adbe192be8be0"));
    EXPECT_THAT(names_asked(list_of("looks-at = email\nhash = sha256\n"), facts),
                ElementsAre("388c735eec8225c4ad7a507944dd0a975296baea383198aa87177f29af2c6f69"));
    facts.mail_from.clear();
    EXPECT_THAT(names_asked(list_of("looks-at = email\n"), facts), IsEmpty()) << "a bounce";
}

TEST(DnsList, IsAskedAboutSoMuchOfOneMessageAndNoMore) {
    Analysis content;
    for (int i = 0; i < 50; ++i) content.hosts.push_back(fmt::format("d{}.example", i));
    EXPECT_THAT(names_asked(list_of("looks-at = url\n"), {{}, "", "", &content}), SizeIs(20));
}

TEST(DnsList, SaysWhichWordOfItsSectionIsWrong) {
    const auto problem_of = [](const std::string& options) {
        const auto made = parse_configuration("[dnsbl.one]\n" + options, "f");
        return made ? std::string("none") : made.error().what;
    };
    EXPECT_THAT(problem_of("zone = a.example\nlooks-at =\n"), HasSubstr("looks-at"));
    EXPECT_THAT(problem_of("looks-at = client\n"), HasSubstr("zone"));
    EXPECT_THAT(problem_of("zone = {key}.a.example\nlooks-at = client\n"), HasSubstr("key-file"));
    EXPECT_THAT(problem_of("zone = a.example\nlooks-at = cleint\n"), HasSubstr("cleint"));
    EXPECT_THAT(problem_of("zone = a.example\nlooks-at = client\nanswers = 128\n"),
                HasSubstr("127.0.0.4-7:LABEL"));
}

}  // namespace
}  // namespace cordon
