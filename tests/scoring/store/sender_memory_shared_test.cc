// SPDX-License-Identifier: GPL-2.0-only
// Hosts that share the memory of senders, without the store between them: the test is the log.
#include <atomic>
#include <thread>

#include "scoring/store/sender_memory.h"
#include "tests/support/matchers.h"
#include "tests/support/temporary_directory.h"

namespace cordon {
namespace {

using test::IsOk;

constexpr std::int64_t kNow = 1'700'000'000;
constexpr std::int64_t kDay = 86'400;
constexpr auto kKind = MemoryKind::behaviour;

class SharedMemoryTest : public ::testing::Test {
 protected:
    struct Host {
        std::unique_ptr<SenderMemory> memory;
        std::string name;
        std::uint64_t sent = 0;
    };
    std::unique_ptr<SenderMemory> open(const char* name, bool is_shared = true) {
        auto memory = SenderMemory::open(directory_.file(name), is_shared);
        EXPECT_THAT(memory, IsOk());
        return std::move(*memory);
    }
    Host host(const char* name) {
        Host out{open(name), "", 0};
        out.name = *out.memory->host_name();
        EXPECT_THAT(out.memory->found("log"), IsOk());
        return out;
    }
    static void add(Host& host, const std::string& name, double ham, double spam,
                    std::int64_t time = kNow, bool is_verdict = false) {
        const MemoryChange change{kKind, {memory_key(kKind, name)}, ham, spam, time, is_verdict};
        EXPECT_THAT(host.memory->add(change), IsOk());
    }
    /// What the store would make of what waits there.
    void send(Host& host, std::int64_t time = kNow + kDay) {
        auto waiting = host.memory->waiting(host.sent, 1000);
        EXPECT_THAT(waiting, IsOk());
        if (waiting->changes.empty()) return;
        host.sent = waiting->changes.back().number;
        log_.push_back({log_.size() + 1, host.name, time, std::move(waiting->changes), {}});
    }
    void receive(Host& host) const { EXPECT_THAT(host.memory->consume(log_), IsOk()); }
    static Remembered find(Host& host, const std::string& name) {
        return *host.memory->find(kKind, name, kNow);
    }
    static std::string all_of(Host& host) {
        auto snapshot = *host.memory->snapshot();
        return encode_snapshot(snapshot);
    }

    test::TemporaryDirectory directory_;
    std::vector<MemoryEntry> log_;
};

TEST_F(SharedMemoryTest, CountsWhatItSawItselfAtOnceAndOnceOnly) {
    auto one = host("one");
    add(one, "x", 3, 0);
    EXPECT_EQ(find(one, "x").ham, 3);
    send(one);
    EXPECT_EQ(find(one, "x").ham, 3);
    receive(one);
    EXPECT_EQ(find(one, "x").ham, 3);
    EXPECT_EQ(one.memory->waiting(0, 10)->count, 0U);
}

TEST_F(SharedMemoryTest, MakesAllHostsEqualInWhateverOrderTheyHearOfIt) {
    auto one = host("one");
    auto two = host("two");
    for (int i = 0; i < 40; ++i) {
        add(one, "x", 5, 0, kNow + i);
        add(two, "x", 0, 1, kNow - 3 * kDay + i);
        if (i == 20) add(two, "x", 10, 0, kNow, true);
        send(two);
        send(one);
        if (i % 7 == 0) receive(one);
    }
    receive(one);
    receive(two);
    EXPECT_EQ(all_of(one), all_of(two));
    EXPECT_GT(find(two, "x").ham, 10);
}

TEST_F(SharedMemoryTest, TakesNoChangeTwice) {
    auto one = host("one");
    auto two = host("two");
    add(one, "x", 1, 0);
    add(one, "y", 1, 0);
    const auto waiting = one.memory->waiting(0, 10)->changes;
    send(one);
    // An answer was lost, and they came once more among others.
    add(one, "z", 1, 0);
    one.sent = 0;
    send(one);
    receive(two);
    receive(two);
    for (const char* name : {"x", "y", "z"}) EXPECT_EQ(find(two, name).ham, 1) << name;
}

TEST_F(SharedMemoryTest, MakesOneChangeOfManyWhileTheStoreIsAway) {
    auto one = host("one");
    for (int i = 0; i < 50; ++i) add(one, "x", 1, 0, kNow + i);
    EXPECT_EQ(one.memory->waiting(0, 100)->count, 1U);
    EXPECT_NEAR(find(one, "x").ham, 50, 1e-3);
    // What may be on its way is not changed any more.
    add(one, "x", 1, 0, kNow + 60);
    EXPECT_EQ(one.memory->waiting(0, 100)->count, 2U);
}

TEST_F(SharedMemoryTest, HandsInWhatItKnewWhenItJoins) {
    {
        auto before = open("two", false);
        EXPECT_THAT(before->add({kKind, {memory_key(kKind, "x")}, 7, 0, kNow, false}), IsOk());
    }
    auto one = host("one");
    add(one, "x", 2, 1);
    add(one, "y", 1, 0);
    send(one);
    receive(one);
    Host two{open("two"), "", 0};
    two.name = *two.memory->host_name();
    EXPECT_THAT(two.memory->join("log", *one.memory->snapshot()), IsOk());
    EXPECT_EQ(find(two, "y").ham, 1);
    send(two);
    receive(one);
    receive(two);
    EXPECT_EQ(all_of(one), all_of(two));
    EXPECT_EQ(find(one, "x").ham, 7) << "the greater counts: both may have seen the same mail";
    EXPECT_EQ(find(one, "x").spam, 1);
}

TEST_F(SharedMemoryTest, LosesNothingThatIsSeenWhileItJoins) {
    MemorySnapshot many;
    for (int i = 0; i < 30'000; ++i)
        many.names.push_back({kKind, memory_key(kKind, std::to_string(i)), {1, 0, kNow, kNow}});
    auto one = host("one");
    std::atomic<bool> is_over = false;
    std::jthread joins([&] {
        EXPECT_THAT(one.memory->join("another log", many), IsOk());
        is_over = true;
    });
    int seen = 0;
    while (!is_over) {
        add(one, "seen " + std::to_string(seen++), 1, 0);
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    joins.join();
    for (int i = 0; i < seen; ++i) EXPECT_EQ(find(one, "seen " + std::to_string(i)).ham, 1) << i;
}

TEST_F(SharedMemoryTest, HasRoomForWhatItSeesAlsoWhileItHandsInAMemoryGreaterThanTheSpool) {
    auto one = host("one");
    {
        auto file = SqlDatabase::open(directory_.file("one"));
        ASSERT_THAT(file, IsOk());
        ASSERT_THAT(file->run("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
                              "WHERE i <= 200100) INSERT INTO memory SELECT 3, printf('%032x', i), "
                              "1, 0, 1700000000, 1700000000 FROM n"),
                    IsOk());
    }
    EXPECT_THAT(one.memory->join("another log", {}), IsOk());
    add(one, "x", 1, 0);
    one.memory = open("one");
    add(one, "y", 1, 0);
    EXPECT_EQ(find(one, "x").ham + find(one, "y").ham, 2);
}

TEST_F(SharedMemoryTest, KeepsWhatStillWaitsWhenItGoesOnFromASnapshot) {
    auto one = host("one");
    auto two = host("two");
    add(two, "x", 1, 0);
    send(two);
    receive(one);
    add(two, "x", 2, 0);
    EXPECT_THAT(two.memory->join("log", *one.memory->snapshot()), IsOk());
    EXPECT_EQ(two.memory->waiting(0, 10)->count, 1U) << "the first one is in the snapshot";
    EXPECT_EQ(find(two, "x").ham, 3);
}

TEST_F(SharedMemoryTest, BelievesNoClockThatIsAhead) {
    auto one = host("one");
    auto two = host("two");
    add(one, "x", 1, 0, kNow + 3650 * kDay);
    send(one, kNow);
    receive(two);
    EXPECT_EQ(find(two, "x").last, kNow);
}

TEST_F(SharedMemoryTest, MakesItPartOfItselfWhenItSharesNoMore) {
    {
        auto one = host("one");
        add(one, "x", 4, 0);
    }
    auto alone = open("one", false);
    EXPECT_EQ(alone->find(kKind, "x", kNow)->ham, 4);
    EXPECT_EQ(alone->place()->epoch, "");
}

TEST_F(SharedMemoryTest, TakesAnotherNameWithoutSayingAnythingTwice) {
    auto one = host("one");
    add(one, "x", 1, 0);
    send(one);
    EXPECT_NE(*one.memory->renew_name(), one.name);
    EXPECT_EQ(one.memory->waiting(0, 10)->count, 0U);
    receive(one);
    EXPECT_EQ(find(one, "x").ham, 1);
}

TEST_F(SharedMemoryTest, ReadsNoRecordThatMakesNoSense) {
    auto one = host("one");
    add(one, "x", 1, 0);
    const auto good = encode_changes(one.memory->waiting(0, 10)->changes);
    EXPECT_THAT(decode_changes(good), IsOk());
    for (std::size_t size = 0; size < good.size(); ++size)
        EXPECT_FALSE(decode_changes(good.substr(0, size))) << size;
    auto infinite = one.memory->waiting(0, 10)->changes;
    infinite[0].value.ham = std::numeric_limits<double>::infinity();
    EXPECT_FALSE(decode_changes(encode_changes(infinite)));
    auto without_hash = one.memory->waiting(0, 10)->changes;
    without_hash[0].key = "ann@example.org";
    EXPECT_FALSE(decode_changes(encode_changes(without_hash)));
    EXPECT_FALSE(decode_snapshot(good));
    EXPECT_THAT(decode_snapshot(all_of(one)), IsOk());
}

}  // namespace
}  // namespace cordon
