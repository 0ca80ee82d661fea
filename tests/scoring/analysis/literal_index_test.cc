// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/analysis/literal_index.h"

#include <gtest/gtest.h>

#include <set>

namespace cordon {
namespace {

std::set<std::uint32_t> found_in(const LiteralIndex& index, std::string_view text) {
    std::set<std::uint32_t> found;
    index.find(text, [&](std::uint32_t id, std::size_t) { found.insert(id); });
    return found;
}

LiteralIndex make_index(const std::vector<std::string>& literals) {
    LiteralIndex index;
    for (std::uint32_t i = 0; i < literals.size(); ++i) index.add(literals[i], i);
    index.build();
    return index;
}

TEST(LiteralIndex, FindsLiteralsInsideEachOther) {
    const auto index = make_index({"he", "she", "his", "hers"});
    EXPECT_EQ(found_in(index, "ushers"), (std::set<std::uint32_t>{0, 1, 3}));
    EXPECT_EQ(found_in(index, "hi"), std::set<std::uint32_t>{});
}

TEST(LiteralIndex, FindsASuffixAfterAFailedLongerLiteral) {
    const auto index = make_index({"abcd", "bce"});
    EXPECT_EQ(found_in(index, "abce"), (std::set<std::uint32_t>{1}));
}

TEST(LiteralIndex, TakesInWhatAnotherOneFinds) {
    auto index = LiteralIndex();
    index.add("one", 0);
    index.add_all(make_index({"two", "on"}), 5);
    index.build();
    EXPECT_EQ(found_in(index, "one two"), (std::set<std::uint32_t>{0, 5, 6}));
}

TEST(LiteralIndex, IgnoresCaseAsPcreDoes) {
    const auto index = make_index({"risk"});
    EXPECT_EQ(found_in(index, "RISK").size(), 1U);
    EXPECT_EQ(found_in(index, "ri\u017f\u212a").size(), 1U);
    EXPECT_EQ(found_in(index, "ri\u017fc").size(), 0U);
}

TEST(LiteralIndex, TellsWhereALiteralEnds) {
    const auto index = make_index({"bc"});
    std::vector<std::size_t> ends;
    index.find("abcabc", [&](std::uint32_t, std::size_t end) { ends.push_back(end); });
    EXPECT_EQ(ends, (std::vector<std::size_t>{3, 6}));
}

TEST(LiteralIndex, FindsNothingWhenItIsEmpty) {
    const auto index = make_index({});
    EXPECT_TRUE(found_in(index, "text").empty());
}

TEST(LiteralIndex, ReadsTextCutInTheMiddleOfACharacter) {
    const auto index = make_index({"k"});
    EXPECT_TRUE(found_in(index, "\xe2\x84").empty());
    EXPECT_TRUE(found_in(index, "\xc5").empty());
}

}  // namespace
}  // namespace cordon
