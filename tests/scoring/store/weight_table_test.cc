// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/store/weight_table.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "tests/support/matchers.h"

namespace cordon {
namespace {

using test::FailsWith;
using test::IsOk;

class WeightTableTest : public ::testing::Test {
 protected:
    void SetUp() override { ASSERT_NE(::mkdtemp(folder_.data()), nullptr); }
    void TearDown() override { std::filesystem::remove_all(folder_); }
    std::string path(const char* name) const { return folder_ + "/" + name; }

    std::string folder_ = ::testing::TempDir() + "weights-XXXXXX";
};

TEST_F(WeightTableTest, ComesBackFromASnapshot) {
    auto table = std::move(*TableMapping::make());
    table->set_weight(77, 1.25F);
    table->applied = 9;
    table->ham = 4;
    ASSERT_THAT(save_snapshot(*table, path("s")), IsOk());
    const auto back = load_snapshot(path("s"));
    ASSERT_THAT(back, IsOk());
    EXPECT_EQ((*back)->weight(77), 1.25F);
    EXPECT_EQ((*back)->applied, 9U);
    EXPECT_EQ((*back)->ham, 4U);
}

TEST_F(WeightTableTest, RefusesADamagedSnapshotByName) {
    auto table = std::move(*TableMapping::make());
    auto bytes = snapshot_bytes(*table);
    bytes[100'000] = 'x';
    EXPECT_THAT(table_from_bytes(bytes, "NAME"), FailsWith("NAME: damaged"));
    EXPECT_THAT(table_from_bytes(bytes.substr(0, 5000), "NAME"), FailsWith("damaged"));
}

TEST_F(WeightTableTest, RefusesASnapshotOfAnotherVersion) {
    auto table = std::move(*TableMapping::make());
    table->version = kTableVersion + 1;
    EXPECT_THAT(table_from_bytes(snapshot_bytes(*table), "NAME"), FailsWith("of version"));
}

TEST_F(WeightTableTest, ShowsReadersWhatTheWriterChanges) {
    const auto file = open_live_table(path("live"));
    ASSERT_THAT(file, IsOk());
    const auto reading = open_table_readonly(path("live"));
    ASSERT_THAT(reading, IsOk());
    const auto writer = TableMapping::map(file->get(), true);
    const auto reader = TableMapping::map(reading->get(), false);
    ASSERT_THAT(writer, IsOk());
    ASSERT_THAT(reader, IsOk());
    auto other = std::move(*TableMapping::make());
    other->set_weight(5, 2.0F);
    copy_table(*other, **writer);
    EXPECT_EQ((*reader)->weight(5), 2.0F);
    EXPECT_EQ((*reader)->change % 2, 0U);
    EXPECT_FALSE(TableMapping::map(reading->get(), true));
}

TEST_F(WeightTableTest, KeepsTheLiveTableOfThisVersionAndReplacesAnyOther) {
    {
        const auto file = open_live_table(path("live"));
        const auto table = TableMapping::map(file->get(), true);
        (*table)->ham = 3;
    }
    auto again = TableMapping::map(open_live_table(path("live"))->get(), true);
    EXPECT_EQ((*again)->ham, 3U);
    (*again)->version = 99;
    const auto fresh = TableMapping::map(open_live_table(path("live"))->get(), true);
    EXPECT_EQ((*fresh)->ham, 0U);
    EXPECT_TRUE(is_usable(**fresh));
}

}  // namespace
}  // namespace cordon
