// SPDX-License-Identifier: GPL-2.0-only
#include "milter/list_watch.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/support/matchers.h"
#include "tests/support/temporary_directory.h"

namespace cordon {
namespace {

class ListFiles : public ::testing::Test {
 protected:
    ListFiles() : list_(directory_.write("deny", "eve@example.net\n")) {
        auto loaded = load_configuration(
            directory_.write("cordon.conf", "[policy]\ndeny = file:" + list_ + "\n"));
        EXPECT_TRUE(loaded) << loaded.error().what;
        configuration_ = *loaded;
        watch_.follow(*configuration_);
    }

    const test::TemporaryDirectory directory_;
    std::string list_;
    ConfigurationPtr configuration_;
    ListWatch watch_;
};

TEST_F(ListFiles, CountInThePolicy) {
    EXPECT_TRUE(configuration_->policy.site.deny.contains("eve@example.net"));
}

TEST_F(ListFiles, TravelToTheRolesInTheText) {
    const auto again = parse_configuration(configuration_->text, "configuration");
    ASSERT_TRUE(again) << again.error().what;
    EXPECT_TRUE((*again)->policy.site.deny.contains("eve@example.net"));
}

TEST_F(ListFiles, AreNoticedWhenTheyChangeAndOnlyThen) {
    EXPECT_FALSE(watch_.has_changed());
    directory_.write("deny", "eve@example.net mallory@example.net\n");
    EXPECT_TRUE(watch_.has_changed());
    EXPECT_FALSE(watch_.has_changed());
}

TEST_F(ListFiles, AreReadAgainWithoutTheRestOfTheConfiguration) {
    directory_.write("cordon.conf", "[policy]\ntag = broken\n");
    directory_.write("deny", "mallory@example.net\n");
    const auto reloaded = reload_lists(*configuration_);
    ASSERT_TRUE(reloaded) << reloaded.error().what;
    EXPECT_TRUE((*reloaded)->policy.site.deny.contains("mallory@example.net"));
    EXPECT_FALSE((*reloaded)->policy.site.deny.contains("eve@example.net"));
}

TEST_F(ListFiles, StayAsTheyWereWhenTheyBecomeUnreadable) {
    ASSERT_EQ(::unlink(list_.c_str()), 0);
    EXPECT_TRUE(watch_.has_changed());
    EXPECT_FALSE(reload_lists(*configuration_));
}

TEST(ListFile, IsNamedWithTheLineOfTheConfigurationWhenItIsMissing) {
    const test::TemporaryDirectory directory;
    const auto loaded = load_configuration(directory.write(
        "cordon.conf", "[domain.example.org]\ntag = 1\nallow = file:/nowhere/list\n"));
    EXPECT_THAT(loaded, test::FailsWith("cordon.conf:3: /nowhere/list"));
}

}  // namespace
}  // namespace cordon
