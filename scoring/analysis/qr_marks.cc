// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/analysis/qr_marks.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <optional>

namespace cordon {

namespace {

constexpr std::size_t kMaxMarks = 60;
constexpr unsigned kMinContrast = 12;   // grey levels of 255: paler marks are noise
constexpr unsigned kContrastShare = 5;  // of the picture's whole range, as one part of
// Between the centres of marks: 21 to 177 modules less seven, with some slack for perspective.
constexpr double kMinLeg = 14 * 0.75;
constexpr double kMaxLeg = 170 * 1.25;
// Half a mark by its diagonal, and the four modules of the quiet zone.
constexpr double kMargin = 9;
constexpr std::size_t kMinSize = 8;  // pixels of a mark: of smaller ones nobody reads the code

struct Mark {
    double x = 0;
    double y = 0;
    double module = 0;  // along the row: at 45 degrees, the diagonal of one
    bool is_light = false;
};

/// What tells dark from light.
struct Shades {
    unsigned middle = 0;    // for the beginning of a line
    unsigned contrast = 0;  // for all that follows
};

struct Range {
    unsigned dark = 255;
    unsigned light = 0;
};

Range range_of(const unsigned char* pixels, std::size_t size) {
    Range out;
    for (std::size_t at = 0; at < size; ++at) {
        out.dark = std::min<unsigned>(out.dark, pixels[at]);
        out.light = std::max<unsigned>(out.light, pixels[at]);
    }
    return out;
}

/// By each eighth row, which no code fits between.
Range range_of(const GreyPicture& picture) {
    constexpr std::size_t kStep = 8;
    Range out;
    for (std::size_t y = 0; y < picture.height; y += kStep) {
        const Range row = range_of(&picture.pixels[y * picture.width], picture.width);
        out.dark = std::min(out.dark, row.dark);
        out.light = std::max(out.light, row.light);
    }
    return out;
}

/// Edges of a line of pixels, the last six, at which it turns from dark to light or back: where it
/// has left the last extreme by the contrast. Between two edges of the same kind that delay is nil.
class Line {
 public:
    Line(const unsigned char* pixels, std::size_t size, const Shades& shades)
        : pixels_(pixels), size_(size), shades_(shades) {}

    /// Calls `found(centre, size, is_light)` for each five runs of 1:1:3:1:1.
    template <typename Found>
    void find_marks(Found found) {
        if (size_ < kMinSize) return;
        // What surrounds the line is of the other kind: a mark may stand at its end.
        unsigned extreme = pixels_[0];
        bool is_dark = extreme < shades_.middle;
        std::array<std::size_t, 6> edges{};
        std::size_t count = 1;
        const auto add = [&](std::size_t at, bool is_light) {
            std::copy(edges.begin() + 1, edges.end(), edges.begin());
            edges.back() = at;
            if (++count < edges.size() || !is_mark(edges)) return;
            const double centre = static_cast<double>(edges[1] + edges[4]) / 2;
            found(centre, static_cast<double>(edges[5] - edges[0]), is_light);
        };
        for (std::size_t at = 0; at < size_; ++at) {
            const unsigned pixel = pixels_[at];
            if (is_dark) {
                extreme = std::min(extreme + 1, pixel);
                if (pixel <= extreme + shades_.contrast) continue;
            } else {
                extreme = std::max(extreme, pixel + 1) - 1;
                if (pixel + shades_.contrast >= extreme) continue;
            }
            add(at, !is_dark);
            is_dark = !is_dark;
            extreme = pixel;
        }
        add(size_, !is_dark);
    }

 private:
    /// The pairs of neighbouring runs last 2, 4, 4 and 2 modules of seven, within half a module and
    /// a fraction of a pixel. Pairs, since they begin and end with edges of the same kind.
    static bool is_mark(const std::array<std::size_t, 6>& edges) {
        const std::size_t size = edges[5] - edges[0];
        if (size < kMinSize) return false;
        constexpr std::array<std::size_t, 4> kModules = {2, 4, 4, 2};
        for (std::size_t i = 0; i < kModules.size(); ++i) {
            const std::size_t pair = 7 * (edges[i + 2] - edges[i]);
            const std::size_t expected = kModules[i] * size;
            const std::size_t off = pair > expected ? pair - expected : expected - pair;
            if (2 * off > size + 5) return false;
        }
        return true;
    }

    const unsigned char* pixels_;
    std::size_t size_;
    Shades shades_;
};

class MarkFinder {
 public:
    MarkFinder(const GreyPicture& picture, unsigned contrast) : picture_(picture) {
        const Range range = range_of(picture);
        shades_ = {(range.dark + range.light) / 2, contrast};
    }

    std::vector<Mark> find() {
        for (std::size_t y = 0; y < picture_.height && marks_.size() <= kMaxMarks; ++y) {
            const auto* const row = &picture_.pixels[y * picture_.width];
            // Screenshots repeat most of their rows.
            if (y > 0 && std::memcmp(row, row - picture_.width, picture_.width) == 0) continue;
            Line(row, picture_.width, shades_)
                .find_marks([&](double x, double size, bool is_light) {
                    const Mark mark{x, static_cast<double>(y) + 0.5, size / 7, is_light};
                    if (!is_known(mark) && marks_.size() <= kMaxMarks) add(mark);
                });
        }
        return std::move(marks_);
    }

 private:
    bool is_known(const Mark& mark) const {
        return std::any_of(marks_.begin(), marks_.end(), [&](const Mark& known) {
            const double near = 3.5 * known.module;
            return known.is_light == mark.is_light && std::abs(known.x - mark.x) <= near &&
                   std::abs(known.y - mark.y) <= near;
        });
    }

    /// A mark shows the same along the row, along the column, and again along the row of its
    /// middle.
    void add(Mark mark) {
        const auto down = across(mark.x, mark.y, mark, 0, 1);
        if (!down) return;
        mark.y += *down;
        const auto along = across(mark.x, mark.y, mark, 1, 0);
        if (!along) return;
        mark.x += *along;
        if (!is_known(mark)) marks_.push_back(mark);
    }

    /// How far from x, y the middle of a mark of about that size lies, in that direction.
    std::optional<double> across(double x, double y, const Mark& mark, int dx, int dy) {
        const auto reach = static_cast<long>(7 * mark.module) + 2;
        const auto column = std::lround(std::floor(x));
        const auto row = std::lround(std::floor(y));
        line_.clear();
        long before = 0;
        for (long i = -reach; i <= reach; ++i) {
            const long at_x = column + i * dx;
            const long at_y = row + i * dy;
            if (at_x < 0 || at_y < 0) continue;
            if (at_x >= static_cast<long>(picture_.width)) break;
            if (at_y >= static_cast<long>(picture_.height)) break;
            if (i < 0) ++before;
            line_.push_back(picture_.pixels[static_cast<std::size_t>(at_y) * picture_.width +
                                            static_cast<std::size_t>(at_x)]);
        }
        std::optional<double> out;
        const double middle = static_cast<double>(before) + 0.5;
        const Range range = range_of(line_.data(), line_.size());
        Line(line_.data(), line_.size(), {(range.dark + range.light) / 2, shades_.contrast})
            .find_marks([&](double centre, double size, bool is_light) {
                const double module = size / 7;
                const bool is_near = std::abs(centre - middle) <= 2 * mark.module + 1;
                const bool is_alike = module < 1.6 * mark.module && mark.module < 1.6 * module;
                if (is_near && is_alike && is_light == mark.is_light) out = centre - middle;
            });
        return out;
    }

    const GreyPicture& picture_;
    Shades shades_;
    std::vector<Mark> marks_;
    std::vector<unsigned char> line_;
};

double distance(const Mark& a, const Mark& b) {
    return std::hypot(a.x - b.x, a.y - b.y);
}

/// Modules between two marks: those of a turned code look wider along the row.
double modules_between(const Mark& a, const Mark& b) {
    const double length = distance(a, b);
    const double straight = std::max(std::abs(a.x - b.x), std::abs(a.y - b.y));
    const double module = (a.module + b.module) / 2 * straight / length;
    return length / module;
}

/// Whether a code may have its marks there, with `corner` where its sides meet: a right angle
/// between equal sides, as far as a photograph keeps them.
bool is_code(const Mark& corner, const Mark& a, const Mark& b) {
    const double left = distance(corner, a);
    const double right = distance(corner, b);
    if (left > 1.7 * right || right > 1.7 * left) return false;
    const double square = left * left + right * right;
    const double across = distance(a, b) * distance(a, b);
    if (across < 0.55 * square || across > 1.45 * square) return false;
    const double modules = (modules_between(corner, a) + modules_between(corner, b)) / 2;
    return modules >= kMinLeg && modules <= kMaxLeg;
}

bool are_alike(const Mark& a, const Mark& b) {
    return a.is_light == b.is_light && a.module <= 1.8 * b.module && b.module <= 1.8 * a.module;
}

struct Box {
    double left = 0;
    double top = 0;
    double right = 0;
    double bottom = 0;
    bool is_light = false;

    bool touches(const Box& other) const {
        return is_light == other.is_light && left <= other.right && other.left <= right &&
               top <= other.bottom && other.top <= bottom;
    }
    void unite(const Box& other) {
        left = std::min(left, other.left);
        top = std::min(top, other.top);
        right = std::max(right, other.right);
        bottom = std::max(bottom, other.bottom);
    }
};

Box box_of(const Mark& corner, const Mark& a, const Mark& b) {
    const double x = a.x + b.x - corner.x;  // where the fourth corner would be
    const double y = a.y + b.y - corner.y;
    const double margin = kMargin * std::max({corner.module, a.module, b.module}) +
                          0.1 * std::max(distance(corner, a), distance(corner, b));
    return {std::min({corner.x, a.x, b.x, x}) - margin, std::min({corner.y, a.y, b.y, y}) - margin,
            std::max({corner.x, a.x, b.x, x}) + margin, std::max({corner.y, a.y, b.y, y}) + margin,
            corner.is_light};
}

/// Merges those that overlap: what stands in two of them is read once.
void add_box(Box box, std::vector<Box>& boxes) {
    for (bool is_merged = true; is_merged;) {
        const auto other = std::find_if(boxes.begin(), boxes.end(),
                                        [&](const Box& known) { return known.touches(box); });
        is_merged = other != boxes.end();
        if (!is_merged) break;
        box.unite(*other);
        boxes.erase(other);
    }
    boxes.push_back(box);
}

std::vector<Box> boxes_of(const std::vector<Mark>& marks) {
    std::vector<Box> out;
    for (std::size_t corner = 0; corner < marks.size(); ++corner) {
        for (std::size_t a = 0; a < marks.size(); ++a) {
            if (a == corner || !are_alike(marks[corner], marks[a])) continue;
            for (std::size_t b = a + 1; b < marks.size(); ++b) {
                if (b == corner || !are_alike(marks[corner], marks[b])) continue;
                if (is_code(marks[corner], marks[a], marks[b]))
                    add_box(box_of(marks[corner], marks[a], marks[b]), out);
            }
        }
    }
    return out;
}

QrPlace place_of(const Box& box, const GreyPicture& picture) {
    const auto within = [](double value, std::size_t most) {
        return static_cast<std::size_t>(std::clamp(value, 0.0, static_cast<double>(most)));
    };
    QrPlace out;
    out.left = within(box.left, picture.width);
    out.top = within(box.top, picture.height);
    out.width = within(box.right, picture.width) - out.left;
    out.height = within(box.bottom, picture.height) - out.top;
    out.is_light_on_dark = box.is_light;
    return out;
}

}  // namespace

QrPlaces find_qr_places(const GreyPicture& picture) {
    QrPlaces out;
    const Range range = range_of(picture);
    if (range.light <= range.dark + kMinContrast) return out;
    out.contrast = std::max(kMinContrast, (range.light - range.dark) / kContrastShare);
    const auto marks = MarkFinder(picture, out.contrast).find();
    out.is_complete = marks.size() <= kMaxMarks;
    for (const auto& box : boxes_of(marks)) out.list.push_back(place_of(box, picture));
    return out;
}

std::size_t count_qr_marks(const GreyPicture& picture, unsigned contrast) {
    return MarkFinder(picture, contrast).find().size();
}

}  // namespace cordon
