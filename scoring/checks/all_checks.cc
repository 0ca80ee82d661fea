// SPDX-License-Identifier: GPL-2.0-only
// The list of checks, expanded from the file names of this folder by the build.
#include <array>

#include "scoring/checks/check.h"

namespace cordon {

#define CHECK(family) extern const Check check_##family;
#include "checks.inc"
#undef CHECK

namespace {
constexpr std::array kAllChecks = {
#define CHECK(family) &check_##family,
#include "checks.inc"
#undef CHECK
};
}  // namespace

std::span<const Check* const> all_checks() {
    return kAllChecks;
}

}  // namespace cordon
