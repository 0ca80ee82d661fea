// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/analysis/qr_codes.h"

#include <gmock/gmock.h>

#include "conf/base/file_descriptor.h"
#include "conf/base/text.h"
#include "tests/scoring/analysis/qr_pictures.h"

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
    for (const auto& link : qr_links(parsed).links) {
        EXPECT_EQ(link.source, LinkSource::qr_code);
        out.push_back(link.url.raw);
    }
    return out;
}

TEST(QrCodes, AreReadInAPng) {
    const auto picture = decode_picture(png(), kAnySize);
    ASSERT_TRUE(picture);
    EXPECT_THAT(QrReader().texts_in(*picture), ElementsAre(kTarget));
}

TEST(QrCodes, AreReadInAJpeg) {
    const auto picture = decode_picture(jpeg(), kAnySize);
    ASSERT_TRUE(picture);
    EXPECT_THAT(QrReader().texts_in(*picture), ElementsAre(kTarget));
}

TEST(QrCodes, AreReadLightOnDark) {
    auto picture = *decode_picture(png(), kAnySize);
    for (auto& pixel : picture.pixels) pixel = static_cast<unsigned char>(255 - pixel);
    EXPECT_THAT(QrReader().texts_in(picture), ElementsAre(kTarget));
}

TEST(QrCodes, AreReadInPaleColours) {
    auto picture = *decode_picture(png(), kAnySize);
    for (auto& pixel : picture.pixels) pixel = pixel == 0 ? 150 : 200;
    EXPECT_THAT(QrReader().texts_in(picture), ElementsAre(kTarget));
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

TEST(QrCodes, AreNotSoughtInAPictureFullOfMarksWhichIsSaid) {
    QrReader reader;
    EXPECT_THAT(reader.texts_in(many_qr_marks(400)), IsEmpty());
    EXPECT_FALSE(reader.is_complete());
}

TEST(QrCodes, BesideAFewStrayMarksAreReadAndTheReadingIsComplete) {
    QrReader reader;
    EXPECT_THAT(reader.texts_in(*decode_picture(png(), kAnySize)), ElementsAre(kTarget));
    EXPECT_THAT(reader.texts_in(many_qr_marks(72)), IsEmpty());
    EXPECT_TRUE(reader.is_complete());
}

TEST(QrCodes, OfAMessageAreIncompleteWhenOneOfItsPicturesIsFullOfMarks) {
    const auto message =
        Message::parse(attached("image/jpeg", jpeg_of(many_qr_marks(400), 95)), Limits{});
    EXPECT_FALSE(qr_links(message).is_complete);
}

/// Codes of 21 to 73 modules, as mail brings them.
class ViewsOfQrCodes : public testing::TestWithParam<int> {
 protected:
    GreyPicture code_ = *decode_picture(
        read_file("tests/data/pictures/qr-version" + std::to_string(GetParam()) + ".png", 1U << 16U)
            .value(),
        kAnySize);
    std::size_t found_in(const GreyPicture& picture) const {
        return QrReader().texts_in(picture).size();
    }
};

TEST_P(ViewsOfQrCodes, AreReadTurnedAndInAnySize) {
    for (const double module : {2.0, 3.3, 4.5}) {
        for (const double degrees : {0.0, 90.0, 180.0, 270.0, 4.0, -11.0, 45.0}) {
            const auto picture = render_qr(code_, {.module = module, .degrees = degrees});
            EXPECT_EQ(found_in(picture), 1U) << module << " pixels, " << degrees << " degrees";
        }
    }
}

TEST_P(ViewsOfQrCodes, AreReadInBadPictures) {
    for (const double degrees : {0.0, 7.0}) {
        const QrView good{.module = 4, .degrees = degrees, .beside = 20};
        auto pale = good, inverted = good, shaded = good, noisy = good, leaning = good;
        pale.dark = 150, pale.light = 200;
        inverted.dark = 255, inverted.light = 0;
        shaded.shade = 0.6;
        noisy.noise = 40;
        leaning.lean = 0.15;
        EXPECT_EQ(found_in(render_qr(code_, pale)), 1U) << degrees;
        EXPECT_EQ(found_in(render_qr(code_, inverted)), 1U) << degrees;
        EXPECT_EQ(found_in(render_qr(code_, shaded)), 1U) << degrees;
        EXPECT_EQ(found_in(render_qr(code_, noisy)), 1U) << degrees;
        EXPECT_EQ(found_in(render_qr(code_, leaning)), 1U) << degrees;
        EXPECT_EQ(found_in(through_jpeg(render_qr(code_, good), 25)), 1U) << degrees;
    }
}

TEST_P(ViewsOfQrCodes, AreReadInTheMiddleOfAPageOfText) {
    const auto picture = render_qr(code_, {.module = 3, .beside = 200, .is_page_busy = true});
    EXPECT_EQ(found_in(picture), 1U);
}

INSTANTIATE_TEST_SUITE_P(Versions, ViewsOfQrCodes, testing::Values(1, 3, 7, 14));

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
