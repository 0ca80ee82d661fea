// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/ctl/learn_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/matchers.h"

namespace cordon {
namespace {

TEST(LearnSource, NamesAFileThatCannotBeReadOnce) {
    const auto source = files_source({"/nonexistent/mail.eml"});
    ASSERT_THAT(source, test::IsOk());
    const auto bytes = source->read(0);
    ASSERT_FALSE(bytes);
    EXPECT_EQ(bytes.error().what, "/nonexistent/mail.eml: No such file or directory");
}

}  // namespace
}  // namespace cordon
