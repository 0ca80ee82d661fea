// SPDX-License-Identifier: GPL-2.0-only
// Workers under the control of an attacker, in the place of ours: whatever they answer, or don't,
// no other message is judged otherwise, nobody waits past the deadline, and no descriptor stays.
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <filesystem>
#include <thread>
#include <vector>

#include "conf/base/ipc.h"
#include "scoring/scanner/wire.h"
#include "tests/scoring/scanner/pool_fixture.h"

namespace cordon {
namespace {

constexpr Milliseconds kDeadline{400};
constexpr Milliseconds kGenerous{30'000};

std::string answer_about(std::string_view subject) {
    Analysis out;
    out.subject = subject;
    return encode(out);
}

std::string text_of(int message, std::size_t size) {
    std::string out(size, '\0');
    return ::pread(message, out.data(), size, 0) == static_cast<ssize_t>(size) ? out : "";
}

void send_raw(int socket, std::string bytes, int descriptors = 0) {
    iovec part{bytes.data(), bytes.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    const auto room = static_cast<std::size_t>(descriptors) * sizeof(int);
    std::vector<char> control(CMSG_SPACE(room));
    if (descriptors > 0) {
        message.msg_control = control.data();
        message.msg_controllen = control.size();
        cmsghdr* const header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(room);
        const std::vector<int> fds(static_cast<std::size_t>(descriptors), STDERR_FILENO);
        std::memcpy(CMSG_DATA(header), fds.data(), room);
    }
    static_cast<void>(::sendmsg(socket, &message, MSG_NOSIGNAL));
}

/// The process that sits on the socket of a pool. What it does with a message stands in its text.
class Attacker {
 public:
    explicit Attacker(int listener) : listener_(listener) {}

    [[noreturn]] void run() {
        for (;;) {
            std::vector<pollfd> entries{{listener_, POLLIN, 0}};
            for (const auto& client : kept_) entries.push_back({client.get(), POLLRDHUP, 0});
            if (::poll(entries.data(), entries.size(), -1) <= 0) continue;
            for (std::size_t i = entries.size() - 1; i > 0; --i) {
                if (entries[i].revents != 0) answer_late(i - 1);
            }
            if (entries[0].revents != 0) take(UniqueFd(::accept(listener_, nullptr, nullptr)));
        }
    }

 private:
    void take(UniqueFd client) {
        const auto record = receive_record(client.get(), Deadline::in(kGenerous));
        if (!record || !*record) return;
        const auto request = decode_request((*record)->bytes);
        if (!request) return;
        const auto text = text_of((*record)->fd.get(), request->size);
        const auto valid = answer_about(text);
        const int socket = client.get();
        const int most = 212'000;  // what a socket takes in one record
        if (text == "garbage") send_raw(socket, std::string(5000, '\xff'));
        if (text == "counts") send_raw(socket, valid.substr(0, 3) + std::string(900, '\xff'));
        if (text == "cut") send_raw(socket, valid.substr(0, valid.size() / 2));
        if (text == "oversized") send_raw(socket, std::string(most, 'x'));
        if (text == "empty") send_raw(socket, "");
        if (text == "stuffed") send_raw(socket, valid, 250);
        if (text == "stuffed with one") send_raw(socket, valid, 1);
        if (text == "twice") send_raw(socket, valid), send_raw(socket, answer_about("another"));
        if (text.starts_with("honest")) send_raw(socket, valid);
        if (text == "late" || text == "never") {
            kept_.push_back(std::move(client));
            names_.push_back(text);
        }
    }

    /// To a client that has given up, while its next message is on the way to us.
    void answer_late(std::size_t i) {
        if (names_[i] == "late") send_raw(kept_[i].get(), answer_about("too late"));
        kept_.erase(kept_.begin() + static_cast<std::ptrdiff_t>(i));
        names_.erase(names_.begin() + static_cast<std::ptrdiff_t>(i));
    }

    int listener_;
    std::vector<UniqueFd> kept_;
    std::vector<std::string> names_;
};

std::size_t open_descriptors() {
    const std::filesystem::directory_iterator all("/proc/self/fd");
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

class HostilePool : public ::testing::Test {
 protected:
    void SetUp() override {
        folder_ = ::testing::TempDir() + "hostile-XXXXXX";
        ASSERT_NE(::mkdtemp(folder_.data()), nullptr);
        const auto listener = listen_seqpacket(folder_ + "/pool.sock", 0600);
        ASSERT_TRUE(listener) << listener.error().what;
        attacker_ = ::fork();
        if (attacker_ == 0) Attacker(listener->get()).run();
        ASSERT_GT(attacker_, 0);
    }
    void TearDown() override {
        ::kill(attacker_, SIGKILL);
        ::waitpid(attacker_, nullptr, 0);
        std::filesystem::remove_all(folder_);
    }
    ScanAnswer scan(const std::string& text, Milliseconds within) const {
        const auto message = test::message_of(text);
        return scan_message({folder_ + "/pool.sock", ""}, message.get(), text.size(), {},
                            Deadline::in(within));
    }
    std::string folder_;
    pid_t attacker_ = -1;
};

TEST_F(HostilePool, ChangesNoOtherMessageAndLeavesNoDescriptor) {
    const auto before = open_descriptors();
    std::atomic<int> judged = 0;
    std::atomic<int> refused = 0;
    const auto mail = [&](int thread) {
        for (int round = 0; round < 3; ++round) {
            for (const auto* const trick : {"garbage", "counts", "cut", "oversized", "empty",
                                            "stuffed", "stuffed with one", "late", "never"}) {
                const auto answer = scan(trick, kDeadline);
                EXPECT_FALSE(answer.content) << trick;
                EXPECT_EQ(answer.unread.size(), 1U) << trick;
                ++refused;
                const auto name = "honest " + std::to_string(thread) + std::to_string(round);
                const auto other = scan(name, kGenerous);
                if (other.content && other.content->subject == name) ++judged;
                EXPECT_TRUE(other.unread.empty()) << trick;
            }
            const auto first = scan("twice", kGenerous);
            EXPECT_TRUE(first.content && first.content->subject == "twice");
        }
    };
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back(mail, i);
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(judged, 4 * 3 * 9);
    EXPECT_EQ(refused, 4 * 3 * 9);
    EXPECT_EQ(open_descriptors(), before);
}

// ---- in a zygote of ours ----

std::atomic<int>* shared_number() {
    void* const page = ::mmap(nullptr, sizeof(std::atomic<int>), PROT_READ | PROT_WRITE,
                              MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return ::new (page) std::atomic<int>(0);
}

// A function pointer carries nothing along: what the workers of one test share is kept here.
std::atomic<int>* liars_left = nullptr;
void (*lie)(Status& status) = nullptr;

/// The first workers say that they are ready, take a message, never answer, and lie.
void lying_worker(const ScannerOptions& options, const WorkerPlace& place, Status& status,
                  ScanTask& task) {
    if (liars_left->fetch_sub(1) <= 0) run_worker(options, place, status, task);
    static_cast<void>(write_all(place.report, std::string(1, kReady)));
    ::close(place.report);
    std::vector<UniqueFd> kept;
    for (;;) {
        pollfd entry{place.listener, POLLIN, 0};
        if (::poll(&entry, 1, 5) > 0) kept.emplace_back(::accept(place.listener, nullptr, nullptr));
        if (kept.empty()) continue;  // a lie told before would have it replaced without a message
        lie(status);
        status.messages = 4'000'000'000U;
    }
}

std::int64_t from_now(Milliseconds time) {
    return (Steady::now() + time).time_since_epoch().count();
}

class EchoTask : public ScanTask {
 public:
    bool takes(ScanKind) const override { return true; }
    Result<void> settle(const std::string&, bool) override { return {}; }
    Result<void> check_canaries() override { return {}; }
    ScanReply answer(const ScanRequest&, std::string_view message) override {
        return {answer_about(message), false};
    }
    std::string unread(const UnreadReason&) const override { return {}; }
};

std::size_t descriptors_of(pid_t pid) {
    const std::filesystem::directory_iterator all("/proc/" + std::to_string(pid) + "/fd");
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

class LyingWorkers : public ::testing::TestWithParam<std::pair<const char*, void (*)(Status&)>> {};

TEST_P(LyingWorkers, AreReplacedAndTheNextMessagesAreJudged) {
    liars_left = shared_number();
    *liars_left = 2;
    lie = GetParam().second;
    ScannerOptions options;
    options.workers = 1;
    options.timeout = Milliseconds(100);
    options.worker_age = Milliseconds(200);
    test::PoolFixture pool([] { return std::make_unique<EchoTask>(); }, options, lying_worker);
    ASSERT_TRUE(pool.notice().is_ready) << pool.notice().text;
    ScanAnswer answer = pool.scan("first", kDeadline);
    EXPECT_FALSE(answer.content);
    const auto end = Deadline::in(kGenerous);
    while (!answer.content && !end.is_over()) answer = pool.scan("next", kDeadline);
    ASSERT_TRUE(answer.content);
    EXPECT_EQ(answer.content->subject, "next");
    EXPECT_LT(descriptors_of(pool.zygote()), 40U);
    ::munmap(liars_left, sizeof *liars_left);
}

INSTANTIATE_TEST_SUITE_P(
    Lies, LyingWorkers,
    ::testing::Values(
        std::pair{"Idle", +[](Status& s) { s.deadline_ns = 0, s.alive_ns = from_now({}); }},
        std::pair{"AnHour", +[](Status& s) { s.deadline_ns = from_now(Milliseconds(3'600'000)); }}),
    [](const auto& lie_of) { return lie_of.param.first; });

}  // namespace
}  // namespace cordon
