// SPDX-License-Identifier: GPL-2.0-only
// One Exchange a pool, all driven by one poll loop. What went wrong is sorted here by whose fault
// it is: no listener, no free worker and nonsense are ours; a message that kills or outlasts a
// worker is the sender's.
#include "scoring/scanner/client.h"

#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>

#include <array>
#include <vector>

#include "conf/base/ipc.h"
#include "scoring/scanner/wire.h"

namespace cordon {

namespace {

constexpr int kAttempts = 2;

// The record still lies in the socket: no worker has taken it.
bool is_unread_by_peer(int socket) {
    int waiting = 0;
    return ::ioctl(socket, SIOCOUTQ, &waiting) == 0 && waiting > 0;
}

std::string remedy_for(int error) {
    switch (error) {
        case EAGAIN: return " (all workers are busy; raise [scanner] workers)";
        case ENOENT:
        case ECONNREFUSED: return " (the scanner is not running; see the log of cordond)";
        case EACCES: return " (this user may not connect to the scanner)";
        default: return "";
    }
}

/// The conversation with one pool about one message: at most two connections, one answer.
class Exchange {
 public:
    Exchange(std::string name, const std::string& path, const ScanRequest& request, int message)
        : name_(std::move(name)),
          path_(path),
          request_(encode(request)),
          message_(message),
          deadline_(request.deadline) {
        connect();
    }

    bool is_active() const { return static_cast<bool>(socket_); }
    int socket() const { return socket_.get(); }
    const std::string& answer() const { return answer_; }  // empty: reason() says why
    const UnreadReason& reason() const { return reason_; }

    /// The socket is readable or was closed.
    void receive() {
        errno = 0;
        auto record = receive_record(socket_.get(), deadline_);
        if (record && *record && (*record)->fd) {
            refuse("an answer with a descriptor");
        } else if (record && *record) {
            answer_ = std::move((*record)->bytes);
            socket_.reset();
        } else if (!record && errno != ECONNRESET) {
            refuse(record.error().what);
        } else if (attempts_ < kAttempts && !deadline_.is_over()) {
            connect();
        } else {
            give_up(Unread::unscanned,
                    std::to_string(attempts_) + " workers died over the message");
        }
    }

    void stop_at_deadline() {
        if (is_unread_by_peer(socket_.get()))
            give_up(Unread::scan_failed, "no worker took the message within the deadline");
        else
            give_up(Unread::unscanned, "no answer within the deadline");
    }

    /// An answer that made no sense.
    void refuse(const std::string& why) { give_up(Unread::scan_failed, why); }

 private:
    void connect() {
        ++attempts_;
        auto socket = connect_seqpacket(path_);
        if (!socket) {
            const int error = errno;
            return give_up(Unread::scan_failed, socket.error().what + remedy_for(error));
        }
        socket_ = std::move(*socket);
        if (auto sent = send_record(socket_.get(), request_, message_, deadline_); !sent) {
            if (attempts_ < kAttempts) return connect();
            give_up(Unread::scan_failed, sent.error().what);
        }
    }

    void give_up(Unread kind, const std::string& why) {
        socket_.reset();
        answer_.clear();
        reason_ = {kind, name_ + ": " + why};
    }

    std::string name_;
    std::string path_;
    std::string request_;
    int message_;
    Deadline deadline_;
    UniqueFd socket_;
    int attempts_ = 0;
    std::string answer_;
    UnreadReason reason_;
};

// Drives all exchanges until each has an answer or a reason; `progress` sees each step of them.
template <typename Progress>
void complete(std::vector<Exchange>& exchanges, Deadline deadline, const ScanCompany& company,
              Progress progress) {
    for (;;) {
        progress();
        std::vector<pollfd> entries;
        for (const auto& exchange : exchanges)
            entries.push_back({exchange.is_active() ? exchange.socket() : -1, POLLIN, 0});
        bool any_active = false;
        for (const auto& exchange : exchanges) any_active = any_active || exchange.is_active();
        if (!any_active) return;
        entries.push_back({company.wake_fd ? company.wake_fd() : -1, POLLIN, 0});
        const int n = ::poll(entries.data(), entries.size(), deadline.poll_timeout());
        if (n <= 0 && deadline.is_over()) {
            for (auto& exchange : exchanges) {
                if (exchange.is_active()) exchange.stop_at_deadline();
            }
            return;
        }
        for (std::size_t i = 0; n > 0 && i < exchanges.size(); ++i) {
            if (entries[i].revents != 0) exchanges[i].receive();
        }
        if (n > 0 && entries.back().revents != 0) company.woken();
    }
}

/// The decoded answer, or nothing and a reason in `unread`.
template <typename T>
std::optional<T> take_answer(Exchange& exchange, Result<T> (*decode)(std::string_view),
                             std::vector<UnreadReason>& unread) {
    if (!exchange.answer().empty()) {
        if (auto decoded = decode(exchange.answer()))
            return std::move(*decoded);
        else
            exchange.refuse(decoded.error().what);
    }
    unread.push_back(exchange.reason());
    return std::nullopt;
}

}  // namespace

ScanAnswer scan_message(const PoolPaths& pools, int message, std::uint64_t size,
                        const EnvelopeFacts& envelope, Deadline deadline,
                        const ScanCompany& company) {
    ScanRequest request{ScanKind::analyse, deadline, size, envelope, company.with_features};
    std::vector<Exchange> exchanges;
    exchanges.reserve(2);
    exchanges.emplace_back("content scan", pools.content, request, message);
    if (!pools.antivirus.empty()) {
        request.kind = ScanKind::antivirus;
        exchanges.emplace_back("virus scan", pools.antivirus, request, message);
    }
    ScanAnswer out;
    bool is_content_taken = false;
    const auto take_content = [&] {
        if (is_content_taken || exchanges[0].is_active()) return;
        is_content_taken = true;
        out.content = take_answer(exchanges[0], decode_analysis, out.unread);
        if (out.content && company.content_ready) company.content_ready(*out.content);
    };
    complete(exchanges, deadline, company, take_content);
    take_content();
    if (exchanges.size() > 1)
        out.antivirus = take_answer(exchanges[1], decode_antivirus, out.unread);
    return out;
}

Result<Analysis> request_features(const std::string& content_pool, int message, std::uint64_t size,
                                  const EnvelopeFacts& envelope, Deadline deadline) {
    const ScanRequest request{ScanKind::features, deadline, size, envelope, true};
    std::vector<Exchange> exchanges;
    exchanges.emplace_back("features", content_pool, request, message);
    complete(exchanges, deadline, {}, [] {});
    std::vector<UnreadReason> unread;
    auto answer = take_answer(exchanges[0], decode_analysis, unread);
    if (answer && answer->features.empty() && !answer->unread.empty()) unread = answer->unread;
    if (!unread.empty()) return fail(unread.front().detail);
    if (answer->features.empty()) return fail("features: the worker found none");
    return std::move(*answer);
}

}  // namespace cordon
