// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/message/tnef.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace cordon {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

std::string number(std::uint64_t value, unsigned width) {
    std::string out;
    for (unsigned i = 0; i < width; ++i) out += static_cast<char>(value >> (8U * i) & 0xffU);
    return out;
}

std::string attribute(unsigned level, std::uint32_t id, std::string_view value) {
    return number(level, 1) + number(id, 4) + number(value.size(), 4) + std::string(value) +
           number(0, 2);
}

std::string property(unsigned type, unsigned id, std::string value) {
    std::string out = number(type, 2) + number(id, 2) + number(1, 4) + number(value.size(), 4);
    value.resize((value.size() + 3) / 4 * 4);
    return out + value;
}

std::string tnef(const std::string& attributes) {
    return "\x78\x9f\x3e\x22\x01"s + std::string(1, '\0') + attributes;
}

std::string attachment(std::string_view name, std::string_view bytes) {
    return attribute(2, 0x00069002, "rendering") + attribute(2, 0x00018010, name) +
           attribute(2, 0x0006800f, bytes);
}

TEST(ReadTnef, FindsAttachmentsAndTheBody) {
    const std::string bytes =
        tnef(attribute(1, 0x0002800c, "hello") + attachment("a.exe"sv, "first") +
             attachment("b.txt"sv, "second"));
    const TnefContent content = read_tnef(bytes, 10);
    ASSERT_EQ(content.files.size(), 3U);
    EXPECT_EQ(content.files[0].type, "text/plain");
    EXPECT_EQ(content.files[1].name, "a.exe");
    EXPECT_EQ(content.files[1].bytes, "first");
    EXPECT_EQ(content.files[2].bytes, "second");
    EXPECT_FALSE(content.is_damaged);
}

TEST(ReadTnef, TakesTheLongNameAndTheDataFromProperties) {
    const std::string properties = number(2, 4) +
                                   property(0x1f, 0x3707, "l\0o\0n\0g\0.\0j\0s\0\0\0"s) +
                                   property(0x102, 0x3701, "payload");
    const std::string bytes =
        tnef(attribute(2, 0x00069002, "rendering") + attribute(2, 0x00018010, "LONG~1.JS"sv) +
             attribute(2, 0x00069005, properties));
    const TnefContent content = read_tnef(bytes, 10);
    ASSERT_EQ(content.files.size(), 1U);
    EXPECT_EQ(content.files[0].name, "long.js");
    EXPECT_EQ(content.files[0].bytes, "payload");
}

TEST(ReadTnef, FindsAMessageInside) {
    const std::string inner = std::string(16, 'g') + tnef(attachment("c.txt"sv, "deep"));
    const std::string properties = number(1, 4) + property(0x0d, 0x3701, inner);
    const std::string bytes =
        tnef(attribute(2, 0x00069002, "rendering") + attribute(2, 0x00069005, properties));
    const TnefContent content = read_tnef(bytes, 10);
    ASSERT_EQ(content.files.size(), 1U);
    EXPECT_TRUE(content.files[0].is_tnef);
    EXPECT_EQ(read_tnef(content.files[0].bytes, 10).files[0].bytes, "deep");
}

TEST(ReadTnef, TellsWhatIsCutOff) {
    const std::string whole = tnef(attachment("a.exe"sv, "0123456789"));
    EXPECT_TRUE(read_tnef(std::string_view(whole).substr(0, whole.size() - 6), 10).is_damaged);
    EXPECT_FALSE(read_tnef(whole + "\r\n", 10).is_damaged);
    EXPECT_TRUE(read_tnef("\x78\x9f\x3e\x22", 10).files.empty());
}

TEST(ReadTnef, BearsCountsThatLie) {
    const std::string properties =
        number(0xffffffff, 4) + number(0x1002, 2) + number(0x3701, 2) + number(0xffffffff, 4);
    EXPECT_TRUE(read_tnef(tnef(attribute(2, 0x00069005, properties)), 10).files.empty());
}

}  // namespace
}  // namespace cordon
