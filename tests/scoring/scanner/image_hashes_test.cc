// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/scanner/image_hashes.h"

#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>

#include "conf/base/owned.h"
#include "tests/scoring/scanner/small_database.h"

namespace cordon {
namespace {

using test::SmallDatabase;

constexpr const char* kPlain = "Test-Word;Engine:51-255,Target:0;0;68656c6c6f\n";
constexpr const char* kPicture =
    "Test-Picture;Engine:150-255,Target:0;0;fuzzy_img#af2ad01ed42993c7#0\n";

/// As ClamAV's own databases are packed: a head, then a compressed tar.
std::string container_with(const std::string& name, const std::string& content) {
    std::string packed(1U << 16U, '\0');
    std::size_t used = 0;
    const Owned<archive, archive_write_free> writer(::archive_write_new());
    ::archive_write_set_format_ustar(writer.get());
    ::archive_write_add_filter_gzip(writer.get());
    ::archive_write_open_memory(writer.get(), packed.data(), packed.size(), &used);
    const Owned<archive_entry, archive_entry_free> entry(::archive_entry_new());
    ::archive_entry_set_pathname(entry.get(), name.c_str());
    ::archive_entry_set_size(entry.get(), static_cast<la_int64_t>(content.size()));
    ::archive_entry_set_filetype(entry.get(), AE_IFREG);
    ::archive_write_header(writer.get(), entry.get());
    ::archive_write_data(writer.get(), content.data(), content.size());
    ::archive_write_close(writer.get());
    return std::string(512, ' ') + packed.substr(0, used);
}

TEST(HasImageHashes, LooksIntoLogicalSignaturesOnly) {
    const SmallDatabase database;
    database.add("a.ldb", kPlain);
    database.add("b.ndb", "Test:0:*:66757a7a795f696d6723\n");
    EXPECT_FALSE(has_image_hashes(database.folder()));
    database.add("c.ldb", std::string(kPlain) + kPicture);
    EXPECT_TRUE(has_image_hashes(database.folder()));
}

TEST(HasImageHashes, SeesTheMarkWhereTwoPiecesMeet) {
    const SmallDatabase database;
    database.add("a.ldb", std::string((1U << 20U) - 5, '#') + kPicture + "\n");
    EXPECT_TRUE(has_image_hashes(database.folder()));
    const std::string cut = "fuzzy_img#";
    database.add("a.ldb", std::string((1U << 20U) - 5, '#') + cut);
    EXPECT_TRUE(has_image_hashes(database.folder()));
}

TEST(HasImageHashes, OpensTheContainersOfOfficialDatabases) {
    const SmallDatabase database;
    database.add("daily.cvd", container_with("daily.ldb", kPlain));
    EXPECT_FALSE(has_image_hashes(database.folder()));
    database.add("daily.cvd", container_with("daily.ldb", kPicture));
    EXPECT_TRUE(has_image_hashes(database.folder()));
    database.add("daily.cvd", container_with("daily.hdb", kPicture));
    EXPECT_FALSE(has_image_hashes(database.folder()));
}

TEST(HasImageHashes, TakesWhatItCannotReadForYes) {
    const SmallDatabase database;
    database.add("daily.cvd", std::string(2000, 'x'));
    EXPECT_TRUE(has_image_hashes(database.folder()));
    EXPECT_TRUE(has_image_hashes("/nonexistent"));
}

}  // namespace
}  // namespace cordon
