// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/message/mime_split.h"

#include <gtest/gtest.h>

#include <string>

namespace cordon {
namespace {

DashedText dashed(std::string_view bytes) {
    return {bytes, find_dash_lines(bytes)};
}

std::vector<std::string> split(std::string_view bytes, std::string_view boundary) {
    const DashedText text = dashed(bytes);
    std::vector<std::string> out;
    for (const Range part : split_at_boundary(text, {0, bytes.size()}, boundary, 100).parts) {
        out.emplace_back(text.view(part));
    }
    return out;
}

std::vector<std::string> guess(std::string_view bytes) {
    const DashedText text = dashed(bytes);
    std::vector<std::string> out;
    for (const Range part : split_by_guess(text, {0, bytes.size()}, 100).parts) {
        out.emplace_back(text.view(part));
    }
    return out;
}

using Parts = std::vector<std::string>;

TEST(SplitAtBoundary, GivesPartsWithoutTheLineBreakBeforeTheBoundary) {
    EXPECT_EQ(split("pre\r\n--b\r\none\r\n\r\n--b\r\ntwo\r\n--b--\r\npost", "b"),
              (Parts{"one\r\n", "two"}));
    EXPECT_EQ(split("--b\none\n--b\n--b--", "b"), (Parts{"one", ""}));
}

TEST(SplitAtBoundary, AllowsBlanksAfterTheBoundary) {
    EXPECT_EQ(split("--b \t\r\none\r\n--b--  \r\n", "b"), Parts{"one"});
}

TEST(SplitAtBoundary, IsNotFooledByLongerBoundaries) {
    EXPECT_EQ(split("--b\none\n--bc\ntwo\n--b--\n", "b"), Parts{"one\n--bc\ntwo"});
}

TEST(SplitAtBoundary, TakesTheRestWhenTheEndIsMissing) {
    const DashedText text = dashed("--b\none\n--b\ntwo\n");
    const Split parts = split_at_boundary(text, {0, text.bytes.size()}, "b", 100);
    EXPECT_EQ(parts.parts.size(), 2U);
    EXPECT_FALSE(parts.has_end);
    EXPECT_EQ(text.view(parts.parts[1]), "two\n");
}

TEST(SplitAtBoundary, SeparatesPreambleAndEpilogue) {
    const DashedText text = dashed("before\n--b\none\n--b--\nafter\n");
    const Split parts = split_at_boundary(text, {0, text.bytes.size()}, "b", 100);
    EXPECT_EQ(text.view(parts.preamble), "before");
    EXPECT_EQ(text.view(parts.epilogue), "after\n");
}

TEST(SplitAtBoundary, StaysInsideTheBody) {
    const DashedText text = dashed("--b\none\n--b\ntwo\n--b--\n");
    const Split parts = split_at_boundary(text, {4, 10}, "b", 100);
    EXPECT_TRUE(parts.parts.empty());
    EXPECT_TRUE(parts.epilogue.empty());
}

TEST(SplitAtBoundary, KeepsItsLimit) {
    std::string body;
    for (int i = 0; i < 50; ++i) body += "--b\nx\n";
    const DashedText text = dashed(body);
    EXPECT_EQ(split_at_boundary(text, {0, body.size()}, "b", 7).parts.size(), 7U);
}

TEST(FindDashLines, TellsHowTheLineBegins) {
    const auto lines = find_dash_lines("--a\n --b\nx --c\r--d\n-e\n---f");
    ASSERT_EQ(lines.size(), 4U);
    EXPECT_EQ(lines[0].kind, DashLineKind::plain);
    EXPECT_EQ(lines[1].kind, DashLineKind::indented);
    EXPECT_EQ(lines[2].kind, DashLineKind::after_cr);
    EXPECT_EQ(lines[3].offset, 22U);
}

TEST(SplitByGuess, CutsWhereMimeFieldsFollowADashLine) {
    EXPECT_EQ(
        guess("text\n--x\nContent-Type: a/b\n\none\n--x\nContent-Type: c/d\n\ntwo\n--x--\nend"),
        (Parts{"Content-Type: a/b\n\none", "Content-Type: c/d\n\ntwo"}));
}

TEST(SplitByGuess, SeesBoundariesAfterBlanksAndLoneCarriageReturns) {
    EXPECT_EQ(guess(" --x\nContent-Type: a/b\n\none\r--x\rContent-Type: c/d\n\ntwo"),
              (Parts{"Content-Type: a/b\n\none", "Content-Type: c/d\n\ntwo"}));
}

TEST(SplitByGuess, LeavesSignaturesAndRulersAlone) {
    constexpr std::string_view kText = "Hello\n-- \nAnn\n------\nmore\n";
    EXPECT_TRUE(guess(kText).empty());
    const DashedText text = dashed(kText);
    EXPECT_FALSE(has_guessable_part(text, {0, kText.size()}));
}

TEST(SplitByGuess, StaysLinearOnLoneCarriageReturns) {
    std::string body;
    for (int i = 0; i < 300000; ++i) body += "\r--";
    EXPECT_TRUE(guess(body).empty());
    for (int i = 0; i < 300000; ++i) body += "\n--";
    EXPECT_TRUE(guess(body).empty());
}

}  // namespace
}  // namespace cordon
