// SPDX-License-Identifier: GPL-2.0-only
// From the bytes of a message to the results of DKIM and ARC, as worker and network side make them
// together.
#include "scoring/analysis/signatures.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "conf/base/text.h"
#include "scoring/analysis/canonical.h"
#include "scoring/lookups/arc.h"
#include "tests/support/dns_zone.h"
#include "tests/support/signer.h"

namespace cordon {
namespace {

using test::Signer;

constexpr std::int64_t kNow = 1'700'000'000;

const std::string kMessage =
    "Received: from x (y [192.0.2.1]) by z;\r\n\tMon, 23 Nov 2026 20:15:00 +0000\r\n"
    "From: Author <a@author.example>\r\n"
    "To: b@here.example\r\n"
    "Subject:  two  words\r\n\tfolded \r\n"
    "Date: Mon, 23 Nov 2026 20:15:00 +0000\r\n"
    "\r\n"
    "First  line \r\n"
    "\tsecond\r\n"
    "\r\n"
    "\r\n";

const Signer& rsa() {
    static const Signer kSigner("author.example", "rsa", 2048);
    return kSigner;
}
const Signer& ed25519() {
    static const Signer kSigner("author.example", "ed", 0);
    return kSigner;
}
const Signer& list() {
    static const Signer kSigner("list.example", "ed", 0);
    return kSigner;
}

std::vector<DkimOutcome> dkim_of(const std::string& message, const std::string& zone) {
    auto lookups = test::lookups_in(zone);
    std::vector<DkimOutcome> out;
    for (const auto& fact : read_signatures(message).dkim)
        out.push_back(verify_signature(fact, kNow, lookups).value());
    return out;
}

DkimOutcome only(const std::string& message) {
    const auto all = dkim_of(message, test::zone_of({&rsa(), &ed25519()}));
    EXPECT_EQ(all.size(), 1U);
    return all.empty() ? DkimOutcome{} : all.front();
}

std::string with(const std::string& text, const std::string& what, const std::string& instead) {
    auto out = text;
    const auto at = out.find(what);
    EXPECT_NE(at, std::string::npos) << what;
    if (at != std::string::npos) out.replace(at, what.size(), instead);
    return out;
}

TEST(Dkim, PassesInEveryFormAndWithBothKinds) {
    for (const auto* const form :
         {"relaxed/relaxed", "relaxed/simple", "simple/relaxed", "simple/simple"}) {
        for (const auto* const signer : {&rsa(), &ed25519()}) {
            Signer::Wishes wishes;
            wishes.form = form;
            const auto out = only(signer->sign(kMessage, wishes));
            EXPECT_EQ(out.result, DkimResult::pass) << form << ": " << out.reason;
            EXPECT_EQ(out.domain, "author.example");
        }
    }
}

TEST(Dkim, SeesWhatTheRelaxedFormLeavesAlone) {
    const auto relaxed = rsa().sign(kMessage);
    EXPECT_EQ(only(with(relaxed, "two  words\r\n\tfolded", "two words folded")).result,
              DkimResult::pass);
    EXPECT_EQ(only(with(relaxed, "First  line \r\n", "First\tline\r\n")).result, DkimResult::pass);
    EXPECT_EQ(only(with(relaxed, "\tsecond", "second")).result, DkimResult::fail);
    Signer::Wishes simple;
    simple.form = "simple/simple";
    const auto exact = rsa().sign(kMessage, simple);
    EXPECT_EQ(only(with(exact, "Subject:  two", "Subject: two")).result, DkimResult::fail);
    EXPECT_EQ(only(with(exact, "line \r\n", "line\r\n")).result, DkimResult::fail);
    EXPECT_EQ(only(exact + "\r\n\r\n").result, DkimResult::pass) << "empty lines at the end";
}

TEST(Dkim, HashesEmptyBodies) {
    for (const auto* const form : {"simple/simple", "relaxed/relaxed"}) {
        Signer::Wishes wishes;
        wishes.form = form;
        const auto head = kMessage.substr(0, kMessage.find("\r\n\r\n") + 4);
        EXPECT_EQ(only(rsa().sign(head, wishes)).result, DkimResult::pass) << form;
    }
}

TEST(Dkim, CountsFieldsOfOneNameFromTheLast) {
    Signer::Wishes wishes;
    wishes.names = "from:from:subject:to:subject:nosuch";
    const auto message = rsa().sign(kMessage, wishes);
    EXPECT_EQ(only(message).result, DkimResult::pass);
    EXPECT_EQ(only("From: evil@evil.example\r\n" + message).result, DkimResult::fail)
        << "a second From was signed to be absent";
    EXPECT_EQ(only("X-Other: x\r\n" + message).result, DkimResult::pass);
}

TEST(Dkim, KnowsHowMuchOfTheBodyIsUnsigned) {
    Signer::Wishes wishes;
    wishes.form = "simple/simple";
    const std::string body = "signed\r\n";
    const auto head = kMessage.substr(0, kMessage.find("\r\n\r\n") + 4);
    wishes.more = "; l=8";
    const auto message = rsa().sign(head + body, wishes);
    EXPECT_FALSE(only(message).is_partial);
    const auto more = only(message + "unsigned\r\n");
    EXPECT_EQ(more.result, DkimResult::pass);
    EXPECT_TRUE(more.is_partial);
    wishes.more = "; l=9";
    EXPECT_EQ(only(rsa().sign(head + body, wishes)).result, DkimResult::permerror);
}

TEST(Dkim, RefusesWhatIsWrittenWrongly) {
    const auto good = rsa().sign(kMessage);
    const std::vector<std::pair<std::string, std::string>> changes = {
        {"v=1; ", ""},
        {"v=1;", "v=2;"},
        {"a=rsa-sha256", "a=rsa-md5"},
        {"d=author.example;", ""},
        {"s=rsa;", ""},
        {"d=author.example", "d=example"},
        {"h=from:", "h="},
        {"c=relaxed", "c=relaxing"},
        {"v=1;", "v=1; v=1;"},
        {"v=1;", "v=1; i=@other.example;"},
        {"v=1;", "v=1; t=x;"},
        {"v=1;", "v=1; t=5; x=4;"},
        {"v=1;", "v=1; q=http;"},
        {"v=1;", "v=1;;"},
        {"v=1;", "v=1; =x;"},
        {"v=1;", "v=1; l=-1;"},
        {"s=rsa", "s=a..b"},
        {"v=1;", "v=1; x;"},
        {"s=rsa", std::string("s=r\0sa", 6)},
        {"bh=", "bh=!"},
        {" b=", " b=%"}};
    for (const auto& [what, instead] : changes)
        EXPECT_EQ(only(with(good, what, instead)).result, DkimResult::permerror)
            << what << " -> " << instead;
    EXPECT_EQ(only(with(good, "a=rsa-sha256", "a=rsa-sha1")).result, DkimResult::policy);
}

TEST(Dkim, TakesNoNameThatIsNoHostForTheSigner) {
    // The owner of evil.example can publish a key below any of these.
    for (const auto* const name : {"bank.example(.evil.example", "bank.example .evil.example",
                                   "bank.example\\;.evil.example", "\"bank.example\".evil.example",
                                   "bank.example/.evil.example", "bank.example@evil.example"}) {
        const auto zone = fmt::format(R"({{"rsa._domainkey.evil.example": {{"TXT": "{}"}}}})",
                                      rsa().key_record());
        const auto message =
            with(rsa().sign(kMessage), "d=author.example", std::string("d=") + name);
        EXPECT_EQ(dkim_of(message, zone).at(0).result, DkimResult::permerror) << name;
    }
    const Signer odd("bank.example(.evil.example", "rsa", 1024);
    EXPECT_EQ(dkim_of(odd.sign(kMessage), test::zone_of({&odd})).at(0).reason, "d= is no domain");
    const Signer selector("evil.example", "a(b)", 1024);
    EXPECT_EQ(dkim_of(selector.sign(kMessage), test::zone_of({&selector})).at(0).reason,
              "s= is no selector");
    const Signer under("a_b.author.example", "s_1", 1024);
    EXPECT_EQ(dkim_of(under.sign(kMessage), test::zone_of({&under})).at(0).result,
              DkimResult::pass);
}

TEST(Dkim, ExpiresAndKnowsItsParentDomain) {
    Signer::Wishes wishes;
    wishes.more = fmt::format("; x={}", kNow - 1);
    EXPECT_EQ(only(rsa().sign(kMessage, wishes)).reason, "signature expired");
    wishes.more = fmt::format("; x={}; i=a@sub.author.example", kNow);
    EXPECT_EQ(only(rsa().sign(kMessage, wishes)).result, DkimResult::pass);
}

DkimOutcome with_record(const std::string& record) {
    const auto zone =
        fmt::format(R"({{"rsa._domainkey.author.example": {{"TXT": ["{}"]}}}})", record);
    const auto all = dkim_of(rsa().sign(kMessage), zone);
    return all.at(0);
}

TEST(Dkim, ReadsKeyRecordsAsTheRfcSays) {
    const auto good = rsa().key_record();
    const auto key = good.substr(good.find("p="));
    EXPECT_EQ(with_record(key).result, DkimResult::pass);
    EXPECT_EQ(with_record(key + "; t=y").is_testing, true);
    EXPECT_EQ(with_record("k=rsa; n=note; h=sha1 : sha256; s=email:x; g=*; " + key).result,
              DkimResult::pass);
    for (const auto& bad : std::vector<std::string>{
             "v=DKIM2; " + key, "p=", "p=%%", "p=AAAA", "k=rsa", "h=sha1; " + key,
             "s=tlsrpt; " + key, "k=dsa; " + key, "k=ed25519; " + key, "k=rsa; v=DKIM1; " + key,
             key + "; " + key, "",
             "p=MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="})
        EXPECT_EQ(with_record(bad).result, DkimResult::permerror) << bad;
}

TEST(Dkim, RefusesKeysThatAreTooShortOrTooLong) {
    const auto numbers = [](std::size_t bytes) {  // SEQUENCE of INTEGER n and INTEGER 3
        const std::string n =
            "\x02\x82" +
            std::string{static_cast<char>(bytes >> 8U), static_cast<char>(bytes & 0xFFU)} + "\x7F" +
            std::string(bytes - 1, '\x01');
        const std::string inside = n + "\x02\x01\x03";
        return "p=" + to_base64("\x30\x82" +
                                std::string{static_cast<char>(inside.size() >> 8U),
                                            static_cast<char>(inside.size() & 0xFFU)} +
                                inside);
    };
    EXPECT_EQ(with_record(numbers(64)).result, DkimResult::policy);
    EXPECT_EQ(with_record(numbers(2048)).result, DkimResult::policy);
    EXPECT_EQ(
        with_record("p=" + to_base64(std::string("\x30\x06\x02\x01\x00\x02\x01\x03", 8))).result,
        DkimResult::policy)
        << "0 bits";
    EXPECT_EQ(with_record(numbers(256)).result, DkimResult::fail) << "good, but not his";
}

TEST(Dkim, ReadsKeyRecordsOfAnySizeThatTheDnsCarries) {
    const auto key = rsa().key_record();
    EXPECT_EQ(with_record(key + "; n=" + std::string(60'000, 'x')).result, DkimResult::pass);
    EXPECT_EQ(with_record("p=" + std::string(60'000, 'A')).result, DkimResult::permerror);
    std::string tags;
    for (int i = 0; i < 10'000; ++i) tags += fmt::format("; t{}=x", i);
    EXPECT_EQ(with_record(key + tags).result, DkimResult::permerror);
}

TEST(Dkim, IsUnknownWhereTheKeyIs) {
    const auto out =
        dkim_of(rsa().sign(kMessage), R"({"rsa._domainkey.author.example": "TIMEOUT"})");
    EXPECT_EQ(out.at(0).result, DkimResult::temperror);
    EXPECT_EQ(dkim_of(rsa().sign(kMessage), "{}").at(0).reason, "no key for signature");
}

TEST(Dkim, VerifiesOnlySoManySignatures) {
    std::string message = kMessage;
    for (int i = 0; i < 200; ++i)
        message =
            "DKIM-Signature: v=1; a=rsa-sha256; d=author.example; s=rsa; h=from; bh=AAAA; "
            "l=" +
            std::to_string(i) + "; b=AAAA\r\n" + message;
    const auto out = dkim_of(message, "{}");
    ASSERT_EQ(out.size(), 21U);
    EXPECT_EQ(out.back().result, DkimResult::policy);
}

ArcOutcome arc_of(const std::string& message) {
    auto lookups = test::lookups_in(test::zone_of({&rsa(), &list()}));
    return verify_arc(read_signatures(message).arc, kNow, lookups).value();
}

using Arc = ArcOutcome::Result;

TEST(Arc, PassesAChain) {
    EXPECT_EQ(arc_of(kMessage).result, Arc::none);
    auto message = rsa().seal(kMessage, 1);
    EXPECT_EQ(arc_of(message).result, Arc::pass) << arc_of(message).reason;
    message = list().seal(with(message, "First", "[list] First"), 2);
    const auto out = arc_of(message);
    EXPECT_EQ(out.result, Arc::pass) << out.reason;
    EXPECT_EQ(out.sealers, (std::vector<std::string>{"author.example", "list.example"}));
    EXPECT_EQ(out.passed, (std::vector<std::string>{"author.example", "author.example"}));
}

TEST(Arc, IsVerifiedInTheOrderOfInstancesNotOfFields) {
    const auto message = rsa().seal(kMessage, 1);
    const auto end = message.find("\r\n", 0) + 2;
    EXPECT_EQ(arc_of(message.substr(end, message.find("Received:") - end) + message.substr(0, end) +
                     message.substr(message.find("Received:")))
                  .result,
              Arc::pass);
}

TEST(Arc, FailsWhereAnythingIsChanged) {
    const auto one = rsa().seal(kMessage, 1);
    const auto two = list().seal(one, 2);
    for (const auto& bad :
         {with(two, "First", "Second"), with(two, "i=2; list", "i=2; lost"),
          with(two, "i=1; author.example; dmarc=pass", "i=1; author.example; dmarc=fail"),
          with(one, "Subject:  two", "Subject: three")})
        EXPECT_EQ(arc_of(bad).result, Arc::fail);
}

TEST(Arc, FailsForSetsThatAreNoChain) {
    const auto one = rsa().seal(kMessage, 1);
    const auto two = list().seal(one, 2);
    const auto field = [&](const std::string& name) {
        const auto begin = one.find(name + ":");
        auto end = one.find("\r\n", begin);
        while (one[end + 2] == ' ' || one[end + 2] == '\t') end = one.find("\r\n", end + 2);
        return one.substr(begin, end + 2 - begin);
    };
    for (const auto* const name :
         {"ARC-Seal", "ARC-Message-Signature", "ARC-Authentication-Results"}) {
        EXPECT_EQ(arc_of(with(one, field(name), "")).result, Arc::fail) << name << " missing";
        EXPECT_EQ(arc_of(field(name) + one).result, Arc::fail) << name << " twice";
        EXPECT_EQ(arc_of(with(two, field(name), "")).result, Arc::fail) << name << " 1 of 2";
    }
    for (const auto* const i : {"i=0", "i=51", "i=x", "i=", "i=3"})
        EXPECT_EQ(arc_of(with(one, "ARC-Seal: i=1", std::string("ARC-Seal: ") + i)).result,
                  Arc::fail)
            << i;
}

TEST(Arc, WantsTheRightWordOfEachSealOnTheOneBefore) {
    for (const auto* const cv : {"pass", "fail", "maybe"}) {
        Signer::Wishes wishes;
        wishes.cv = cv;
        EXPECT_EQ(arc_of(rsa().seal(kMessage, 1, wishes)).result, Arc::fail) << cv;
    }
    const auto one = rsa().seal(kMessage, 1);
    for (const auto* const cv : {"none", "fail"}) {
        Signer::Wishes wishes;
        wishes.cv = cv;
        EXPECT_EQ(arc_of(list().seal(one, 2, wishes)).result, Arc::fail) << cv;
    }
}

TEST(Arc, ReadsTagsOfSealsAsStrictlyAsTheRfc) {
    const auto one = rsa().seal(kMessage, 1);
    for (const auto* const tags :
         {"ARC-Seal: I=1;", "ARC-Seal: i=1; i=1;", "ARC-Seal: i=1;;", "ARC-Seal: i=1; 1x=y;",
          "ARC-Seal: i=1; t=1 2;", "ARC-Seal: i=1; x;", "ARC-Seal: i=1; a=rsa-poptart;"})
        EXPECT_EQ(arc_of(with(one, "ARC-Seal: i=1;", tags)).result, Arc::fail) << tags;
    for (const auto& [what, instead] : std::vector<std::pair<std::string, std::string>>{
             {"a=rsa-sha256; cv", "a=; cv"},
             {"a=rsa-sha256; cv", "a=rsa-sha1; cv"},
             {"cv=none", "cv="},
             {"cv=none; d=author.example", "cv=none; d="},
             {"cv=none; d=author.example", "cv=none"},
             {"cv=none; d=author.example; s=rsa", "cv=none; d=author.example; s="},
             {"ARC-Authentication-Results: i=1; ", "ARC-Authentication-Results: "},
             {"ARC-Authentication-Results: i=1; author.example",
              "ARC-Authentication-Results: author.example; i=1"}})
        EXPECT_EQ(arc_of(with(one, what, instead)).result, Arc::fail) << what << " -> " << instead;
    // What the relaxed form leaves alone: case of names, blanks, folds.
    EXPECT_EQ(arc_of(with(one, "ARC-Seal: i=1; ", "ARC-SEAL :  i=1;\r\n\t ")).result, Arc::pass);
    EXPECT_EQ(arc_of(with(one, "ARC-Seal: i=1; ", "ARC-Seal: i=1 ; ")).result, Arc::fail)
        << "a blank more is another seal";
}

TEST(Arc, NeedsOnlyTheNewestMessageSignature) {
    const auto one = rsa().seal(kMessage, 1);
    const auto changed = with(one, "Subject:  two", "Subject: [list] two");
    EXPECT_EQ(arc_of(changed).result, Arc::fail);
    EXPECT_EQ(arc_of(list().seal(changed, 2)).result, Arc::pass);
}

TEST(Arc, FailsWithAKeyThatIsAbsentOrTooShort) {
    const auto one = rsa().seal(kMessage, 1);
    for (const auto* const zone :
         {"{}", R"({"rsa._domainkey.author.example": "TIMEOUT"})",
          R"({"rsa._domainkey.author.example": {"TXT": "v=DKIM1; p="}})"}) {
        auto lookups = test::lookups_in(zone);
        EXPECT_EQ(verify_arc(read_signatures(one).arc, kNow, lookups)->result, Arc::fail) << zone;
    }
    const Signer small("author.example", "small", 512);
    auto lookups = test::lookups_in(test::zone_of({&small}));
    EXPECT_EQ(verify_arc(read_signatures(small.seal(kMessage, 1)).arc, kNow, lookups)->result,
              Arc::fail);
}

TEST(Arc, TakesFiftySetsAndNoMore) {
    auto message = list().seal(kMessage, 1);
    for (int i = 2; i <= 50; ++i) message = list().seal(message, i);
    EXPECT_EQ(arc_of(message).result, Arc::pass);
    EXPECT_EQ(arc_of(list().seal(message, 51)).result, Arc::fail);
}

TEST(Arc, TakesNoSealThatCoversMoreThanSeals) {
    const auto one = rsa().seal(kMessage, 1);
    EXPECT_NE(arc_of(with(one, "ARC-Seal: i=1;", "ARC-Seal: i=1; h=from;")).reason.find("tag h"),
              std::string::npos);
    Signer::Wishes wishes;
    wishes.names = "from:arc-seal";
    EXPECT_EQ(arc_of(rsa().seal(kMessage, 1, wishes)).result, Arc::fail);
}

}  // namespace
}  // namespace cordon
