// SPDX-License-Identifier: GPL-2.0-only
// What a newer version of Cordon wrote is refused in a sentence and left as it is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "conf/base/sqlite.h"
#include "quarantine/keeper/keeper.h"
#include "tests/support/builders.h"
#include "tests/support/matchers.h"
#include "tests/support/temporary_directory.h"

namespace cordon {
namespace {

using test::IsOk;
using ::testing::HasSubstr;

class Downgrade : public ::testing::Test {
 protected:
    Downgrade()
        : configuration(test::a_configuration("[cordon]\nstate-directory = " + folder.path() +
                                              "\nrun-directory = " + folder.path() +
                                              "\n[log]\nlevel = error\n")) {}
    /// The file as a newer version would leave it; `sql` is what only that one knows.
    void make_newer(const std::string& name) const {
        auto database = SqlDatabase::open(folder.file(name));
        ASSERT_THAT(database, IsOk());
        ASSERT_THAT(database->run("CREATE TABLE of_the_future(x); PRAGMA user_version=99"), IsOk());
    }
    bool is_as_it_was(const std::string& name) const {
        auto database = SqlDatabase::open(folder.file(name));
        return database && database->run("SELECT x FROM of_the_future").has_value();
    }

    test::TemporaryDirectory folder;
    ConfigurationPtr configuration;
};

TEST_F(Downgrade, ANewerJournalEndsTheKeeperAndIsNotPutAside) {
    make_newer("journal.db");
    const auto keeper = open_keeper(configuration);
    ASSERT_FALSE(keeper);
    EXPECT_THAT(keeper.error().what, HasSubstr("journal.db: written by a newer version of Cordon "
                                               "(its version is 99, this one knows 1)"));
    EXPECT_TRUE(is_as_it_was("journal.db"));
}

TEST_F(Downgrade, ANewerHistoryIsLeftAloneAndTheKeeperGoesOn) {
    make_newer("history.db");
    const auto keeper = open_keeper(configuration);
    ASSERT_THAT(keeper, IsOk());
    start_history(**keeper);
    EXPECT_FALSE((*keeper)->history);
    EXPECT_TRUE(is_as_it_was("history.db"));
}

TEST_F(Downgrade, ANewerLogOfLearningIsLeftAloneAndTheKeeperGoesOn) {
    ASSERT_EQ(::mkdir(folder.file("learning").c_str(), 0700), 0);
    make_newer("learning/events.db");
    const auto keeper = open_keeper(configuration);
    ASSERT_THAT(keeper, IsOk());
    start_learning(**keeper, "");
    EXPECT_FALSE((*keeper)->learning);
    EXPECT_TRUE(is_as_it_was("learning/events.db"));
}

}  // namespace
}  // namespace cordon
