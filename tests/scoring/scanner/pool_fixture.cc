// SPDX-License-Identifier: GPL-2.0-only
#include "tests/scoring/scanner/pool_fixture.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <new>

#include "conf/base/ipc.h"

namespace cordon::test {

namespace {

class AnsweringTask : public ScanTask {
 public:
    AnsweringTask(PoolFixture::Answer answer, Counters& counters, ScanKind kind)
        : answer_(std::move(answer)), counters_(counters), kind_(kind) {}

    bool takes(ScanKind kind) const override { return kind == kind_; }
    Result<void> settle(const std::string&, bool) override { return {}; }
    Result<void> check_canaries() override {
        ++counters_.canaries;
        if (counters_.is_blind == ::getpid()) return fail("blind");
        return {};
    }
    ScanReply answer(const ScanRequest&, std::string_view message) override {
        ++counters_.messages;
        return {answer_(message, counters_), false};
    }
    std::string unread(const UnreadReason& reason) const override {
        Analysis out;
        out.unread.push_back(reason);
        return encode(out);
    }

 private:
    PoolFixture::Answer answer_;
    Counters& counters_;
    ScanKind kind_;
};

Counters* shared_counters() {
    void* const page = ::mmap(nullptr, sizeof(Counters), PROT_READ | PROT_WRITE,
                              MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return ::new (page) Counters();
}

}  // namespace

UniqueFd message_of(const std::string& text) {
    auto fd = make_memfd("message");
    EXPECT_TRUE(fd && write_all(fd->get(), text) && seal_memfd(fd->get()));
    return std::move(*fd);
}

namespace {
ScannerOptions options_of(unsigned workers, PoolKind kind, Milliseconds timeout) {
    ScannerOptions out;
    out.pool = kind;
    out.workers = workers;
    out.timeout = timeout;
    return out;
}
}  // namespace

PoolFixture::PoolFixture(Answer answer, unsigned workers, PoolKind kind, Milliseconds timeout)
    : PoolFixture(std::move(answer), options_of(workers, kind, timeout)) {}

PoolFixture::PoolFixture(Answer answer, const ScannerOptions& options)
    : options_(options), counters_(shared_counters()) {
    const auto scans = options.pool == PoolKind::content ? ScanKind::analyse : ScanKind::antivirus;
    start(
        [this, scans, answer = std::move(answer)] {
            return std::make_unique<AnsweringTask>(answer, *counters_, scans);
        },
        run_worker);
}

PoolFixture::PoolFixture(std::function<std::unique_ptr<ScanTask>()> make,
                         const ScannerOptions& options, WorkerMain worker_main)
    : options_(options), counters_(shared_counters()) {
    start(make, worker_main);
}

void PoolFixture::start(const std::function<std::unique_ptr<ScanTask>()>& make,
                        WorkerMain worker_main) {
    folder_ = std::filesystem::temp_directory_path() / "cordon-pool-XXXXXX";
    ASSERT_NE(::mkdtemp(folder_.data()), nullptr);
    ASSERT_EQ(::chmod(folder_.c_str(), 0755), 0);
    path_ = folder_ + "/pool.sock";
    auto listener = listen_seqpacket(path_, 0666);
    ASSERT_TRUE(listener) << listener.error().what;
    listener_ = std::move(*listener);
    std::array<int, 2> ends{};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()), 0);
    control_.reset(ends[0]);
    UniqueFd theirs(ends[1]);
    zygote_ = ::fork();
    if (zygote_ == 0) {
        control_.reset();
        const auto task = make();
        ::_exit(task ? Zygote(options_, *task, listener_.get(), theirs.get(), worker_main).run()
                     : 1);
    }
    theirs.reset();  // with the child's end its death is seen at once
    ASSERT_GT(zygote_, 0);
    auto notice = receive_notice(control_.get(), Deadline::in(Milliseconds(60'000)));
    ASSERT_TRUE(notice) << notice.error().what;
    notice_ = *notice;
}

PoolFixture::~PoolFixture() {
    if (zygote_ > 0) {
        ::kill(zygote_, SIGTERM);
        wait();
    }
    ::munmap(counters_, sizeof(Counters));
    std::error_code error;
    std::filesystem::remove_all(folder_, error);
}

ScanAnswer PoolFixture::scan(const std::string& message, Milliseconds timeout) const {
    const auto fd = message_of(message);
    const bool is_content = options_.pool == PoolKind::content;
    const PoolPaths paths{is_content ? path_ : folder_ + "/none", is_content ? "" : path_};
    return scan_message(paths, fd.get(), message.size(), {}, Deadline::in(timeout));
}

int PoolFixture::wait() {
    int status = -1;
    if (zygote_ > 0) ::waitpid(zygote_, &status, 0);
    zygote_ = 0;
    return status;
}

}  // namespace cordon::test
