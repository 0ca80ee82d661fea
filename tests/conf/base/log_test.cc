// SPDX-License-Identifier: GPL-2.0-only
#include "conf/base/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace cordon {
namespace {

TEST(LogText, WritesKeysAndValues) {
    EXPECT_EQ(
        log::as_text("verdict", {{"id", "1a"}, {"score", 6.254}, {"size", 42}, {"virus", ""}}),
        "verdict id=1a score=6.25 size=42 virus=");
}

TEST(LogText, QuotesValuesThatWouldRunTogether) {
    EXPECT_EQ(log::as_text("e", {{"a", "two words"}, {"b", "x=y"}, {"c", "say \"hi\""}}),
              R"(e a="two words" b="x=y" c="say \"hi\"")");
}

TEST(LogText, CannotBeBrokenByAValue) {
    EXPECT_EQ(log::as_text("e", {{"from", "a\nverdict id=forged\x1b[0m"}}),
              R"(e from="a\x0averdict id=forged\x1b[0m")");
}

TEST(LogText, CannotBeForgedByABackslashBeforeAQuote) {
    EXPECT_EQ(log::as_text("e", {{"a", "x\\\" b=1"}}), R"(e a="x\\\" b=1")");
}

TEST(LogText, BoundsAValue) {
    const auto line = log::as_text("e", {{"a", std::string(100'000, 'x')}});
    EXPECT_LT(line.size(), 2100U);
    EXPECT_TRUE(line.ends_with("..."));
}

TEST(LogJson, IsOneObjectWithTheSameKeys) {
    EXPECT_EQ(
        log::as_json("verdict", {{"id", "1a"}, {"score", 6.25}, {"size", 42}}, "info", 0),
        R"({"time":"1970-01-01T00:00:00Z","level":"info","event":"verdict","id":"1a","score":6.25,"size":42})");
}

TEST(LogJson, CannotBeBrokenByAValue) {
    const auto line = log::as_json("e", {{"a", "x\"\n\\\xFF"}}, "info", 0);
    EXPECT_THAT(line, ::testing::EndsWith("\"a\":\"x\\\"\\u000a\\\\\xEF\xBF\xBD\"}"));
}

/// What a function writes to standard error; the log is put back afterwards.
template <typename Write>
std::string written(LogFormat format, LogLevel level, Write write) {
    log::open("test", LogTarget::standard_error, format, level);
    ::testing::internal::CaptureStderr();
    write();
    auto out = ::testing::internal::GetCapturedStderr();
    log::open("unit_tests", LogTarget::standard_error, LogFormat::text, LogLevel::error);
    return out;
}

TEST(Log, LeavesOutWhatIsBelowItsLevel) {
    const auto out = written(LogFormat::text, LogLevel::warn, [] {
        log::debug("one");
        log::info("two");
        log::warn("three");
        log::error("four");
    });
    EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 2);
    EXPECT_THAT(out, ::testing::ContainsRegex("test\\[[0-9]+\\]: warn: three\n"));
    EXPECT_THAT(out, ::testing::ContainsRegex("test\\[[0-9]+\\]: error: four\n"));
}

TEST(Log, WritesJsonWhereAsked) {
    const auto out = written(LogFormat::json, LogLevel::info, [] { log::info("one", {{"a", 1}}); });
    EXPECT_TRUE(out.starts_with("{\"time\":")) << out;
    EXPECT_TRUE(out.ends_with("\"event\":\"one\",\"a\":1}\n")) << out;
}

}  // namespace
}  // namespace cordon
