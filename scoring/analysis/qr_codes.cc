// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/analysis/qr_codes.h"

#include <iconv.h>
#include <zbar.h>

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include "conf/base/text.h"
#include "scoring/analysis/qr_marks.h"
#include "scoring/message/parser_error.h"
#include "scoring/message/pdf.h"

namespace cordon {

namespace {

constexpr std::size_t kMaxPictures = 4;
constexpr std::size_t kMaxPixels = std::size_t{2} << 20U;  // of all pictures of a message
constexpr std::size_t kMaxTexts = 10;
constexpr std::size_t kMaxTextBytes = 4096;  // a code holds 2,953 at most
constexpr std::size_t kPixelsOfThreeMarks = 5000;
constexpr std::size_t kMaxPixelsEnlarged = std::size_t{1} << 18U;

struct ScannerEnd {
    void operator()(zbar::zbar_image_scanner_t* scanner) const {
        zbar::zbar_image_scanner_destroy(scanner);
    }
};
struct ImageEnd {
    void operator()(zbar::zbar_image_t* image) const { zbar::zbar_image_destroy(image); }
};

std::vector<std::string> texts_of(zbar::zbar_image_t* image) {
    std::vector<std::string> out;
    for (const auto* symbol = zbar::zbar_image_first_symbol(image); symbol != nullptr;
         symbol = zbar::zbar_symbol_next(symbol)) {
        if (out.size() >= kMaxTexts) break;
        const std::size_t length = zbar::zbar_symbol_get_data_length(symbol);
        const std::string_view text(zbar::zbar_symbol_get_data(symbol), length);
        out.push_back(to_valid_utf8(text.substr(0, kMaxTextBytes)));
    }
    return out;
}

/// The link that a telephone would open: the text itself, or the first one in it.
std::optional<Url> link_in(const std::string& text) {
    const auto urls = find_urls(text, 1);
    if (urls.empty() || urls.front().host.empty()) return std::nullopt;
    return urls.front();
}

/// A place of a picture by itself, dark on light.
GreyPicture piece_of(const GreyPicture& picture, const QrPlace& place) {
    GreyPicture out{place.width, place.height, {}};
    out.pixels.reserve(place.width * place.height);
    for (std::size_t y = place.top; y < place.top + place.height; ++y) {
        const auto* const row = &picture.pixels[y * picture.width + place.left];
        out.pixels.insert(out.pixels.end(), row, row + place.width);
    }
    if (place.is_light_on_dark)
        for (auto& pixel : out.pixels) pixel = static_cast<unsigned char>(255 - pixel);
    return out;
}

/// With steps of `shade`: libzbar shall see no mark that is too pale to be counted.
GreyPicture in_shades(GreyPicture picture, unsigned shade) {
    for (auto& pixel : picture.pixels) {
        const unsigned middle = pixel / shade * shade + shade / 2;
        pixel = static_cast<unsigned char>(std::min(middle, 255U));
    }
    return picture;
}

GreyPicture in_black_and_white(GreyPicture picture) {
    const auto [dark, light] = std::minmax_element(picture.pixels.begin(), picture.pixels.end());
    const unsigned middle = (0U + *dark + *light) / 2;
    for (auto& pixel : picture.pixels) pixel = pixel > middle ? 255 : 0;
    return picture;
}

/// What libzbar spends on it in pixels: as long as on these it works on three marks, any three.
std::size_t cost_of(const GreyPicture& piece, std::size_t marks) {
    const std::size_t threes = marks < 3 ? 0 : marks * (marks - 1) * (marks - 2) / 6;
    return piece.pixels.size() + threes * kPixelsOfThreeMarks;
}

/// Twice as wide and high, with shades between.
GreyPicture enlarged(const GreyPicture& picture) {
    GreyPicture out{2 * picture.width, 2 * picture.height, {}};
    out.pixels.resize(out.width * out.height);
    for (std::size_t y = 0; y < out.height; ++y) {
        const auto* const row = &picture.pixels[y / 2 * picture.width];
        const bool is_last = y / 2 + 1 == picture.height;
        const auto* const next = y % 2 == 0 || is_last ? row : row + picture.width;
        for (std::size_t x = 0; x < out.width; ++x) {
            const std::size_t left = x / 2;
            const std::size_t right = std::min(left + x % 2, picture.width - 1);
            const unsigned sum = 0U + row[left] + row[right] + next[left] + next[right];
            out.pixels[y * out.width + x] = static_cast<unsigned char>(sum / 4);
        }
    }
    return out;
}

/// Texts of the codes in a picture, by libzbar.
std::vector<std::string> decode_codes(const GreyPicture& picture) {
    const std::unique_ptr<zbar::zbar_image_scanner_t, ScannerEnd> scanner(
        zbar::zbar_image_scanner_create());
    const std::unique_ptr<zbar::zbar_image_t, ImageEnd> image(zbar::zbar_image_create());
    if (!scanner || !image) return {};
    using namespace zbar;
    zbar_image_scanner_set_config(scanner.get(), ZBAR_NONE, ZBAR_CFG_ENABLE, 0);
    zbar_image_scanner_set_config(scanner.get(), ZBAR_QRCODE, ZBAR_CFG_ENABLE, 1);
    zbar_image_set_format(image.get(), zbar_fourcc('Y', '8', '0', '0'));
    // It finds edges between pixels by their shades: what is only black and white, it reads worse.
    zbar_image_set_size(image.get(), static_cast<unsigned>(picture.width),
                        static_cast<unsigned>(picture.height));
    zbar_image_set_data(image.get(), picture.pixels.data(), picture.pixels.size(), nullptr);
    if (zbar_scan_image(scanner.get(), image.get()) <= 0) return {};
    return texts_of(image.get());
}

class LinkReader {
 public:
    void read(std::string_view bytes, int part) {
        const auto size = pixels_of(bytes);
        if (!size || pictures_ >= kMaxPictures || *size > left_) return;
        if (!seen_.insert(bytes).second) return;  // in another reading
        ++pictures_;
        left_ -= *size;
        const auto picture = decode_picture(bytes, *size);
        if (!picture) return;
        for (const auto& text : reader_.texts_in(*picture)) {
            auto url = link_in(text);
            if (!url) continue;
            Link link;
            link.url = std::move(*url);
            link.source = LinkSource::qr_code;
            link.part = part;
            out_.links.push_back(std::move(link));
        }
    }
    QrLinks take() {
        out_.is_complete = reader_.is_complete();
        return std::move(out_);
    }

 private:
    QrLinks out_;
    QrReader reader_;
    std::set<std::string_view> seen_;
    std::size_t pictures_ = 0;
    std::size_t left_ = kMaxPixels;
};

}  // namespace

std::vector<std::string> QrReader::texts_in(const GreyPicture& picture) {
    std::vector<std::string> out;
    const auto places = find_qr_places(picture);
    is_complete_ = is_complete_ && places.is_complete;
    for (const auto& place : places.list) {
        for (auto& text : texts_at(picture, place, places.contrast))
            if (out.size() < kMaxTexts) out.push_back(std::move(text));
    }
    return out;
}

std::vector<std::string> QrReader::texts_at(const GreyPicture& picture, const QrPlace& place,
                                            unsigned contrast) {
    // Half of it, since a code may be paler than the rest of the picture.
    const unsigned shade = std::max(contrast / 2, 2U);
    auto piece = in_shades(piece_of(picture, place), shade);
    const bool is_afforded = decode(piece, shade / 2);
    // Small modules are read better when they are not.
    if (piece.pixels.size() <= kMaxPixelsEnlarged) piece = enlarged(piece);
    if (is_afforded && texts_.empty()) static_cast<void>(decode(piece, shade / 2));
    // Noise looks like marks as long as it is seen.
    if (texts_.empty() && !decode(in_black_and_white(std::move(piece)), 128) && !is_afforded)
        is_complete_ = false;
    return std::exchange(texts_, {});
}

bool QrReader::decode(const GreyPicture& piece, unsigned contrast) {
    const std::size_t cost = cost_of(piece, count_qr_marks(piece, contrast));
    if (cost > pixels_left_) return false;
    pixels_left_ -= cost;
    texts_ = decode_codes(piece);
    return true;
}

QrLinks qr_links(const Message& message) {
    LinkReader reader;
    for (std::size_t i = 0; i < message.parts().size(); ++i) {
        const std::string_view bytes = message.parts()[i].bytes();
        in_part(i, "a picture", [&] {
            reader.read(bytes, static_cast<int>(i));
            if (!is_pdf(bytes)) return;
            for (const auto picture : pdf_pictures(bytes))
                reader.read(picture, static_cast<int>(i));
        });
    }
    return reader.take();
}

void prepare_qr_reader() {
    // Kept open for good: the libraries behind them stay loaded. A code may name any part of ISO
    // 8859.
    static const std::vector<iconv_t> kOpen = [] {
        std::vector<iconv_t> out;
        for (const char* charset : {"UTF-8", "SJIS", "BIG-5", "CP437"})
            out.push_back(::iconv_open("UTF-8", charset));
        for (int part = 1; part <= 16; ++part)
            out.push_back(::iconv_open("UTF-8", ("ISO8859-" + std::to_string(part)).c_str()));
        return out;
    }();
    static_cast<void>(kOpen);
}

}  // namespace cordon
