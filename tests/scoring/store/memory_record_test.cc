// SPDX-License-Identifier: GPL-2.0-only
// What another host, or whoever may write to the shared store, put into the log of the memory.
#include "scoring/store/memory_record.h"

#include "scoring/store/memory_log.h"
#include "scoring/store/sender_memory.h"
#include "tests/support/matchers.h"

namespace cordon {
namespace {

using test::IsOk;

constexpr std::int64_t kTime = 1'700'000'000;

std::vector<SpooledChange> changes_of(std::size_t count) {
    std::vector<SpooledChange> out;
    for (std::size_t i = 1; i <= count; ++i)
        out.push_back({i,
                       MemoryKind::behaviour,
                       MemoryAct::count,
                       memory_key(MemoryKind::behaviour, std::to_string(i)),
                       {1, 0, kTime, kTime}});
    return out;
}

RedisReply text(std::string value, std::int64_t number = 0) {
    return {RedisReply::Kind::text, std::move(value), number, {}};
}

RedisReply list(std::vector<RedisReply> items) {
    return {RedisReply::Kind::list, "", 0, std::move(items)};
}

RedisReply entry(const std::string& host, std::int64_t time, std::string changes) {
    return list({text("12-0"), list({text("h"), text(host), text("t"), text("", time), text("c"),
                                     text(std::move(changes))})});
}

TEST(MemoryRecordTest, TakesNoNumberThatTheStoreCouldNotCountOnFrom) {
    auto changes = changes_of(1);
    EXPECT_THAT(decode_changes(encode_changes(changes)), IsOk());
    changes[0].number = std::uint64_t{1} << 53U;
    EXPECT_FALSE(decode_changes(encode_changes(changes)));
    MemorySnapshot snapshot;
    snapshot.hosts["abc"] = 1;
    EXPECT_THAT(decode_snapshot(encode_snapshot(snapshot)), IsOk());
    snapshot.hosts["abc"] = std::uint64_t{1} << 53U;
    EXPECT_FALSE(decode_snapshot(encode_snapshot(snapshot)));
    snapshot.hosts["abc"] = 1;
    snapshot.position = std::uint64_t{1} << 53U;
    EXPECT_FALSE(decode_snapshot(encode_snapshot(snapshot)));
}

TEST(MemoryRecordTest, TakesNoMoreChangesAtOnceThanAHostSends) {
    EXPECT_THAT(decode_changes(encode_changes(changes_of(MemoryLog::kChangesOfEntry))), IsOk());
    EXPECT_FALSE(decode_changes(encode_changes(changes_of(10'001))));
}

TEST(MemoryRecordTest, TakesNoHostThatNoSnapshotCouldName) {
    MemorySnapshot snapshot;
    snapshot.hosts["mx1\nexample"] = 1;
    EXPECT_FALSE(decode_snapshot(encode_snapshot(snapshot)));
    EXPECT_FALSE(is_host_name(""));
    EXPECT_FALSE(is_host_name(std::string(100, 'a')));
}

TEST(MemoryRecordTest, GivesAnEntryItsPlaceAlsoWhenItCanNotBeRead) {
    const auto bytes = encode_changes(changes_of(3));
    const auto good = memory_entry_of(entry("abc", kTime, bytes));
    ASSERT_THAT(good, IsOk());
    EXPECT_EQ(good->damage, "");
    EXPECT_EQ(good->changes.size(), 3U);
    const std::vector<RedisReply> damaged{
        entry("abc", kTime, bytes.substr(0, bytes.size() - 1)),
        entry("abc", 0, bytes),
        entry("abc", -1, bytes),
        entry(std::string(100, 'a'), kTime, bytes),
        list({text("12-0"), list({text("x"), text("1")})}),
        list({text("12-0"), text("x")}),
    };
    for (const auto& reply : damaged) {
        const auto read = memory_entry_of(reply);
        ASSERT_THAT(read, IsOk());
        EXPECT_EQ(read->position, 12U);
        EXPECT_NE(read->damage, "");
        EXPECT_TRUE(read->changes.empty()) << "half of it is not applied";
    }
    EXPECT_FALSE(memory_entry_of(list({})));
    EXPECT_FALSE(memory_entry_of(list({text("x"), list({})})));
}

}  // namespace
}  // namespace cordon
