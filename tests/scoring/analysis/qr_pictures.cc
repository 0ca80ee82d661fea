// SPDX-License-Identifier: GPL-2.0-only
#include "tests/scoring/analysis/qr_pictures.h"

#include <turbojpeg.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>

#include "conf/base/owned.h"

namespace cordon {

namespace {

constexpr int kSamples = 3;  // of one pixel, along and across

class Renderer {
 public:
    Renderer(const GreyPicture& code, const QrView& view) : code_(code), view_(view) {
        const double angle = view.degrees * std::numbers::pi / 180;
        sine_ = std::sin(angle);
        cosine_ = std::cos(angle);
        const double side = static_cast<double>(code.width) * view.module;
        const double turned = side * (std::abs(sine_) + std::abs(cosine_));
        side_ = static_cast<std::size_t>(std::ceil(turned)) + 2 * view.beside;
    }

    GreyPicture render() {
        GreyPicture out{side_, side_, {}};
        out.pixels.reserve(side_ * side_);
        for (std::size_t y = 0; y < side_; ++y)
            for (std::size_t x = 0; x < side_; ++x) out.pixels.push_back(pixel(x, y));
        return out;
    }

 private:
    unsigned char pixel(std::size_t x, std::size_t y) {
        double sum = 0;
        for (int i = 0; i < kSamples * kSamples; ++i) {
            const double dx = (i % kSamples + 0.5) / kSamples;
            const double dy = (i / kSamples + 0.5) / kSamples;
            sum += is_dark(static_cast<double>(x) + dx, static_cast<double>(y) + dy) ? 0 : 1;
        }
        const double light = sum / (kSamples * kSamples);
        double grey = view_.dark + light * (1.0 * view_.light - view_.dark);
        grey *= 1 - view_.shade * static_cast<double>(x) / static_cast<double>(side_);
        const auto noise = static_cast<int>(view_.noise);
        if (noise > 0) grey += std::uniform_int_distribution<int>(-noise, noise)(chance_);
        return static_cast<unsigned char>(std::clamp(std::lround(grey), 0L, 255L));
    }

    bool is_dark(double x, double y) const {
        const double half = static_cast<double>(side_) / 2;
        // Farther up, everything is narrower.
        const double narrow = 1 - view_.lean * (1 - y / static_cast<double>(side_));
        const double across = (x - half) / narrow;
        const double down = (y - half) / (1 - view_.lean / 2);
        const double middle = static_cast<double>(code_.width) / 2;
        const double u = (across * cosine_ + down * sine_) / view_.module + middle;
        const double v = (down * cosine_ - across * sine_) / view_.module + middle;
        const auto side = static_cast<double>(code_.width);
        if (u < 0 || v < 0 || u >= side || v >= side) return view_.is_page_busy && is_text(x, y);
        return code_.pixels[static_cast<std::size_t>(v) * code_.width +
                            static_cast<std::size_t>(u)] < 128;
    }

    /// Something like lines of letters.
    static bool is_text(double x, double y) {
        const auto column = static_cast<unsigned>(x);
        const auto row = static_cast<unsigned>(y);
        return row % 16 < 9 && (column * 7 + row / 16 * 13) % 11 < 5 && (column + row) % 3 != 0;
    }

    const GreyPicture& code_;
    QrView view_;
    std::size_t side_ = 0;
    double sine_ = 0;
    double cosine_ = 1;
    std::mt19937 chance_{7};
};

void close_encoder(void* handle) {
    tjDestroy(handle);
}

}  // namespace

GreyPicture render_qr(const GreyPicture& code, const QrView& view) {
    return Renderer(code, view).render();
}

GreyPicture many_qr_marks(std::size_t side) {
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

std::string jpeg_of(const GreyPicture& picture, int quality) {
    const Owned<void, close_encoder> encoder(tjInitCompress());
    unsigned char* bytes = nullptr;
    unsigned long size = 0;
    tjCompress2(encoder.get(), picture.pixels.data(), static_cast<int>(picture.width), 0,
                static_cast<int>(picture.height), TJPF_GRAY, &bytes, &size, TJSAMP_GRAY, quality,
                0);
    const Owned<unsigned char, tjFree> owner(bytes);
    return {reinterpret_cast<const char*>(bytes), size};
}

GreyPicture through_jpeg(const GreyPicture& picture, int quality) {
    return decode_picture(jpeg_of(picture, quality), picture.pixels.size()).value_or(GreyPicture{});
}

}  // namespace cordon
