// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/analysis/analyse.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "conf/base/file_descriptor.h"
#include "conf/base/text.h"
#include "scoring/analysis/report.h"
#include "tests/scoring/analysis/qr_pictures.h"
#include "tests/support/matchers.h"

namespace cordon {
namespace {

const AnalysisSnapshot& snapshot() {
    static const AnalysisSnapshot made = {RuleSet::load({"conf/rules"}, false).value(), {}, {}};
    return made;
}

Analysis analyse_text(std::string_view bytes) {
    return analyse(bytes, EnvelopeFacts{}, snapshot());
}

bool has_hit(const Analysis& analysis, std::string_view rule) {
    return std::any_of(analysis.hits.begin(), analysis.hits.end(),
                       [&](const Hit& hit) { return hit.rule == rule; });
}

TEST(Analyse, FindsTheTestTextForSpam) {
    const auto found = analyse_text(
        "Subject: x\n\nXJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X\n");
    EXPECT_TRUE(has_hit(found, "GTUBE"));
}

TEST(Analyse, GivesTheSameAnswerTwice) {
    const auto bytes = read_file("tests/data/rules/FILE_PROGRAM/hit-plain.eml", 1U << 20U).value();
    auto first = analyse_text(bytes);
    auto second = analyse_text(bytes);
    EXPECT_EQ(first.report, second.report);
    ASSERT_EQ(first.hits.size(), second.hits.size());
    for (std::size_t i = 0; i < first.hits.size(); ++i) {
        EXPECT_EQ(first.hits[i].rule, second.hits[i].rule);
        EXPECT_EQ(first.hits[i].detail, second.hits[i].detail);
    }
}

TEST(Analyse, DescribesPartsByTheirContent) {
    const auto bytes =
        read_file("tests/data/rules/FILE_DISGUISED/hit-plain.eml", 1U << 20U).value();
    const auto found = analyse_text(bytes);
    ASSERT_EQ(found.parts.size(), 2U);
    EXPECT_EQ(found.parts[1].type, "application/x-msdownload");
    EXPECT_EQ(found.parts[1].name, "invoice.pdf");
    EXPECT_EQ(found.parts[1].size, 108U);
    EXPECT_EQ(found.parts[1].sha256.size(), 64U);
}

TEST(Analyse, HashesTheDecodedBytes) {
    const auto found = analyse_text("Content-Transfer-Encoding: base64\n\nYWJj\n");
    ASSERT_EQ(found.parts.size(), 1U);
    EXPECT_EQ(found.parts[0].sha256,
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Analyse, SaysThatAPictureHoldsMoreMarksOfQrCodesThanAreRead) {
    const auto picture = to_base64(jpeg_of(many_qr_marks(400), 95));
    const auto found = analyse_text("Content-Transfer-Encoding: base64\n\n" + picture + "\n");
    ASSERT_EQ(found.unread.size(), 1U);
    EXPECT_EQ(found.unread[0].kind, Unread::unscanned);
    EXPECT_THAT(found.unread[0].detail, testing::HasSubstr("QR codes"));
}

TEST(Analyse, SaysWhatAPasswordProtects) {
    const auto bytes =
        read_file("tests/data/rules/FILE_ENCRYPTED/hit-plain.eml", 1U << 20U).value();
    const auto found = analyse_text(bytes);
    ASSERT_EQ(found.unread.size(), 1U);
    EXPECT_EQ(found.unread[0].kind, Unread::encrypted);
    EXPECT_EQ(found.unread[0].detail, "zip member a.txt");
}

TEST(Analyse, SaysWhenALimitKeptContentUnread) {
    AnalysisSnapshot small;
    small.limits.parts = 2;
    const auto bytes = read_file("tests/data/rules/LIMIT_PARTS/hit-plain.eml", 1U << 20U).value();
    const auto found = analyse(bytes, EnvelopeFacts{}, small);
    ASSERT_FALSE(found.unread.empty());
    EXPECT_EQ(found.unread[0].kind, Unread::unscanned);
    EXPECT_TRUE(found.unread[0].detail.starts_with("LIMIT_PARTS"));
}

TEST(Analyse, NamesTheDomainOfFromOnlyWhenThereIsOne) {
    EXPECT_EQ(analyse_text("From: a@Example.ORG\n\nx\n").from_domain, "example.org");
    EXPECT_EQ(analyse_text("From: a@example.org, b@example.net\n\nx\n").from_domain, "");
    EXPECT_EQ(analyse_text("From: a@example.org\nFrom: a@example.org\n\nx\n").from_domain, "");
    EXPECT_EQ(analyse_text("Subject: x\n\nx\n").from_domain, "");
}

TEST(Report, ShowsWhatTheMessageIsAndNoLinkThatCanBeClicked) {
    const auto found = analyse_text(
        "From: Alice <alice@example.org>\nSubject: hello\x1b[31m\n"
        "Content-Type: text/html\n\n<p>Read <a href=\"http://www.example.org/x\">this "
        "page</a></p>\n");
    EXPECT_NE(found.report.find("From:      Alice <alice@example.org>"), std::string::npos);
    EXPECT_NE(found.report.find("    Read this page"), std::string::npos);
    EXPECT_NE(found.report.find("shown as: this page"), std::string::npos);
    EXPECT_EQ(found.report.find("http://"), std::string::npos);
    EXPECT_EQ(found.report.find('\x1b'), std::string::npos);
}

TEST(Report, StaysSmallWhateverTheMessage) {
    std::string bytes = "Subject: x\nContent-Type: text/plain\n\n";
    for (int i = 0; i < 3000; ++i) {
        bytes += "http://www.example.org/" + std::string(300, 'a') + std::to_string(i) + "\n";
    }
    const auto found = analyse_text(bytes);
    EXPECT_LE(found.report.size(), kMaxReportBytes);
    EXPECT_LE(found.urls.size(), 200U);
}

TEST(Report, CutsTheExcerptBetweenCharacters) {
    std::string bytes = "Content-Type: text/plain; charset=utf-8\n\n";
    for (int i = 0; i < 2000; ++i) bytes += "\u20ac";
    const auto report = analyse_text(bytes).report;
    EXPECT_NE(report.find("..."), std::string::npos);
    EXPECT_EQ(report.find('\\'), std::string::npos);
}

}  // namespace
}  // namespace cordon
