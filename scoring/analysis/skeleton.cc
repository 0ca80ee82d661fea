// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/analysis/skeleton.h"

#include <unicode/uspoof.h>

#include <algorithm>
#include <array>
#include <memory>

#include "conf/base/text.h"

namespace cordon {

namespace {
constexpr std::size_t kMaxBytes = 252;
}

// The checker is opened once in a process.
std::string skeleton(std::string_view text) {
    struct Close {
        void operator()(USpoofChecker* checker) const { uspoof_close(checker); }
    };
    static const std::unique_ptr<USpoofChecker, Close> checker = [] {
        UErrorCode error = U_ZERO_ERROR;
        return std::unique_ptr<USpoofChecker, Close>(uspoof_open(&error));
    }();
    std::array<char, 2 * kMaxBytes> out{};
    UErrorCode error = U_ZERO_ERROR;
    if (checker == nullptr || text.size() > kMaxBytes) return std::string(text);
    const auto size =
        uspoof_getSkeletonUTF8(checker.get(), 0, text.data(), static_cast<int>(text.size()),
                               out.data(), static_cast<int>(out.size()), &error);
    if (U_FAILURE(error) != 0 || size < 0) return std::string(text);
    std::string seen =
        lower(std::string_view(out.data(), std::min(out.size(), static_cast<std::size_t>(size))));
    for (auto at = seen.find("vv"); at != std::string::npos; at = seen.find("vv", at)) {
        seen.erase(at, 1);
        seen[at] = 'w';
    }
    return seen;
}

}  // namespace cordon
