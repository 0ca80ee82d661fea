// SPDX-License-Identifier: GPL-2.0-only
#include "conf/base/ipc.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <thread>

#include "tests/support/builders.h"
#include "tests/support/matchers.h"
#include "tests/support/temporary_directory.h"

namespace cordon {
namespace {

using test::FailsWith;
using test::IsOk;
using test::memory_with;
using test::TemporaryDirectory;

// ---- records ----

TEST(Record, ReadsBackWhatWasWritten) {
    RecordWriter out;
    out.u8(200).u32(0xDEADBEEF).u64(0x0123456789ABCDEF).text("a\0b").text("");
    const auto bytes = out.take();
    RecordReader in(bytes);
    EXPECT_EQ(in.u8(), 200);
    EXPECT_EQ(in.u32(), 0xDEADBEEFU);
    EXPECT_EQ(in.u64(), 0x0123456789ABCDEFU);
    EXPECT_EQ(in.text(), "a");
    EXPECT_EQ(in.text(), "");
    EXPECT_TRUE(in.is_complete());
}

TEST(Record, IsLittleEndian) {
    EXPECT_EQ(RecordWriter().u32(1).take(), std::string("\1\0\0\0", 4));
}

TEST(RecordReader, GivesZerosPastTheEnd) {
    RecordReader in("\x01");
    EXPECT_EQ(in.u8(), 1);
    EXPECT_TRUE(in.is_complete());
    EXPECT_EQ(in.u32(), 0U);
    EXPECT_FALSE(in.is_good());
    EXPECT_EQ(in.u64(), 0U);
    EXPECT_EQ(in.text(), "");
}

TEST(RecordReader, IsNotGoodAgainAfterAFailure) {
    RecordReader in(std::string_view("\1\2\3", 3));
    EXPECT_EQ(in.u32(), 0U);
    EXPECT_EQ(in.u8(), 0) << "the bytes are there, but nothing is believed any more";
}

TEST(RecordReader, BelievesNoLength) {
    RecordReader in(
        std::string_view("\xFF\xFF\xFF\xFF"
                         "abc",
                         7));
    EXPECT_EQ(in.text(1U << 31U), "");
    EXPECT_FALSE(in.is_good());
}

TEST(RecordReader, RefusesATextOverItsLimit) {
    const auto bytes = RecordWriter().text("abcd").take();
    EXPECT_EQ(RecordReader(bytes).text(4), "abcd");
    RecordReader in(bytes);
    EXPECT_EQ(in.text(3), "");
    EXPECT_FALSE(in.is_good());
}

TEST(RecordReader, CountsNoMoreThanCanFollow) {
    const auto bytes = RecordWriter().u32(3).u32(0).u32(0).take();
    EXPECT_EQ(RecordReader(bytes).count(2), 3U);
    RecordReader in(bytes);
    EXPECT_EQ(in.count(4), 0U);
    EXPECT_FALSE(in.is_good());
}

TEST(RecordReader, IsIncompleteWhenSomethingIsLeft) {
    RecordReader in("\x01\x02");
    in.u8();
    EXPECT_TRUE(in.is_good());
    EXPECT_FALSE(in.is_complete());
}

// ---- sockets ----

constexpr Milliseconds kSoon(1000);

struct SocketPair {
    SocketPair() {
        std::array<int, 2> ends{};
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()), 0);
        a.reset(ends[0]);
        b.reset(ends[1]);
    }
    Result<std::optional<Record>> receive() const {
        return receive_record(b.get(), Deadline::in(kSoon));
    }

    UniqueFd a;
    UniqueFd b;
};

std::size_t open_descriptors() {
    const auto entries = std::filesystem::directory_iterator("/proc/self/fd");
    return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

TEST(SendRecord, KeepsTheBoundsOfRecords) {
    const SocketPair pair;
    ASSERT_THAT(send_record(pair.a.get(), "one", -1, Deadline::in(kSoon)), IsOk());
    ASSERT_THAT(send_record(pair.a.get(), "two", -1, Deadline::in(kSoon)), IsOk());
    EXPECT_EQ((*pair.receive())->bytes, "one");
    EXPECT_EQ((*pair.receive())->bytes, "two");
}

TEST(SendRecord, PassesADescriptor) {
    const SocketPair pair;
    const auto memory = memory_with("content");
    ASSERT_THAT(send_record(pair.a.get(), "x", memory.get(), Deadline::in(kSoon)), IsOk());
    const auto record = pair.receive();
    ASSERT_THAT(record, IsOk());
    ASSERT_TRUE((*record)->fd);
    EXPECT_EQ(Mapping::of((*record)->fd.get())->bytes(), "content");
    EXPECT_NE(::fcntl((*record)->fd.get(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST(SendRecord, CarriesTheLargestRecord) {
    const SocketPair pair;
    const std::string large(kMaxRecordBytes, 'x');
    ASSERT_THAT(send_record(pair.a.get(), large, -1, Deadline::in(kSoon)), IsOk());
    EXPECT_EQ((*pair.receive())->bytes, large);
}

TEST(SendRecord, RefusesALargerOne) {
    const SocketPair pair;
    EXPECT_THAT(
        send_record(pair.a.get(), std::string(kMaxRecordBytes + 1, 'x'), -1, Deadline::in(kSoon)),
        FailsWith("too large"));
}

TEST(SendRecord, FailsWithoutASignalWhenTheOtherSideIsGone) {
    SocketPair pair;
    pair.b.reset();
    EXPECT_THAT(send_record(pair.a.get(), "x", -1, Deadline::in(kSoon)), FailsWith("sendmsg"));
}

TEST(SendRecord, StopsAtItsDeadlineWhenNobodyReads) {
    const SocketPair pair;
    const std::string large(kMaxRecordBytes, 'x');
    Result<void> sent;
    for (int i = 0; i < 100 && sent; ++i)
        sent = send_record(pair.a.get(), large, -1, Deadline::in(Milliseconds(0)));
    EXPECT_THAT(sent, FailsWith("deadline passed"));
}

TEST(ReceiveRecord, GivesNothingWhenTheOtherSideClosed) {
    SocketPair pair;
    pair.a.reset();
    const auto record = pair.receive();
    ASSERT_THAT(record, IsOk());
    EXPECT_FALSE(*record);
}

TEST(ReceiveRecord, StopsAtItsDeadline) {
    const SocketPair pair;
    EXPECT_THAT(receive_record(pair.b.get(), Deadline::in(Milliseconds(0))), FailsWith("deadline"));
}

TEST(ReceiveRecord, GivesWholeWhatArrivesWhileItWaits) {
    const SocketPair pair;
    constexpr int kRecords = 3000;
    const std::string sent(300, 'x');
    std::jthread sender([&] {
        for (int i = 0; i < kRecords; ++i)
            EXPECT_THAT(send_record(pair.a.get(), sent, -1, Deadline::in(kSoon)), IsOk());
    });
    for (int i = 0; i < kRecords; ++i) {
        const auto record = pair.receive();
        ASSERT_TRUE(record && *record) << (record ? "closed" : record.error().what);
        ASSERT_EQ((*record)->bytes, sent);
    }
}

TEST(ReceiveRecord, RefusesARecordThatIsTooLarge) {
    const SocketPair pair;
    const std::string large(kMaxRecordBytes + 1, 'x');
    ASSERT_GT(::send(pair.a.get(), large.data(), large.size(), 0), 0);
    EXPECT_THAT(pair.receive(), FailsWith("too large"));
}

/// Sends one byte with these descriptors beside it.
void send_descriptors(int socket, const std::vector<int>& fds) {
    char byte = 'x';
    iovec part{&byte, 1};
    std::vector<char> control(CMSG_SPACE(fds.size() * sizeof(int)));
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(fds.size() * sizeof(int));
    std::memcpy(CMSG_DATA(header), fds.data(), fds.size() * sizeof(int));
    ASSERT_EQ(::sendmsg(socket, &message, 0), 1);
}

TEST(ReceiveRecord, ClosesDescriptorsThatNobodyAskedFor) {
    const SocketPair pair;
    const auto memory = memory_with("x");
    for (const std::size_t n : {2U, 3U, 100U}) {
        send_descriptors(pair.a.get(), std::vector<int>(n, memory.get()));
        const auto before = open_descriptors();
        EXPECT_THAT(pair.receive(), IsOk());
        EXPECT_EQ(open_descriptors(), before) << n << " descriptors";
    }
}

// ---- listeners ----

TEST(ListenSeqpacket, TakesConnectionsAtItsPath) {
    const TemporaryDirectory folder;
    const auto listener = listen_seqpacket(folder.file("a.sock"), 0600);
    ASSERT_THAT(listener, IsOk());
    EXPECT_THAT(connect_seqpacket(folder.file("a.sock")), IsOk());
}

TEST(ListenSeqpacket, ReplacesAnOldSocket) {
    const TemporaryDirectory folder;
    { ASSERT_THAT(listen_seqpacket(folder.file("a.sock"), 0600), IsOk()); }
    EXPECT_THAT(listen_seqpacket(folder.file("a.sock"), 0600), IsOk());
}

TEST(ListenSeqpacket, DoesNotReplaceAFile) {
    const TemporaryDirectory folder;
    const auto path = folder.write("a.sock", "precious");
    EXPECT_THAT(listen_seqpacket(path, 0600), FailsWith(path));
    EXPECT_EQ(read_file(path, 100).value(), "precious");
}

TEST(ListenSeqpacket, GivesTheSocketItsMode) {
    const TemporaryDirectory folder;
    const auto listener = listen_seqpacket(folder.file("a.sock"), 0620);
    EXPECT_EQ(std::filesystem::status(folder.file("a.sock")).permissions(),
              std::filesystem::perms(0620));
}

TEST(ListenSeqpacket, RefusesAPathThatIsTooLong) {
    EXPECT_THAT(listen_seqpacket("/" + std::string(107, 'x'), 0600),
                FailsWith("socket path too long"));
}

TEST(ConnectSeqpacket, FailsWhenNobodyListens) {
    const TemporaryDirectory folder;
    EXPECT_THAT(connect_seqpacket(folder.file("none.sock")), FailsWith("none.sock: No such file"));
    { ASSERT_THAT(listen_seqpacket(folder.file("a.sock"), 0600), IsOk()); }
    EXPECT_THAT(connect_seqpacket(folder.file("a.sock")), FailsWith("Connection refused"));
}

TEST(ConnectSeqpacket, DoesNotWaitForAFullListener) {
    const TemporaryDirectory folder;
    const auto listener = listen_seqpacket(folder.file("a.sock"), 0600, 0);
    const auto first = connect_seqpacket(folder.file("a.sock"));
    ASSERT_THAT(first, IsOk());
    EXPECT_THAT(connect_seqpacket(folder.file("a.sock")), FailsWith("temporarily unavailable"));
}

// ---- sealed memory ----

TEST(SealMemfd, LeavesNothingToChange) {
    const auto memory = memory_with("content");
    EXPECT_FALSE(is_sealed(memory.get()));
    ASSERT_THAT(seal_memfd(memory.get()), IsOk());
    EXPECT_TRUE(is_sealed(memory.get()));
    EXPECT_FALSE(write_all(memory.get(), "more"));
    EXPECT_NE(::ftruncate(memory.get(), 1), 0);
    EXPECT_NE(::fcntl(memory.get(), F_ADD_SEALS, F_SEAL_GROW), 0);
}

TEST(SealMemfd, FailsForAnOrdinaryFile) {
    const TemporaryDirectory folder;
    const UniqueFd file(::open(folder.write("f", "x").c_str(), O_RDWR | O_CLOEXEC));
    EXPECT_FALSE(seal_memfd(file.get()));
    EXPECT_FALSE(is_sealed(file.get()));
}

}  // namespace
}  // namespace cordon
