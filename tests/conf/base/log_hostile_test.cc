// SPDX-License-Identifier: GPL-2.0-only
// Whatever a sender writes is one record of the log, without a control byte, and valid JSON.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "conf/base/log.h"
#include "conf/base/text.h"

namespace cordon {
namespace {

constexpr int kRecords = 10'000;

/// A subject, address or file name that means harm.
std::string hostile(std::mt19937& random) {
    static const char* const kPieces[] = {"\r\nverdict id=1 action=accept",
                                          "\n",
                                          "\"",
                                          "\\",
                                          "\x1b[2J",
                                          "\xe2\x80\xae",
                                          "\xff\xfe",
                                          "\xe2\x80\xa8",
                                          "{\"event\":\"x\"}",
                                          "=",
                                          " action=accept",
                                          "%s%n",
                                          "\\u0000",
                                          "\x7f"};
    std::string out;
    for (auto count = random() % 8; count > 0; --count) {
        if (random() % 3 == 0)
            out += kPieces[random() % std::size(kPieces)];
        else
            out += static_cast<char>(random() % 256);
    }
    return out + std::string(random() % 40 == 0 ? 5000 : 0, 'A');
}

bool has_control_byte(const std::string& text) {
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

/// One flat JSON object of strings and numbers; nothing before, nothing after.
bool is_flat_object(std::string_view json) {
    bool is_inside = false;
    int depth = 0;
    for (std::size_t i = 0; i < json.size(); ++i) {
        const char c = json[i];
        if (is_inside && c == '\\') {
            ++i;
        } else if (c == '"') {
            is_inside = !is_inside;
        } else if (!is_inside && (c == '{' || c == '}')) {
            depth += c == '{' ? 1 : -1;
            if (depth == 0 && i + 1 != json.size()) return false;
            if (depth > 1) return false;
        }
    }
    return !is_inside && depth == 0;
}

TEST(LogOfHostileText, IsOneRecordEach) {
    std::mt19937 random(7);
    for (int i = 0; i < kRecords; ++i) {
        const auto subject = hostile(random);
        const auto address = hostile(random);
        const auto file = hostile(random);
        const auto text = log::as_text("verdict", {{"s", subject}, {"to", address}, {"f", file}});
        const auto json =
            log::as_json("verdict", {{"s", subject}, {"to", address}, {"f", file}}, "info", 0);
        ASSERT_FALSE(has_control_byte(text)) << printable(text);
        ASSERT_FALSE(has_control_byte(json)) << printable(json);
        ASSERT_EQ(to_valid_utf8(json), json);
        ASSERT_TRUE(is_flat_object(json)) << json;
        ASSERT_LT(text.size(), 10'000U);
    }
}

}  // namespace
}  // namespace cordon
