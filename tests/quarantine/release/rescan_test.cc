// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/release/rescan.h"

#include <gtest/gtest.h>

#include "tests/support/builders.h"
#include "tests/support/temporary_directory.h"

namespace cordon {
namespace {

TEST(FindVirus, SaysNothingWhereNobodyCanLook) {
    EXPECT_FALSE(find_virus(*test::a_configuration("[clamav]\nenabled = no\n"), "x"));
    const test::TemporaryDirectory empty;
    const auto lonely = test::a_configuration("[cordon]\nrun-directory = " + empty.path() +
                                              "\n[clamav]\nenabled = yes\n");
    EXPECT_FALSE(find_virus(*lonely, "x"));
}

}  // namespace
}  // namespace cordon
