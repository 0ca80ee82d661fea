// SPDX-License-Identifier: GPL-2.0-only
// Lookups over a zone written as JSON in a test.
#pragma once

#include <gtest/gtest.h>

#include <string_view>

#include "scoring/lookups/lookups.h"
#include "scoring/lookups/zone_resolver.h"

namespace cordon::test {

inline ResolverPtr a_zone(std::string_view json) {
    auto zone = ZoneResolver::parse(json);
    EXPECT_TRUE(zone) << (zone ? "" : zone.error().what);
    return zone ? *zone : nullptr;
}

inline Lookups lookups_in(std::string_view json) {
    return Lookups(a_zone(json));
}

}  // namespace cordon::test
