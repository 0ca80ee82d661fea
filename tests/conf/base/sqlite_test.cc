// SPDX-License-Identifier: GPL-2.0-only
#include "conf/base/sqlite.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "conf/base/file_descriptor.h"
#include "tests/support/matchers.h"
#include "tests/support/temporary_directory.h"

namespace cordon {
namespace {

using test::FailsWith;
using test::IsOk;
using test::TemporaryDirectory;

struct Opened {
    Opened() {
        auto opened = SqlDatabase::open(folder.file("x.db"));
        EXPECT_THAT(opened, IsOk());
        database = std::make_unique<SqlDatabase>(std::move(*opened));
        EXPECT_THAT(database->run("CREATE TABLE t(a INTEGER, b TEXT)"), IsOk());
    }
    std::int64_t rows() const {
        auto count = database->prepare("SELECT count(*) FROM t");
        EXPECT_TRUE(count->step().value());
        return count->integer(0);
    }
    TemporaryDirectory folder;
    std::unique_ptr<SqlDatabase> database;
};

TEST(SqlDatabase, GivesBackEveryByteOfAText) {
    const Opened opened;
    const std::string odd("a\0b'\xff\"", 6);
    ASSERT_THAT(opened.database->run_with("INSERT INTO t VALUES(?, ?)", -7, odd), IsOk());
    auto all = opened.database->prepare("SELECT a, b FROM t");
    ASSERT_THAT(all, IsOk());
    ASSERT_TRUE(all->step().value());
    EXPECT_EQ(all->integer(0), -7);
    EXPECT_EQ(all->text(1), odd);
    EXPECT_FALSE(all->step().value());
}

TEST(SqlDatabase, KeepsAnEmptyTextApartFromNull) {
    const Opened opened;
    ASSERT_THAT(opened.database->run_with("INSERT INTO t(b) VALUES(?)", ""), IsOk());
    auto all = opened.database->prepare("SELECT a, b FROM t");
    ASSERT_TRUE(all->step().value());
    EXPECT_TRUE(all->is_null(0));
    EXPECT_FALSE(all->is_null(1));
}

TEST(SqlDatabase, IsReadableByItsOwnerOnly) {
    const Opened opened;
    struct stat info {};
    ASSERT_EQ(::stat(opened.folder.file("x.db").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600U);
}

TEST(SqlDatabase, RefusesAFileThatIsNone) {
    const TemporaryDirectory folder;
    ASSERT_THAT(replace_file(folder.file("x.db"), std::string(4096, 'x'), 0600), IsOk());
    EXPECT_THAT(SqlDatabase::open(folder.file("x.db")), FailsWith("x.db: file is not a database"));
}

TEST(SqlDatabase, NamesWhatIsWrongWithAStatement) {
    const Opened opened;
    EXPECT_THAT(opened.database->run_with("INSERT INTO u VALUES(1)"), FailsWith("no such table"));
}

TEST(SqlTransaction, IsUndoneUnlessCommitted) {
    const Opened opened;
    {
        const SqlTransaction dropped(*opened.database);
        ASSERT_THAT(opened.database->run("INSERT INTO t VALUES(1, 'x')"), IsOk());
    }
    EXPECT_EQ(opened.rows(), 0);
    SqlTransaction kept(*opened.database);
    ASSERT_THAT(opened.database->run("INSERT INTO t VALUES(1, 'x')"), IsOk());
    ASSERT_THAT(kept.commit(), IsOk());
    EXPECT_EQ(opened.rows(), 1);
}

}  // namespace
}  // namespace cordon
