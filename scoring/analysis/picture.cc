// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/analysis/picture.h"

#include <png.h>
#include <turbojpeg.h>

#include "conf/base/owned.h"

namespace cordon {

namespace {

using namespace std::string_view_literals;

constexpr std::size_t kMaxSide = 20'000;

const unsigned char* data_of(std::string_view bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

/// What libpng keeps of a picture; freed even when it is not read to the end.
class Png {
 public:
    explicit Png(std::string_view bytes) {
        image_.version = PNG_IMAGE_VERSION;
        is_open_ = png_image_begin_read_from_memory(&image_, bytes.data(), bytes.size()) != 0;
    }
    ~Png() { png_image_free(&image_); }
    Png(const Png&) = delete;
    Png& operator=(const Png&) = delete;

    bool is_open() const { return is_open_; }
    std::size_t width() const { return image_.width; }
    std::size_t height() const { return image_.height; }
    std::optional<GreyPicture> read() {
        image_.format = PNG_FORMAT_GRAY;
        GreyPicture out{width(), height(), std::vector<unsigned char>(width() * height())};
        const png_color white = {255, 255, 255};
        if (png_image_finish_read(&image_, &white, out.pixels.data(), 0, nullptr) == 0)
            return std::nullopt;
        return out;
    }

 private:
    png_image image_{};
    bool is_open_ = false;
};

struct TurboEnd {
    void operator()(void* handle) const { tjDestroy(handle); }
};

class Jpeg {
 public:
    explicit Jpeg(std::string_view bytes) : bytes_(bytes), handle_(tjInitDecompress()) {
        int sampling = 0;
        int colours = 0;
        is_open_ = handle_ && tjDecompressHeader3(handle_.get(), data_of(bytes_), length(), &width_,
                                                  &height_, &sampling, &colours) == 0;
        is_open_ = is_open_ && width_ > 0 && height_ > 0;
    }
    bool is_open() const { return is_open_; }
    std::size_t width() const { return static_cast<std::size_t>(width_); }
    std::size_t height() const { return static_cast<std::size_t>(height_); }
    std::optional<GreyPicture> read() {
        GreyPicture out{width(), height(), std::vector<unsigned char>(width() * height())};
        // The fast transform turns whole modules of a code over. LIMITSCANS: a progressive picture
        // may repeat itself thousands of times.
        const int done =
            tjDecompress2(handle_.get(), data_of(bytes_), length(), out.pixels.data(), width_, 0,
                          height_, TJPF_GRAY, TJFLAG_ACCURATEDCT | TJFLAG_LIMITSCANS);
        // A picture that ends early is shown as far as it goes.
        const bool is_usable = done == 0 || tjGetErrorCode(handle_.get()) == TJERR_WARNING;
        return is_usable ? std::optional(std::move(out)) : std::nullopt;
    }

 private:
    unsigned long length() const { return bytes_.size(); }

    std::string_view bytes_;
    std::unique_ptr<void, TurboEnd> handle_;
    int width_ = 0;
    int height_ = 0;
    bool is_open_ = false;
};

template <typename Decoder>
std::optional<std::size_t> size_in(const Decoder& decoder) {
    if (!decoder.is_open() || decoder.width() > kMaxSide || decoder.height() > kMaxSide)
        return std::nullopt;
    return decoder.width() * decoder.height();
}

template <typename Decoder>
std::optional<GreyPicture> read(std::string_view bytes, std::size_t max_pixels) {
    Decoder decoder(bytes);
    const auto size = size_in(decoder);
    if (!size || *size > max_pixels) return std::nullopt;
    return decoder.read();
}

bool is_png(std::string_view bytes) {
    return bytes.starts_with("\x89PNG\r\n\x1a\n"sv);
}
bool is_jpeg(std::string_view bytes) {
    return bytes.starts_with("\xff\xd8\xff"sv);
}

}  // namespace

std::optional<std::size_t> pixels_of(std::string_view bytes) {
    if (is_png(bytes)) return size_in(Png(bytes));
    if (is_jpeg(bytes)) return size_in(Jpeg(bytes));
    return std::nullopt;
}

std::optional<GreyPicture> decode_picture(std::string_view bytes, std::size_t max_pixels) {
    if (is_png(bytes)) return read<Png>(bytes, max_pixels);
    if (is_jpeg(bytes)) return read<Jpeg>(bytes, max_pixels);
    return std::nullopt;
}

}  // namespace cordon
