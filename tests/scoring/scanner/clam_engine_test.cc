// SPDX-License-Identifier: GPL-2.0-only
// libclamav as we set it up: what it finds, what it says of a bad database, and that a scan which
// could not write is not taken for clean.
#include "scoring/scanner/clam_engine.h"

#include <gtest/gtest.h>

#include <memory>

#include "tests/scoring/scanner/small_database.h"

namespace cordon {
namespace {

using test::SmallDatabase;

class Clam : public ::testing::Test {
 protected:
    static void SetUpTestSuite() {
        database_ = std::make_unique<SmallDatabase>();
        auto engine = ClamEngine::load(database_->folder(), database_->folder(), ClamLimits{});
        ASSERT_TRUE(engine) << engine.error().what;
        engine_ = std::make_unique<ClamEngine>(std::move(*engine));
    }
    static void TearDownTestSuite() {
        engine_.reset();
        database_.reset();
    }
    void SetUp() override { ASSERT_TRUE(engine_->use_temp_folder(database_->folder())); }

    static std::unique_ptr<SmallDatabase> database_;
    static std::unique_ptr<ClamEngine> engine_;
};
std::unique_ptr<SmallDatabase> Clam::database_;
std::unique_ptr<ClamEngine> Clam::engine_;

TEST_F(Clam, FindsTheTestFilePlainStoredAndDeflated) {
    const auto file = eicar();
    for (const auto& object : {file, zip_of("a.com", file, false), zip_of("a.com", file, true)}) {
        const auto outcome = engine_->scan(object, MailParser::off);
        EXPECT_EQ(outcome.code, CL_VIRUS);
        EXPECT_EQ(outcome.alert, "Eicar-Test-Signature.UNOFFICIAL");
        EXPECT_FALSE(outcome.failures.any()) << outcome.failures.to_string();
    }
}

TEST_F(Clam, TakesAnInnocentArchiveForCleanWithoutAnyFailure) {
    const auto outcome = engine_->scan(zip_of("a.txt", "hello", true), MailParser::off);
    EXPECT_EQ(outcome.code, CL_CLEAN);
    EXPECT_FALSE(outcome.failures.any()) << outcome.failures.to_string();
}

TEST_F(Clam, ReadsAMailWhoseFirstFieldsAreNoneItKnowsOnceItIsMarked) {
    const std::string mail =
        "X-Odd: 1\r\nContent-Type: application/x-msdownload\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\n" +
        to_base64(eicar()) + "\r\n";
    EXPECT_EQ(engine_->scan("From cordon\n" + mail, MailParser::on).code, CL_VIRUS);
}

// Whatever libclamav answers here (it says "clean"), the failure is known.
TEST_F(Clam, SaysThatItCouldNotWriteWhenItsFolderIsGone) {
    ASSERT_TRUE(engine_->use_temp_folder("/nonexistent/folder"));
    const auto outcome = engine_->scan(zip_of("a.com", eicar(), true), MailParser::off);
    EXPECT_NE(outcome.code, CL_VIRUS);
    EXPECT_TRUE(outcome.failures.any());
}

std::string load_error(const std::string& folder) {
    const auto engine = ClamEngine::load(folder, ::testing::TempDir(), ClamLimits{});
    return engine ? "" : engine.error().what;
}

TEST(ClamDatabase, IsRefusedWhenItsFolderIsMissing) {
    EXPECT_EQ(
        load_error("/nonexistent/db"),
        "signature database /nonexistent/db: No such file or directory; run freshclam, or set "
        "[clamav] enabled = no");
}

TEST(ClamDatabase, IsRefusedWhenItIsEmpty) {
    const SmallDatabase database;
    database.remove("eicar.ndb");
    EXPECT_NE(load_error(database.folder()).find("run freshclam"), std::string::npos);
}

TEST(ClamDatabase, NamesTheFileThatIsEmpty) {
    const SmallDatabase database;
    database.add("daily.ndb", "");
    EXPECT_NE(load_error(database.folder()).find("daily.ndb is empty; remove it"),
              std::string::npos);
}

TEST(ClamDatabase, NamesTheFileThatIsDamaged) {
    const SmallDatabase database;
    database.add("broken.ndb", "this:is:no\nsignature");
    const auto error = load_error(database.folder());
    EXPECT_NE(error.find("broken.ndb"), std::string::npos) << error;
}

TEST(ClamDatabase, IsRefusedWhenAnOfficialFileIsTruncated) {
    const SmallDatabase database;
    database.add("main.cvd", "ClamAV-VDB:16 Sep 2021 08-32 -0400:62:6647427:90:");
    EXPECT_NE(load_error(database.folder()), "");
}

TEST(ClamDatabase, IsCheckedWithoutBeingLoaded) {
    const SmallDatabase database;
    EXPECT_TRUE(ClamEngine::check_files(database.folder()));
    database.add("daily.cvd", "ClamAV-VDB:forged");
    const auto checked = ClamEngine::check_files(database.folder());
    ASSERT_FALSE(checked);
    EXPECT_NE(checked.error().what.find("daily.cvd"), std::string::npos) << checked.error().what;
}

TEST(ClamDatabase, CheckNamesAnEmptyFileAndAMissingFolder) {
    const SmallDatabase database;
    database.add("main.ndb", "");
    EXPECT_FALSE(ClamEngine::check_files(database.folder()));
    EXPECT_FALSE(ClamEngine::check_files("/nonexistent/db"));
}

}  // namespace
}  // namespace cordon
