// SPDX-License-Identifier: GPL-2.0-only
#include "conf/base/sqlite.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

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

/// A process that has had nothing to do with the file looks at it once `go` is closed.
pid_t start_visitor(const std::string& path, int go, int other_end) {
    const pid_t visitor = ::fork();
    if (visitor != 0) return visitor;
    ::close(other_end);
    pollfd entry{go, POLLIN, 0};
    ::poll(&entry, 1, -1);
    sqlite3* database = nullptr;
    ::sqlite3_open(path.c_str(), &database);
    ::sqlite3_exec(database, "SELECT * FROM t", nullptr, nullptr, nullptr);
    ::sqlite3_close(database);
    ::_exit(0);
}

TEST(SqlDatabase, KeepsItsLogWhenAnotherProcessLooksAtTheFile) {
    const TemporaryDirectory folder;
    std::array<int, 2> go{};
    ASSERT_EQ(::pipe2(go.data(), O_CLOEXEC), 0);
    const pid_t visitor = start_visitor(folder.file("x.db"), go[0], go[1]);
    ASSERT_THAT(SqlDatabase::open(folder.file("x.db"))->run("CREATE TABLE t(n)"), IsOk());
    auto database = SqlDatabase::open(folder.file("x.db"));
    const auto second = SqlDatabase::open(folder.file("x.db"));
    ASSERT_THAT(second, IsOk());
    ASSERT_THAT(database->run("INSERT INTO t VALUES(1)"), IsOk());
    ::close(go[1]);
    ::waitpid(visitor, nullptr, 0);
    ::close(go[0]);
    EXPECT_EQ(::access(folder.file("x.db-wal").c_str(), F_OK), 0)
        << "the last one who closes a file deletes its log";
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
