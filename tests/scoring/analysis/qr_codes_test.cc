// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/analysis/qr_codes.h"

#include <gmock/gmock.h>

#include "conf/base/file_descriptor.h"
#include "conf/base/text.h"

namespace cordon {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::size_t kAnySize = 1U << 22U;
constexpr const char* kTarget = "https://login.example.net/verify?u=1";

std::string png() {
    return read_file("tests/data/pictures/qr.png", 1U << 20U).value();
}
std::string jpeg() {
    return read_file("tests/data/pictures/qr.jpg", 1U << 20U).value();
}

std::string attached(const std::string& type, const std::string& bytes) {
    return "MIME-Version: 1.0\nContent-Type: " + type + "\nContent-Transfer-Encoding: base64\n\n" +
           to_base64(bytes) + "\n";
}

std::vector<std::string> targets_in(const std::string& message) {
    std::vector<std::string> out;
    const auto parsed = Message::parse(message, Limits{});
    for (const auto& link : qr_links(parsed)) {
        EXPECT_EQ(link.source, LinkSource::qr_code);
        out.push_back(link.url.raw);
    }
    return out;
}

/// A page full of the marks that stand in the corners of a code.
GreyPicture many_marks(std::size_t side) {
    GreyPicture out{side, side, std::vector<unsigned char>(side * side, 255)};
    for (std::size_t i = 0; i < out.pixels.size(); ++i) {
        const std::size_t x = i % side % 36 / 4;
        const std::size_t y = i / side % 36 / 4;
        if (x < 1 || y < 1 || x > 7 || y > 7) continue;
        const bool is_ring = x == 1 || y == 1 || x == 7 || y == 7;
        const bool is_core = x >= 3 && x <= 5 && y >= 3 && y <= 5;
        if (is_ring || is_core) out.pixels[i] = 0;
    }
    return out;
}

TEST(QrCodes, AreReadInAPng) {
    const auto picture = decode_picture(png(), kAnySize);
    ASSERT_TRUE(picture);
    EXPECT_THAT(qr_texts(*picture), ElementsAre(kTarget));
}

TEST(QrCodes, AreReadInAJpeg) {
    const auto picture = decode_picture(jpeg(), kAnySize);
    ASSERT_TRUE(picture);
    EXPECT_THAT(qr_texts(*picture), ElementsAre(kTarget));
}

TEST(QrCodes, AreReadWhiteOnBlackNotAtAllButDoNoHarm) {
    auto picture = *decode_picture(png(), kAnySize);
    for (auto& pixel : picture.pixels) pixel = static_cast<unsigned char>(255 - pixel);
    EXPECT_LE(qr_texts(picture).size(), 1U);
}

TEST(QrCodes, AreReadInPaleColours) {
    auto picture = *decode_picture(png(), kAnySize);
    for (auto& pixel : picture.pixels) pixel = pixel == 0 ? 150 : 200;
    EXPECT_THAT(qr_texts(picture), ElementsAre(kTarget));
}

TEST(QrCodes, OfAMessageAreLinks) {
    EXPECT_THAT(targets_in(attached("image/png", png())), ElementsAre(kTarget));
}

TEST(QrCodes, AreFoundWhateverTypeIsDeclared) {
    EXPECT_THAT(targets_in(attached("application/octet-stream; name=a.bin", png())),
                ElementsAre(kTarget));
}

TEST(QrCodes, AreReadOnAPageOfAPdf) {
    const std::string pdf =
        "%PDF-1.4\n1 0 obj\n<</Type/XObject/Subtype/Image/Filter/DCTDecode"
        "/Length 1>>\nstream\n" +
        jpeg() + "\nendstream\nendobj\n";
    EXPECT_THAT(targets_in(attached("application/pdf", pdf)), ElementsAre(kTarget));
}

TEST(QrCodes, AreNotSoughtInAPictureFullOfMarks) {
    EXPECT_THAT(qr_texts(many_marks(400)), IsEmpty());
}

TEST(QrCodes, AreNotSoughtInAPictureThatIsTooLarge) {
    EXPECT_FALSE(decode_picture(png(), 100));
}

TEST(DecodePicture, RefusesWhatIsDamaged) {
    EXPECT_FALSE(decode_picture("\x89PNG\r\n\x1a\n", kAnySize));
    EXPECT_FALSE(decode_picture(png().substr(0, 60), kAnySize));
    EXPECT_FALSE(decode_picture("\xff\xd8\xff", kAnySize));
    EXPECT_FALSE(decode_picture("GIF89a", kAnySize));
}

}  // namespace
}  // namespace cordon
