// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/message/packed_rtf.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "conf/base/text.h"
#include "scoring/message/message.h"

namespace cordon {
namespace {

using namespace std::string_literals;

const std::string kHeader = "\x2d\0\0\0\x2b\0\0\0LZFu\xf1\xc5\xc7\xa7"s;
// The example of MS-OXRTFCP section 4.1.1.
const std::string kExample =
    kHeader + "\x03\0\x0a\0rcpg125B2\x0a\xf3 hel\x09\0 bw\x05\xb0ld}\x0a\x80\x0f\xa0"s;
const std::string kText = "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n";

TEST(UnpackRtf, UnpacksTheExampleOfTheSpecification) {
    const auto out = unpack_rtf(kExample, 1000);
    EXPECT_EQ(out.bytes, kText);
    EXPECT_FALSE(out.is_damaged || out.is_over_limit);
}

TEST(UnpackRtf, TakesWhatIsNotCompressedAsItStands) {
    const auto out = unpack_rtf("12345678MELA1234{\\rtf1}", 1000);
    EXPECT_EQ(out.bytes, "{\\rtf1}");
    EXPECT_FALSE(out.is_damaged);
}

TEST(UnpackRtf, KeepsWhatCameBeforeACut) {
    const auto out = unpack_rtf(kExample.substr(0, kExample.size() - 8), 1000);
    EXPECT_TRUE(out.is_damaged);
    EXPECT_TRUE(kText.starts_with(out.bytes) && out.bytes.size() > 30) << out.bytes;
    for (std::size_t size = 0; size < kExample.size(); ++size)
        EXPECT_TRUE(unpack_rtf(kExample.substr(0, size), 1000).is_damaged) << size;
}

TEST(UnpackRtf, StopsAtTheLimit) {
    const auto out = unpack_rtf(kExample, 10);
    EXPECT_EQ(out.bytes, kText.substr(0, 10));
    EXPECT_TRUE(out.is_over_limit);
    EXPECT_EQ(unpack_rtf("12345678MELA1234{\\rtf1}", 3).bytes, "{\\r");
}

TEST(UnpackRtf, RefusesAKindThatItDoesNotKnow) {
    EXPECT_TRUE(unpack_rtf("12345678ABCD1234{\\rtf1}", 1000).is_damaged);
}

TEST(UnpackRtf, RepeatsTheBytesThatAReferenceItselfWrites) {
    // A literal, then 17 bytes from one byte back: the place is that of the literal.
    const auto out = unpack_rtf("12345678LZFu1234\x02"s + "x" + "\x0c\xff" + "\x01\x0e\x00"s, 1000);
    EXPECT_EQ(out.bytes.substr(0, 18), std::string(18, 'x'));
}

std::string number(std::size_t value, unsigned width) {
    std::string out;
    for (unsigned i = 0; i < width; ++i) out += static_cast<char>(value >> (8U * i) & 0xffU);
    return out;
}

/// A mail whose winmail.dat holds a body in compressed RTF and nothing else.
std::string mail_with(const std::string& packed) {
    auto padded = packed;
    padded.resize((padded.size() + 3) / 4 * 4);
    const auto properties = number(1, 4) + number(0x102, 2) + number(0x1009, 2) + number(1, 4) +
                            number(packed.size(), 4) + padded;
    const auto tnef = "\x78\x9f\x3e\x22\x01\0\x01"s + number(0x00069003, 4) +
                      number(properties.size(), 4) + properties + number(0, 2);
    return "From: a@example.org\r\nContent-Type: application/ms-tnef; name=winmail.dat\r\n"
           "Content-Transfer-Encoding: base64\r\n\r\n" +
           to_base64(tnef) + "\r\n";
}

TEST(UnpackRtf, MakesAPartOfTheBodyInTnef) {
    const auto mail = mail_with(kExample);
    const auto message = Message::parse(mail, Limits{});
    ASSERT_EQ(message.parts().size(), 2U);
    EXPECT_EQ(message.parts()[1].type, "application/rtf");
    EXPECT_EQ(message.parts()[1].bytes(), kText);
    EXPECT_TRUE(message.oddities().empty());
}

TEST(UnpackRtf, TellsOfADamagedBodyInTnef) {
    const auto mail = mail_with(kExample.substr(0, 30));
    const auto message = Message::parse(mail, Limits{});
    EXPECT_TRUE(std::any_of(message.oddities().begin(), message.oddities().end(),
                            [](const Oddity& o) { return o.rule == "MIME_TNEF_DAMAGED"; }));
}

TEST(UnpackRtf, FindsTheLinksOfTheBodyInTnef) {
    const auto mail = mail_with(
        "12345678MELA1234{\\rtf1 {\\field{\\*\\fldinst HYPERLINK \"http://a.example.org/x\"}}}");
    const auto message = Message::parse(mail, Limits{});
    ASSERT_EQ(message.links().size(), 1U);
    EXPECT_EQ(message.links()[0].url.host, "a.example.org");
}

}  // namespace
}  // namespace cordon
