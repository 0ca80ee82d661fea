// SPDX-License-Identifier: GPL-2.0-only
#include "conf/configuration.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "conf/options.h"
#include "tests/support/builders.h"
#include "tests/support/matchers.h"
#include "tests/support/temporary_directory.h"

namespace cordon {
namespace {

using test::a_configuration;
using test::FailsWith;
using test::IsOk;
using test::TemporaryDirectory;
using ::testing::HasSubstr;

Result<ConfigurationPtr> parse(const std::string& text) {
    return parse_configuration(text, "test.conf");
}

TEST(ParseConfiguration, HasDefaultsForEverything) {
    const auto c = a_configuration("");
    EXPECT_EQ(c->milter.processes, 2U);
    EXPECT_EQ(c->policy.site.virus, Action::reject);
    EXPECT_FALSE(c->cordon.authserv_id.empty()) << "the host's name";
}

struct Refused {
    const char* name;
    const char* text;
    const char* error;
};

class RefusedConfiguration : public ::testing::TestWithParam<Refused> {};

TEST_P(RefusedConfiguration, NamesTheLine) {
    const auto parsed = parse(GetParam().text);
    ASSERT_FALSE(parsed);
    EXPECT_THAT(parsed.error().what, HasSubstr(GetParam().error));
}

constexpr Refused kRefused[] = {
    {"UnknownSection", "\n[mlter]\nsocket = x\n", "test.conf:3: unknown section [mlter]"},
    {"UnknownKey", "[milter]\nsoket = x\n", "test.conf:2: unknown key 'soket' in [milter]"},
    {"KeyBeforeAnySection", "level = info\n", "test.conf:1: 'level' stands before the first"},
    {"AuthservIdOfTwoWords", "[cordon]\nauthserv-id = mx example\n",
     "test.conf:2: cordon.authserv-id: 'mx example' is not a host name"},
    {"OwnDomainThatIsNone", "[cordon]\nown-domains = example.org example..net\n",
     "test.conf:2: cordon.own-domains: 'example..net' is not a domain"},
    {"ReviewWhereMailArrives", "[quarantine]\nfolder = Inbox\n",
     "test.conf:2: quarantine.folder must be another folder than INBOX"},
    {"UnknownKeyOfADomain", "[domain.example.org]\ntags = 4\n",
     "test.conf:2: unknown key 'tags' in [domain.example.org]"},
    {"UnknownKeyOfAUser", "[user.a@example.org]\n\nmailbox = x\n",
     "test.conf:3: unknown key 'mailbox'"},
    {"KeySetTwice", "[log]\nlevel = info\nlevel = warn\n",
     "test.conf:3: log.level was set already at test.conf:2"},
    {"KeySetTwiceInTwoSections", "[log]\nlevel = info\n[dns]\ntimeout = 1s\n[log]\nlevel = info\n",
     "test.conf:6: log.level was set already at test.conf:2"},
    {"KeyOfADomainSetTwice", "[domain.example.org]\ntag = 4\n[domain.Example.ORG]\ntag = 5\n",
     "test.conf:4: domain.example.org.tag was set already at test.conf:2"},
    {"KeyOfAUserSetTwice", "[user.a@example.org]\ntag = 4\ntag = 5\n",
     "test.conf:3: user.a@example.org.tag was set already at test.conf:2"},
    {"ScoreSetTwice", "[scores]\nRULE = 1\nRULE = 2\n",
     "test.conf:3: scores.RULE was set already at test.conf:2"},
    {"BadTime", "[milter]\n\n\ndeadline = 60\n",
     "test.conf:4: milter.deadline: '60' is not a time"},
    {"BadNumber", "[milter]\nprocesses = many\n",
     "test.conf:2: milter.processes: 'many' is not a whole number"},
    {"BadChoice", "[milter]\nmode = on\n",
     "test.conf:2: milter.mode: 'on' is not one of enforce, tag-only, shadow"},
    {"BadSwitch", "[clamav]\nenabled = 2\n", "test.conf:2: clamav.enabled: '2' is not yes or no"},
    {"BadSignature", "[signatures]\nPUA.* = off\n",
     "test.conf:2: PUA.* = off: expected a score, 'ignore' or 'virus'"},
    {"SignatureForEverything", "[signatures]\n* = ignore\n", "test.conf:2: '*' is no pattern"},
    {"SignatureOfALimit", "[signatures]\nHeuristics.Limits.* = ignore\n",
     "test.conf:2: Heuristics.Limits.*: what happens to such mail says 'unscanned' in [policy]"},
    {"SignaturesOfOneName", "[signatures]\nPUA.* = 1\nPUA* = 2\n",
     "test.conf:3: PUA* and PUA.* would be the same rule, SIGNATURE_PUA"},
    {"BadScore", "[scores]\nRULE = high\n", "test.conf:2: 'high' is not a score"},
    {"BadValueOfADomain", "[domain.example.org]\ntag = 4\nvirus = kill\n",
     "test.conf:3: 'kill' is not one of"},
    {"NoProcesses", "[milter]\nprocesses = 0\n", "test.conf:2: milter.processes must be 1 to 64"},
    {"TooManyProcesses", "[milter]\nprocesses = 65\n",
     "test.conf:2: milter.processes must be 1 to 64"},
    {"NegativeProcesses", "[milter]\nprocesses = -4294967295\n", "test.conf:2: milter.processes"},
    {"NoWorkers", "[scanner]\nworkers = 0\n", "test.conf:2: scanner.workers must be 1 to 256"},
    {"NoScanTime", "[scanner]\ntimeout = 0s\n", "test.conf:2: scanner.timeout must not be 0"},
    {"TinyMessages", "[milter]\nmax-message-size = 1K\n",
     "test.conf:2: milter.max-message-size must be at least 64K"},
    {"RelativeDirectory", "[cordon]\nrun-directory = run\n",
     "test.conf:2: cordon.run-directory: 'run' is not an absolute path"},
    {"DeadlineTooShort", "[milter]\ndeadline = 30s\n",
     "test.conf:2: 2 x scanner.timeout + dns.timeout is 42s, more than milter.deadline (30s)"},
    {"ScanTimeTooLong", "[scanner]\ntimeout = 31s\n",
     "test.conf:2: 2 x scanner.timeout + dns.timeout is 64s, more than milter.deadline (1m)"},
    {"LookupsTooLong", "[dns]\ntimeout = 21s\n",
     "test.conf:2: 2 x scanner.timeout + dns.timeout is 61s, more than milter.deadline (1m)"},
    {"MailboxWithoutDomain", "[quarantine]\nmailbox = quarantine\n",
     "test.conf:2: quarantine.mailbox: 'quarantine' is not an address"},
    {"MailboxWithTwoDomains", "[quarantine]\nmailbox = a@b@example.org\n",
     "test.conf:2: quarantine.mailbox: "},
    {"MailboxThatIsAList", "[quarantine]\nmailbox = <a@example.org>,b@example.org\n",
     "test.conf:2: quarantine.mailbox: "},
    {"ThresholdsOutOfOrder", "[policy]\ntag = 9\n",
     "test.conf:2: scores must rise from tag (9) over quarantine (6) to reject (15)"},
    {"ThresholdsOfADomainOutOfOrder",
     "[policy]\nreject = 20\n[domain.example.org]\nquarantine = 30\n",
     "test.conf:4: scores must rise from tag (4) over quarantine (30) to reject (20)"},
    {"UserSectionWithoutAnAddress", "[user.alice]\ntag = 1\n",
     "test.conf:2: [user.alice] wants user.NAME@DOMAIN"},
    {"UserSectionWithoutAName", "[user.@example.org]\ntag = 1\n",
     "test.conf:2: [user.@example.org] wants user.NAME@DOMAIN"},
    {"DomainSectionWithAnAddress", "[domain.a@example.org]\ntag = 1\n",
     "test.conf:2: [domain.a@example.org] wants domain.NAME"},
    {"DomainSectionWithoutAName", "[domain.]\ntag = 1\n",
     "test.conf:2: [domain.] wants domain.NAME"},
};

INSTANTIATE_TEST_SUITE_P(ParseConfiguration, RefusedConfiguration, ::testing::ValuesIn(kRefused),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(Configuration, ServesMetricsOnLoopbackOnly) {
    EXPECT_TRUE(parse("[milter]\nmetrics = inet:9101@127.0.0.1\n"));
    EXPECT_TRUE(parse("[milter]\nmetrics = inet6:9101@::1\n"));
    EXPECT_THAT(parse("[milter]\nmetrics = inet:9101@192.0.2.1\n"), FailsWith("not on loopback"));
    EXPECT_THAT(parse("[milter]\nmetrics = unix:/run/x\n"), FailsWith("not on loopback"));
    EXPECT_THAT(parse("[milter]\nmetrics = 9101\n"), FailsWith("milter.metrics: '9101'"));
}

TEST(ParseConfiguration, TakesADeadlineThatJustSuffices) {
    EXPECT_THAT(parse("[milter]\ndeadline = 42s\n"), IsOk());
}

TEST(ParseConfiguration, TakesThresholdsThatAreOff) {
    EXPECT_THAT(parse("[policy]\nquarantine = off\nreject = off\n"), IsOk());
    EXPECT_THAT(parse("[policy]\nquarantine = off\n"), FailsWith("scores must rise"));
}

// ---- sections of domains and users ----

TEST(ParseConfiguration, InheritsKeyByKeyFromTheNearestSection) {
    const auto c = a_configuration(
        "[user.alice@example.org]\nencrypted = reject\n"  // before what it inherits from
        "[domain.example.org]\nreject = 12\nunscanned = defer\n"
        "[policy]\ntag = 3\nreject = 20\n");
    const auto& alice = c->policy.for_recipient("alice@example.org");
    EXPECT_EQ(alice.encrypted, Action::reject) << "her own";
    EXPECT_EQ(alice.reject.value, 12) << "the domain's";
    EXPECT_EQ(alice.unscanned, Action::defer) << "the domain's";
    EXPECT_EQ(alice.tag.value, 3) << "the site's";
    EXPECT_EQ(c->policy.for_recipient("alice@example.net").reject.value, 20);
}

TEST(ParseConfiguration, DoesNotGiveOneSectionsValuesToTheNext) {
    const auto c = a_configuration(
        "[domain.a.example]\ntag = 1\nallow = x.example\n[domain.b.example]\nreject = 30\n");
    EXPECT_EQ(c->policy.for_recipient("u@b.example").tag.value, 4);
    EXPECT_TRUE(c->policy.for_recipient("u@b.example").allow.entries.empty());
}

TEST(ParseConfiguration, JoinsTheTwoHalvesOfASection) {
    const auto c = a_configuration(
        "[domain.example.org]\ntag = 1\n[log]\nlevel = info\n[domain.example.org]\nreject = 30\n");
    EXPECT_EQ(c->policy.for_recipient("u@example.org").tag.value, 1);
    EXPECT_EQ(c->policy.for_recipient("u@example.org").reject.value, 30);
}

TEST(ParseConfiguration, ReadsTwentyThousandDomains) {
    std::string text;
    for (int i = 0; i < 20'000; ++i)
        text += fmt::format("[domain.d{}.example]\ntag = {}\n", i, i % 6);
    const auto c = a_configuration(text);
    EXPECT_EQ(c->policy.for_recipient("u@d19999.example").tag.value, 1);
}

TEST(ParseConfiguration, KeepsScoresWithTheirPlace) {
    const auto c = a_configuration("[scores]\nRULE_A = 1.5\nRULE_B = off\n");
    ASSERT_EQ(c->scores.size(), 2U);
    EXPECT_EQ(c->scores[0].rule, "RULE_A");
    EXPECT_EQ(c->scores[0].score, 1.5);
    EXPECT_EQ(c->scores[1].score, 0);
    EXPECT_EQ(c->scores[1].where, "test.conf:3");
}

TEST(ParseConfiguration, TakesTheLongestPatternForASignature) {
    const auto c = a_configuration(
        "[signatures]\nSane.* = 4\nSane.Spam.False-1 = ignore\nSane.Spam.* = virus\n");
    const auto& map = c->signatures;
    ASSERT_NE(signature_for(map, "Sane.Junk"), nullptr);
    EXPECT_EQ(signature_for(map, "Sane.Junk")->score, 4);
    EXPECT_EQ(signature_for(map, "Sane.Spam.9")->meaning, SignatureEntry::Meaning::virus);
    EXPECT_EQ(signature_for(map, "Sane.Spam.False-1.UNOFFICIAL")->meaning,
              SignatureEntry::Meaning::ignore);
    EXPECT_EQ(signature_for(map, "Win.Test"), nullptr);
}

TEST(ParseConfiguration, NamesTheRuleOfALongPatternWithinTheLimit) {
    const SignatureEntry entry{std::string(100, 'a'), SignatureEntry::Meaning::score, 1};
    EXPECT_EQ(rule_name(entry).size(), 60U);
}

// ---- the effective text ----

constexpr const char* kRich =
    "[cordon]\nauthserv-id =#1.example.org\nown-networks = 192.0.2.0/24\n  2001:db8::/32 # two\n"
    "[policy]\ntag = 0.00001\n[scores]\nRULE = off\n[signatures]\nPUA.* = 2.5\n"
    "[domain.example.org]\ndeny =#odd,#two b.example\n[user.a@example.org]\nreject = "
    "99\n[log]\nlevel = warn\n";

/// Everything that a configuration says, as text.
std::string all_of(const Configuration& c) {
    std::string out = show_configuration(c);
    for (const auto& score : c.scores) out += fmt::format("{} {}\n", score.rule, score.score);
    for (const char* address : {"x@example.net", "x@example.org", "a@example.org"}) {
        Policy policy = c.policy.for_recipient(address);
        const auto table = OptionTable::of(policy);
        for (const auto& row : table.rows())
            out += fmt::format("{} {} {}\n", address, row.name, row.show());
    }
    return out;
}

TEST(EffectiveText, GivesTheSameConfigurationAgain) {
    const auto c = a_configuration(kRich);
    const auto again = a_configuration(c->text);
    EXPECT_EQ(all_of(*again), all_of(*c));
    EXPECT_EQ(again->text, c->text);
    EXPECT_EQ(again->cordon.authserv_id, "#1.example.org");
}

TEST(EffectiveText, HoldsWhatWasIncluded) {
    const TemporaryDirectory folder;
    folder.write("conf.d/log.conf", "[log]\nlevel = debug\n");
    folder.write("cordon.conf",
                 "[milter]\nprocesses = 3\ninclude = conf.d/*.conf\nmode = shadow\n");
    const auto c = load_configuration(folder.file("cordon.conf"));
    ASSERT_THAT(c, IsOk());
    const auto again = a_configuration((*c)->text);
    EXPECT_EQ(again->log.level, LogLevel::debug);
    EXPECT_EQ(again->milter.mode, Mode::shadow);
    EXPECT_EQ(again->milter.processes, 3U);
}

TEST(ShowConfiguration, ParsesBackToTheSame) {
    const auto c = a_configuration(kRich);
    const auto again = parse(show_configuration(*c));
    ASSERT_THAT(again, IsOk());
    EXPECT_EQ(all_of(**again), all_of(*c));
}

TEST(ShowConfiguration, ShowsDefaultsToo) {
    const auto shown = show_configuration(*a_configuration(""));
    EXPECT_THAT(shown,
                HasSubstr("[milter]\nsocket = unix:/var/spool/postfix/cordon/milter.sock\n"));
    EXPECT_THAT(shown, HasSubstr("\nreject = 15\n"));
}

TEST(LoadConfiguration, NamesTheIncludedFile) {
    const TemporaryDirectory folder;
    folder.write("b.conf", "[log]\nlevel = loud\n");
    folder.write("a.conf", "include = b.conf\n");
    EXPECT_THAT(load_configuration(folder.file("a.conf")),
                FailsWith(folder.file("b.conf:2: log.level: 'loud'")));
}

// ---- derived paths ----

TEST(Configuration, KeepsItsVaultInTheStateDirectory) {
    EXPECT_EQ(a_configuration("[cordon]\nstate-directory = /s\n")->vault_directory(), "/s/vault");
    EXPECT_EQ(a_configuration("[quarantine]\nvault = /v\n")->vault_directory(), "/v");
}

TEST(Configuration, NamesSocketsBelowTheRunDirectory) {
    EXPECT_EQ(a_configuration("[cordon]\nrun-directory = /r\n")->socket_path("keeper"),
              "/r/keeper.sock");
}

TEST(Configuration, ReadsAFolderOfRulesOnceThatIsNamedTwice) {
    const TemporaryDirectory folder;
    folder.write("rules/a.rules", "");
    const auto c = a_configuration(
        fmt::format("[rules]\nshipped = {0}/rules\npath = {0}/rules/\n", folder.path()));
    EXPECT_EQ(c->rule_directories().size(), 1U);
}

TEST(Configuration, PassesOverAFolderOfRulesThatIsMissing) {
    const TemporaryDirectory folder;
    folder.write("rules/a.rules", "");
    const auto c = a_configuration(
        fmt::format("[rules]\nshipped = {0}/rules\npath = {0}/none\n", folder.path()));
    EXPECT_THAT(c->rule_directories(), ::testing::ElementsAre(HasSubstr("/rules")));
}

TEST(Configuration, DoesNotPassOverTheShippedRulesWhenTheyAreMissing) {
    const TemporaryDirectory folder;
    folder.write("rules/a.rules", "");
    const auto c = a_configuration(
        fmt::format("[rules]\nshipped = {0}/none\npath = {0}/rules\n", folder.path()));
    EXPECT_THAT(c->rule_directories(), ::testing::ElementsAre(folder.path() + "/none"));
}

}  // namespace
}  // namespace cordon
