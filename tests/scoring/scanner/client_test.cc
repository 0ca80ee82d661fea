// SPDX-License-Identifier: GPL-2.0-only
// The client of the pools, against real workers that do what the message tells them.
#include "scoring/scanner/client.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>
#include <system_error>

#include "conf/base/ipc.h"
#include "scoring/scanner/parser_error_reason.h"
#include "scoring/scanner/wire.h"
#include "tests/scoring/scanner/pool_fixture.h"

namespace cordon {
namespace {

using test::Counters;
using test::PoolFixture;

std::string hello() {
    Analysis out;
    out.subject = "hello";
    return encode(out);
}

std::string obey(std::string_view message, Counters& counters) {
    if (message == "crash") std::abort();
    if (message == "crash once" && counters.crashes++ == 0) std::abort();
    if (message == "hang")
        for (;;) ::sched_yield();
    if (message == "garbage") return "\x01\x01 this is no answer";
    if (message == "nothing") return {};
    if (message == "broken machine")
        throw std::system_error(EIO, std::generic_category(), "surprise");
    if (message == "out of range") throw std::out_of_range("at: 7 >= 3");
    if (message == "not even an exception") throw 7;
    if (message == "no memory") throw std::bad_alloc();
    return hello();
}

void expect_reason(const ScanAnswer& answer, Unread kind, const std::string& words) {
    EXPECT_FALSE(answer.content);
    ASSERT_EQ(answer.unread.size(), 1U);
    EXPECT_EQ(answer.unread[0].kind, kind);
    EXPECT_NE(answer.unread[0].detail.find(words), std::string::npos) << answer.unread[0].detail;
}

TEST(ScanMessage, BringsTheAnswerOfAWorker) {
    PoolFixture pool(obey);
    ASSERT_TRUE(pool.notice().is_ready) << pool.notice().text;
    const auto answer = pool.scan("mail");
    ASSERT_TRUE(answer.content);
    EXPECT_EQ(answer.content->subject, "hello");
    EXPECT_TRUE(answer.unread.empty());
}

TEST(ScanMessage, TriesAgainWhenAWorkerDies) {
    PoolFixture pool(obey);
    const auto answer = pool.scan("crash once");
    EXPECT_TRUE(answer.content);
    EXPECT_EQ(pool.counters().messages, 2);
}

TEST(ScanMessage, BlamesAMessageThatKillsTwoWorkersAndThePoolLives) {
    PoolFixture pool(obey);
    expect_reason(pool.scan("crash"), Unread::unscanned, "2 workers died");
    EXPECT_TRUE(pool.scan("mail").content);
}

TEST(ScanMessage, BlamesAMessageThatTakesTooLong) {
    PoolFixture pool(obey, 2);
    expect_reason(pool.scan("hang", Milliseconds(500)), Unread::unscanned, "deadline");
    EXPECT_EQ(pool.counters().messages, 1);  // a timeout is not tried again
    EXPECT_TRUE(pool.scan("mail").content);
}

TEST(ScanMessage, IsAnsweredByTheWorkerThatRunsIntoItsOwnTimeout) {
    PoolFixture pool(obey, 2, PoolKind::content, Milliseconds(20));
    const auto answer = pool.scan("hang");
    ASSERT_TRUE(answer.content);
    ASSERT_EQ(answer.content->unread.size(), 1U);
    EXPECT_EQ(answer.content->unread[0].kind, Unread::unscanned);
    EXPECT_EQ(answer.content->unread[0].detail, "deadline of the scan");
    EXPECT_EQ(pool.counters().messages, 1);
}

TEST(ScanMessage, TakesNonsenseForOurFault) {
    PoolFixture pool(obey);
    expect_reason(pool.scan("garbage"), Unread::scan_failed, "content scan: ");
}

TEST(ScanMessage, TakesAFailureOfTheMachineForOurFault) {
    PoolFixture pool(obey);
    expect_reason(pool.scan("broken machine"), Unread::scan_failed, "surprise");
    EXPECT_TRUE(pool.scan("mail").content);
}

// It would come again with each try until the sender gave up.
TEST(ScanMessage, BlamesAMessageOverWhichAParserThrows) {
    PoolFixture pool(obey);
    const auto answer = pool.scan("out of range");
    ASSERT_TRUE(answer.content);
    ASSERT_EQ(answer.content->unread.size(), 1U);
    EXPECT_EQ(answer.content->unread[0].kind, Unread::unscanned);
    EXPECT_EQ(answer.content->unread[0].detail, "parser-error: at: 7 >= 3");
    EXPECT_TRUE(is_parser_error(answer.content->unread[0]));
}

TEST(ScanMessage, BlamesAMessageOverWhichAParserThrowsAnything) {
    PoolFixture pool(obey);
    const auto answer = pool.scan("not even an exception");
    ASSERT_TRUE(answer.content);
    ASSERT_EQ(answer.content->unread.size(), 1U);
    EXPECT_TRUE(is_parser_error(answer.content->unread[0]));
}

TEST(ScanMessage, IsServedByAnotherWorkerAfterAParserThrew) {
    PoolFixture pool(obey);
    const int proven = pool.counters().canaries;
    EXPECT_TRUE(pool.scan("out of range").content);
    EXPECT_TRUE(pool.scan("mail").content);
    EXPECT_GT(pool.counters().canaries, proven) << "a new worker proved itself";
    EXPECT_EQ(pool.counters().messages, 2);
}

TEST(ScanMessage, BlamesAMessageThatNeedsTooMuchMemory) {
    PoolFixture pool(obey);
    const auto answer = pool.scan("no memory");
    ASSERT_TRUE(answer.content);
    ASSERT_EQ(answer.content->unread.size(), 1U);
    EXPECT_EQ(answer.content->unread[0].kind, Unread::unscanned);
}

TEST(ScanMessage, SaysThatTheScannerIsNotRunning) {
    const auto message = test::message_of("mail");
    const auto answer = scan_message({"/nonexistent/pool.sock", ""}, message.get(), 4, {},
                                     Deadline::in(Milliseconds(20'000)));
    expect_reason(answer, Unread::scan_failed, "the scanner is not running");
}

class BusyPool : public ::testing::Test {
 protected:
    void SetUp() override {
        folder_ = ::testing::TempDir() + "busy-XXXXXX";
        ASSERT_NE(::mkdtemp(folder_.data()), nullptr);
        path_ = folder_ + "/pool.sock";
        auto listener = listen_seqpacket(path_, 0600, 0);
        ASSERT_TRUE(listener) << listener.error().what;
        listener_ = std::move(*listener);
    }
    void TearDown() override {
        ::unlink(path_.c_str());
        ::rmdir(folder_.c_str());
    }
    ScanAnswer scan() const {
        const auto message = test::message_of("mail");
        return scan_message({path_, ""}, message.get(), 4, {}, Deadline::in(Milliseconds(30)));
    }
    std::string folder_;
    std::string path_;
    UniqueFd listener_;
};

TEST_F(BusyPool, IsOurFaultWhenNoWorkerTakesTheMessage) {
    expect_reason(scan(), Unread::scan_failed, "no worker took the message");
}

TEST_F(BusyPool, IsOurFaultAndAnsweredAtOnceWhenItsQueueIsFull) {
    const auto first = connect_seqpacket(path_);
    ASSERT_TRUE(first);
    const auto begin = Steady::now();
    expect_reason(scan(), Unread::scan_failed, "all workers are busy");
    EXPECT_LT(Steady::now() - begin, Milliseconds(25));
}

TEST(ScanMessage, RefusesAMessageThatCouldStillChange) {
    PoolFixture pool(obey);
    auto open = make_memfd("open");
    ASSERT_TRUE(open && write_all(open->get(), "mail"));
    const auto answer =
        scan_message({pool.path(), ""}, open->get(), 4, {}, Deadline::in(Milliseconds(20'000)));
    expect_reason(answer, Unread::scan_failed, "neither a sealed memfd");
}

TEST(ScanMessage, RefusesASizeThatTheDescriptorLacks) {
    PoolFixture pool(obey);
    const auto message = test::message_of("mail");
    const auto answer =
        scan_message({pool.path(), ""}, message.get(), 5, {}, Deadline::in(Milliseconds(20'000)));
    expect_reason(answer, Unread::scan_failed, "shorter than the request says");
}

TEST(ScanMessage, JudgesTheFirstBytesOfALargerFile) {
    PoolFixture pool([](std::string_view message, Counters&) {
        Analysis out;
        out.subject = message;
        return encode(out);
    });
    const auto message = test::message_of("beginning and end");
    const auto answer =
        scan_message({pool.path(), ""}, message.get(), 9, {}, Deadline::in(Milliseconds(20'000)));
    ASSERT_TRUE(answer.content);
    EXPECT_EQ(answer.content->subject, "beginning");
}

TEST(ScanMessage, KeepsTheContentAnswerWhenTheVirusScanDies) {
    PoolFixture content([](std::string_view, Counters&) { return hello(); });
    PoolFixture antivirus([](std::string_view, Counters&) -> std::string { std::abort(); }, 1,
                          PoolKind::antivirus);
    const auto message = test::message_of("mail");
    const auto answer = scan_message({content.path(), antivirus.path()}, message.get(), 4, {},
                                     Deadline::in(Milliseconds(20'000)));
    EXPECT_TRUE(answer.content);
    EXPECT_FALSE(answer.antivirus);
    ASSERT_EQ(answer.unread.size(), 1U);
    EXPECT_EQ(answer.unread[0].kind, Unread::unscanned);
    EXPECT_NE(answer.unread[0].detail.find("virus scan"), std::string::npos);
}

}  // namespace
}  // namespace cordon
