// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/analysis/qr_codes.h"

#include <iconv.h>
#include <zbar.h>

#include <algorithm>
#include <array>
#include <memory>
#include <set>

#include "conf/base/text.h"
#include "scoring/message/parser_error.h"
#include "scoring/message/pdf.h"

namespace cordon {

namespace {

constexpr std::size_t kMaxPictures = 4;
constexpr std::size_t kMaxPixels = std::size_t{2} << 20U;  // of all pictures of a message
constexpr std::size_t kMaxTexts = 10;
constexpr std::size_t kMaxTextBytes = 4096;  // a code holds 2,953 at most
constexpr std::size_t kMinSide = 21;         // modules of the smallest code
// libzbar tries every three marks: a picture full of them would take it seconds.
constexpr std::size_t kMarksOfCode = 3;
constexpr std::size_t kMaxMarks = 40;

struct ScannerEnd {
    void operator()(zbar::zbar_image_scanner_t* scanner) const {
        zbar::zbar_image_scanner_destroy(scanner);
    }
};
struct ImageEnd {
    void operator()(zbar::zbar_image_t* image) const { zbar::zbar_image_destroy(image); }
};

/// Black and white, by the middle between the darkest and the lightest.
GreyPicture sharpened(GreyPicture picture) {
    if (picture.pixels.empty()) return picture;
    const auto [dark, light] = std::minmax_element(picture.pixels.begin(), picture.pixels.end());
    const unsigned middle = (static_cast<unsigned>(*dark) + *light) / 2;
    for (auto& pixel : picture.pixels) pixel = pixel > middle ? 255 : 0;
    return picture;
}

/// Lengths of the five runs of a mark, 1:1:3:1:1 with some tolerance.
bool is_mark(const std::array<std::size_t, 5>& runs) {
    std::size_t sum = 0;
    for (const auto run : runs) sum += run;
    if (sum < 7) return false;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        const std::size_t modules = i == 2 ? 3 : 1;
        const std::size_t expected = modules * sum;  // times seven
        const std::size_t slack = (modules == 3 ? 3 : 2) * sum / 2 + 7;
        if (7 * runs[i] + slack < expected || 7 * runs[i] > expected + slack) return false;
    }
    return true;
}

class MarkFinder {
 public:
    explicit MarkFinder(GreyPicture picture) : picture_(std::move(picture)) {}

    /// Places that look like a mark both along and across; at most kMaxMarks and one.
    std::size_t count() {
        for (std::size_t y = 0; y < picture_.height && marks_.size() <= kMaxMarks; ++y) scan_row(y);
        return marks_.size();
    }

 private:
    struct Mark {
        std::size_t x = 0;
        std::size_t y = 0;
        std::size_t size = 0;
    };

    bool is_dark(std::size_t x, std::size_t y) const {
        return picture_.pixels[y * picture_.width + x] == 0;
    }

    void scan_row(std::size_t y) {
        std::array<std::size_t, 5> runs{};  // the last five, dark ones at both ends
        bool dark = false;
        std::size_t length = 0;
        for (std::size_t x = 0; x <= picture_.width; ++x) {
            const bool is_end = x == picture_.width;
            if (!is_end && is_dark(x, y) == dark) {
                ++length;
                continue;
            }
            std::rotate(runs.begin(), runs.begin() + 1, runs.end());
            runs.back() = length;
            if (dark && runs.front() > 0 && is_mark(runs)) add(x, y, runs);
            dark = !dark;
            length = 1;
        }
    }

    void add(std::size_t end, std::size_t y, const std::array<std::size_t, 5>& runs) {
        const std::size_t size = runs[0] + runs[1] + runs[2] + runs[3] + runs[4];
        const std::size_t x = end - runs[4] - runs[3] - runs[2] / 2 - 1;
        const bool is_known = std::any_of(marks_.begin(), marks_.end(), [&](const Mark& mark) {
            const auto near = [&](std::size_t a, std::size_t b) {
                return (a > b ? a - b : b - a) <= mark.size / 2;
            };
            return near(mark.x, x) && near(mark.y, y);
        });
        if (!is_known && marks_.size() <= kMaxMarks && is_mark_across(x, y, size))
            marks_.push_back({x, y, size});
    }

    bool is_mark_across(std::size_t x, std::size_t y, std::size_t size) const {
        std::array<std::size_t, 5> runs{};
        const auto go = [&](int step, std::size_t centre, std::size_t white, std::size_t outer) {
            std::size_t at = step > 0 ? y + 1 : y;
            const auto take = [&](std::size_t run, bool dark) {
                while (runs[run] <= size) {
                    if (step > 0 ? at >= picture_.height : at == 0) return;
                    if (is_dark(x, step > 0 ? at : at - 1) != dark) return;
                    ++runs[run];
                    at = step > 0 ? at + 1 : at - 1;
                }
            };
            take(centre, true);
            take(white, false);
            take(outer, true);
        };
        runs[2] = 1;  // the row itself
        if (!is_dark(x, y)) return false;
        go(-1, 2, 1, 0);
        go(1, 2, 3, 4);
        return is_mark(runs);
    }

    GreyPicture picture_;
    std::vector<Mark> marks_;
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

class Reader {
 public:
    explicit Reader(std::vector<Link>& links) : links_(links) {}

    void read(std::string_view bytes, int part) {
        const auto size = pixels_of(bytes);
        if (!size || pictures_ >= kMaxPictures || *size > left_) return;
        if (!seen_.insert(bytes).second) return;  // in another reading
        ++pictures_;
        left_ -= *size;
        const auto picture = decode_picture(bytes, *size);
        if (!picture) return;
        for (const auto& text : qr_texts(*picture)) {
            auto url = link_in(text);
            if (!url) continue;
            Link link;
            link.url = std::move(*url);
            link.source = LinkSource::qr_code;
            link.part = part;
            links_.push_back(std::move(link));
        }
    }

 private:
    std::vector<Link>& links_;
    std::set<std::string_view> seen_;
    std::size_t pictures_ = 0;
    std::size_t left_ = kMaxPixels;
};

}  // namespace

std::vector<std::string> qr_texts(const GreyPicture& picture) {
    if (picture.width < kMinSide || picture.height < kMinSide) return {};
    const std::size_t marks = MarkFinder(sharpened(picture)).count();
    if (marks < kMarksOfCode || marks > kMaxMarks) return {};
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

std::vector<Link> qr_links(const Message& message) {
    std::vector<Link> out;
    Reader reader(out);
    for (std::size_t i = 0; i < message.parts().size(); ++i) {
        const std::string_view bytes = message.parts()[i].bytes();
        in_part(i, "a picture", [&] {
            reader.read(bytes, static_cast<int>(i));
            if (!is_pdf(bytes)) return;
            for (const auto picture : pdf_pictures(bytes))
                reader.read(picture, static_cast<int>(i));
        });
    }
    return out;
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
