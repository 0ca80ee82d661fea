// SPDX-License-Identifier: GPL-2.0-only
// Hits: what rules and checks found. Details are made printable here, once, for everybody.
#include <algorithm>

#include "conf/base/text.h"
#include "scoring/checks/check.h"

namespace cordon {

namespace {
constexpr std::size_t kMaxDetailBytes = 190;  // printable() may add "..." ; the promise is 200
}

void Hits::add(std::string_view rule, std::string_view detail) {
    if (has(rule)) return;
    hits_.push_back({std::string(rule), printable(detail, kMaxDetailBytes)});
}

bool Hits::has(std::string_view rule) const {
    return std::any_of(hits_.begin(), hits_.end(),
                       [&](const Hit& hit) { return hit.rule == rule; });
}

}  // namespace cordon
