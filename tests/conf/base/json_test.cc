// SPDX-License-Identifier: GPL-2.0-only
#include "conf/base/json.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace cordon {
namespace {

TEST(JsonWriter, PlacesCommasByItself) {
    JsonWriter json;
    json.begin_object()
        .field("a", 1)
        .key("b")
        .begin_array()
        .number(std::int64_t{1})
        .text("x")
        .begin_object();
    json.end_object()
        .begin_array()
        .end_array()
        .end_array()
        .field("c", "y")
        .key("d")
        .null()
        .key("e")
        .boolean(true);
    EXPECT_EQ(json.end_object().take(), R"({"a":1,"b":[1,"x",{},[]],"c":"y","d":null,"e":true})");
}

TEST(JsonWriter, EscapesWhatJsonForbids) {
    const std::string text("\"\\\n\0\x7F/", 6);
    EXPECT_EQ(JsonWriter().text(text).take(), R"("\"\\\u000a\u0000\u007f/")");
}

TEST(JsonWriter, WritesValidUtf8Only) {
    EXPECT_EQ(JsonWriter().text("\xC3\xA4\xFF").take(), "\"\xC3\xA4\xEF\xBF\xBD\"");
}

TEST(JsonWriter, RoundsNumbersToFourDecimals) {
    JsonWriter json;
    json.begin_array().number(0.1 + 0.2).number(-6.0).number(1.23456).number(0.0);
    EXPECT_EQ(json.end_array().take(), "[0.3,-6,1.2346,0]");
}

TEST(JsonWriter, WritesNullForWhatIsNoNumber) {
    JsonWriter json;
    json.begin_array().number(std::nan("")).number(std::numeric_limits<double>::infinity());
    EXPECT_EQ(json.end_array().take(), "[null,null]");
}

TEST(JsonWriter, WritesHugeNumbersAsNumbers) {
    const auto out = JsonWriter().number(1e305).take();
    EXPECT_EQ(std::stod(out), 1e305) << out;
}

}  // namespace
}  // namespace cordon
