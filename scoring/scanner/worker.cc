// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/scanner/worker.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <exception>
#include <new>
#include <system_error>

#include "conf/base/ipc.h"
#include "conf/base/program.h"
#include "conf/base/text.h"
#include "scoring/scanner/parser_error_reason.h"
#include "scoring/scanner/sandbox.h"

namespace cordon {

namespace {

// A client sends its record with the connection; nobody waits for one that does not.
constexpr Milliseconds kPatience{500};
// Past the deadline of a message, before the alarm ends the worker: the client has given up by
// then.
constexpr Milliseconds kGrace{200};

/// Nothing when the descriptor is what a client may send, else what is wrong with it.
std::string refusal(const ScanRequest& request, int fd, const ScannerOptions& options) {
    struct stat info {};
    if (fd < 0 || ::fstat(fd, &info) != 0) return "request without a descriptor";
    const bool is_read_only_file =
        S_ISREG(info.st_mode) && (::fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDONLY;
    if (!is_sealed(fd) && !is_read_only_file)
        return "the message is neither a sealed memfd nor a file opened read-only";
    if (info.st_size < 0 || static_cast<std::uint64_t>(info.st_size) < request.size)
        return "the message is shorter than the request says";
    if (request.size > options.max_message_size)
        return "the message is larger than [milter] max-message-size";
    return {};
}

bool has_hung_up(int socket) {
    pollfd entry{socket, POLLRDHUP, 0};
    return ::poll(&entry, 1, 0) > 0 && (entry.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

// A signal handler is given no argument: what it sends, and to whom, is kept here.
struct LastWords {
    int client = -1;
    std::string record;
};
LastWords last_words;

// Async-signal-safe. With an answer the client does not try the message on another worker.
void answer_and_exit(int) {
    iovec part{last_words.record.data(), last_words.record.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    static_cast<void>(::sendmsg(last_words.client, &message, MSG_NOSIGNAL | MSG_DONTWAIT));
    ::_exit(kExitDeadline);
}

/// The alarm ends the worker where the scan itself does not look at the clock.
class Alarm {
 public:
    Alarm(Milliseconds after, int client) {
        last_words.client = client;
        set(after);
    }
    Alarm(const Alarm&) = delete;
    Alarm& operator=(const Alarm&) = delete;
    ~Alarm() { set(Milliseconds(0)); }

 private:
    static void set(Milliseconds after) {
        itimerval timer{};
        timer.it_value.tv_sec = after.count() / 1000;
        timer.it_value.tv_usec = after.count() % 1000 * 1000;
        ::setitimer(ITIMER_REAL, &timer, nullptr);
    }
};

class Worker {
 public:
    Worker(const ScannerOptions& options, const WorkerPlace& place, Status& status, ScanTask& task)
        : options_(options), place_(place), status_(status), task_(task) {}

    /// Enters the sandbox and checks the canaries; tells the zygote.
    bool prepare() {
        auto sandbox = enter();
        const bool is_ready = sandbox.has_value();
        std::string text(1, is_ready ? kReady : kNotReady);
        if (is_ready) {
            for (const auto& layer : sandbox->missing) text += layer + "\n";
        } else {
            text += sandbox.error().what;
        }
        static_cast<void>(write_all(place_.report, text));
        ::close(place_.report);
        return is_ready;
    }

    /// A spare waits until it is needed; false when the pool is drained first.
    bool wait_for_start() {
        std::array<pollfd, 2> entries{{{place_.start, POLLIN, 0}, {place_.drain, POLLIN, 0}}};
        while (::poll(entries.data(), entries.size(), -1) < 0) {
        }
        return entries[1].revents == 0 && (entries[0].revents & POLLIN) != 0;
    }

    void serve() {
        const auto end = Deadline::in(options_.worker_age);
        while (!retire_ && status_.messages < options_.worker_messages && !end.is_over()) {
            status_.alive_ns = Steady::now().time_since_epoch().count();
            prove_now_and_then();
            std::array<pollfd, 3> entries{
                {{place_.listener, POLLIN, 0}, {place_.drain, POLLIN, 0}, {place_.start, 0, 0}}};
            const auto until = end.or_earlier(Deadline::in(kHeartbeat)).or_earlier(next_canary_);
            const int n = ::poll(entries.data(), entries.size(), until.poll_timeout());
            if (n < 0 && errno != EINTR) return;
            if (n <= 0) continue;
            if (entries[1].revents != 0 || entries[2].revents != 0) return;
            const UniqueFd client(
                ::accept4(place_.listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
            if (client) converse(client.get());
        }
    }

 private:
    // What fails silently may begin to fail long after the start.
    void prove_now_and_then() {
        if (!next_canary_.is_over()) return;
        if (!task_.check_canaries()) ::_exit(kExitCanary);
        next_canary_ = Deadline::in(options_.canary_every);
    }

    Result<Sandbox> enter() {
        last_words.record = task_.unread({Unread::unscanned, "deadline of the scan"});
        if (::signal(SIGALRM, answer_and_exit) == SIG_ERR) return fail_errno("SIGALRM handler");
        SandboxPlan plan;
        plan.parent = place_.zygote;
        plan.keep = {place_.listener, place_.drain, place_.start, place_.report};
        plan.memory_bytes = options_.memory_limit;
        plan.needs_files = options_.pool == PoolKind::antivirus;
        plan.fallback_folder = place_.folder;
        plan.folder_bytes = options_.memory_limit;
        auto sandbox = enter_sandbox(plan);
        if (!sandbox) return wrap("sandbox", sandbox.error());
        if (auto settled = task_.settle(sandbox->folder, sandbox->is_folder_private); !settled)
            return tl::unexpected(settled.error());
        if (auto passed = task_.check_canaries(); !passed) return tl::unexpected(passed.error());
        next_canary_ = Deadline::in(options_.canary_every);
        return sandbox;
    }

    void converse(int client) {
        const auto record_in = receive_record(client, Deadline::in(kPatience));
        if (!record_in || !*record_in) return;
        auto request = decode_request((*record_in)->bytes);
        if (!request) return reply(client, encode_failure(request.error().what));
        if (!task_.takes(request->kind))
            return reply(client, encode_failure("the request belongs to the other pool"));
        if (const auto why = refusal(*request, (*record_in)->fd.get(), options_); !why.empty())
            return reply(client, encode_failure(why));
        // It may have waited in the queue for longer than its sender.
        if (request->deadline.is_over() || has_hung_up(client)) return;

        const auto deadline = request->deadline.or_earlier(Deadline::in(options_.timeout));
        status_.deadline_ns = deadline.at().time_since_epoch().count();
        request->deadline = deadline;
        std::string record;
        {
            const Alarm alarm(deadline.left() + kGrace, client);
            record = answer(*request, (*record_in)->fd.get());
        }
        reply(client, record);
        status_.messages.fetch_add(1);
        status_.deadline_ns = 0;
    }

    std::string answer(const ScanRequest& request, int message) {
        try {
            auto mapping = Mapping::of(message);
            if (!mapping) return encode_failure(mapping.error().what);
            auto out = task_.answer(request, mapping->bytes().substr(0, request.size));
            retire_ = retire_ || out.retire;
            return std::move(out.record);
        } catch (const std::bad_alloc&) {
            retire_ = true;
            return task_.unread({Unread::unscanned, "limit: memory of a worker"});
        } catch (const std::system_error& error) {
            retire_ = true;
            return encode_failure(std::string("internal error: ") + error.what());
        } catch (const std::exception& error) {
            return blame_content(error.what());
        } catch (...) {
            return blame_content("what is no std::exception");
        }
    }

    // Certain bytes throw again with each try: as a failure of ours they would never arrive.
    std::string blame_content(std::string_view what) {
        constexpr std::size_t kMostBytes = 200;
        retire_ = true;
        std::string detail(kParserError);
        return task_.unread({Unread::unscanned, detail.append(": ") + printable(what, kMostBytes)});
    }

    static void reply(int client, const std::string& record) {
        static_cast<void>(send_record(client, record, -1, Deadline::in(kPatience)));
    }

    const ScannerOptions& options_;
    const WorkerPlace& place_;
    Status& status_;
    ScanTask& task_;
    bool retire_ = false;
    Deadline next_canary_ = Deadline::in(Milliseconds(0));
};

}  // namespace

void run_worker(const ScannerOptions& options, const WorkerPlace& place, Status& status,
                ScanTask& task) {
    ::prctl(PR_SET_NAME, options.pool == PoolKind::content ? "content-worker" : "av-worker", 0, 0,
            0);
    Worker worker(options, place, status, task);
    if (!worker.prepare()) ::_exit(kExitUnavailable);
    if (worker.wait_for_start()) worker.serve();
    ::_exit(kExitOk);
}

}  // namespace cordon
