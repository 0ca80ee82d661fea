// SPDX-License-Identifier: GPL-2.0-only
// What counts as a change of the signatures. The two quiet seconds are the system tests' business.
#include "milter/database_watch.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/temporary_directory.h"

namespace cordon {
namespace {

class Watched : public ::testing::Test {
 protected:
    void SetUp() override {
        write("daily.ndb", "one");
        watch_.follow(directory_.path());
    }
    void write(const std::string& name, const std::string& text) const {
        std::ofstream(directory_.path() + "/" + name) << text;
    }
    test::TemporaryDirectory directory_;
    DatabaseWatch watch_;
};

TEST_F(Watched, IsUnchangedWhenNothingHappens) {
    EXPECT_FALSE(watch_.take_change());
    EXPECT_FALSE(watch_.has_changed());
}

TEST_F(Watched, ChangesOnceWithANewFile) {
    write("main.ndb", "two");
    EXPECT_TRUE(watch_.take_change());
    EXPECT_FALSE(watch_.take_change());
}

TEST_F(Watched, ChangesWhenTheFolderIsGoneAndWhenItComesBack) {
    std::filesystem::remove_all(directory_.path());
    EXPECT_TRUE(watch_.take_change());
    std::filesystem::create_directory(directory_.path());
    write("daily.ndb", "one");
    EXPECT_TRUE(watch_.take_change());
}

TEST_F(Watched, DoesNotMindWhatFreshclamHasNotFinished) {
    write(".freshclam", "x");
    write("tmp.daily", "x");
    write("freshclam.dat", "x");
    EXPECT_FALSE(watch_.take_change());
}

TEST_F(Watched, WaitsForTheFolderToComeToRest) {
    write("main.ndb", "two");
    EXPECT_FALSE(watch_.has_changed());
    EXPECT_LE(watch_.poll_timeout(), 2001);
}

}  // namespace
}  // namespace cordon
