// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/lookups/dns_resolver.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <thread>
#include <utility>

#include "conf/base/file_descriptor.h"
#include "conf/base/guarded.h"
#include "scoring/lookups/dns_cache.h"
#include "scoring/lookups/internet_name.h"
#include "scoring/lookups/name_server.h"

namespace cordon {

namespace {

constexpr std::size_t kCacheBytes = std::size_t{32} << 20U;
constexpr std::size_t kMaxInFlight = 5000;
// Seconds. An owner who says 0 still means the message under way and its neighbours.
constexpr std::uint32_t kLeastTtl = 5;
constexpr std::uint32_t kMostTtl = 3600;
constexpr std::uint32_t kMostNegativeTtl = 900;
constexpr std::uint32_t kUsualNegativeTtl = 60;  // where no SOA says
constexpr std::uint32_t kErrorTtl = 30;          // SERVFAIL: RFC 2308 section 7.1 allows 5 minutes
constexpr std::uint32_t kTimeoutTtl = 10;
// A domain whose servers time out.
constexpr int kTimeoutsOfDeadDomain = 3;
constexpr std::chrono::seconds kDeadDomainTime(20);
constexpr std::size_t kMaxDeadDomains = 10'000;
// Outcomes of a question that nobody is asked about.
constexpr const char* kCached = "cached";
constexpr const char* kUnasked = "unasked";

std::uint32_t bounded_ttl(const DnsAnswer& answer) {
    if (answer.is_found()) return std::clamp(answer.ttl, kLeastTtl, kMostTtl);
    if (answer.is_failed()) return kErrorTtl;
    return std::clamp(answer.ttl == 0 ? kUsualNegativeTtl : answer.ttl, kLeastTtl,
                      kMostNegativeTtl);
}

}  // namespace

/// The thread with its channels, and what it shares with those who ask.
class DnsResolver::Engine {
 public:
    Engine(Milliseconds timeout, std::shared_ptr<Metrics> metrics)
        : timeout_(timeout), metrics_(std::move(metrics)) {}
    ~Engine();
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    Result<void> start(const std::vector<std::string>& servers);
    DnsAnswerPtr ask(const DnsQuestion& question, Done done);
    std::uint64_t sent() const { return sent_; }
    bool is_up() const { return is_up_; }

 private:
    struct Shared {
        DnsCache cache{kCacheBytes};
        std::map<DnsQuestion, std::vector<Done>> waiting;
        std::vector<DnsQuestion> fresh;  // not yet seen by the thread
        bool is_stopping = false;
    };
    struct Attempt {
        DnsQuestion question;
        unsigned number = 0;
        Steady::time_point begin;  // of this attempt
    };
    struct DeadDomain {
        int timeouts = 0;
        Steady::time_point until;
    };

    void run();
    void ring();
    void attempt(Attempt attempt);
    void attempted(NameServer& server, Attempt attempt, std::unique_ptr<DnsAnswer> answer);
    void finish(const DnsQuestion& question, DnsAnswerPtr answer);
    void note_servers();
    bool is_dead(const std::string& domain);
    void note_timeout(const std::string& domain);
    unsigned most_attempts() const { return std::max(2U, static_cast<unsigned>(servers_.size())); }

    void count(const char* outcome) const;

    Milliseconds timeout_;
    std::shared_ptr<Metrics> metrics_;
    UniqueFd bell_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    Guarded<Shared> shared_;
    std::atomic<std::uint64_t> sent_ = 0;
    std::atomic<bool> is_up_ = true;
    std::thread thread_;
    // The thread's own.
    std::vector<std::unique_ptr<NameServer>> servers_;
    std::vector<bool> were_up_;
    std::vector<Attempt> again_;  // c-ares is not called from within its own callbacks
    std::map<std::string, DeadDomain> dead_;
};

Result<void> DnsResolver::Engine::start(const std::vector<std::string>& servers) {
    if (!bell_) return fail_errno("eventfd");
    const auto attempts = std::max<std::int64_t>(2, static_cast<std::int64_t>(servers.size()));
    for (const auto& address : servers) {
        auto server = NameServer::open(address, timeout_ / attempts);
        if (!server) return tl::unexpected(server.error());
        servers_.push_back(std::move(*server));
    }
    if (servers_.empty()) return fail("no name servers");
    were_up_.assign(servers_.size(), true);
    thread_ = std::thread([this] { run(); });
    return {};
}

DnsResolver::Engine::~Engine() {
    shared_.with([](Shared& shared) { shared.is_stopping = true; });
    ring();
    if (thread_.joinable()) thread_.join();
    servers_.clear();  // ends what is under way
    auto left = shared_.with([](Shared& shared) { return std::exchange(shared.waiting, {}); });
    for (auto& [question, list] : left)
        for (auto& done : list) done(question, failed_answer("lookups are being shut down"));
}

void DnsResolver::Engine::count(const char* outcome) const {
    if (metrics_) metrics_->count(Metric::dns_questions, outcome);
}

void DnsResolver::Engine::ring() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(bell_.get(), &one, sizeof one);
}

DnsAnswerPtr DnsResolver::Engine::ask(const DnsQuestion& question, Done done) {
    bool must_ring = false;
    const char* outcome = nullptr;
    auto known = shared_.with([&](Shared& shared) -> DnsAnswerPtr {
        outcome = kUnasked;
        if (auto answer = shared.cache.find(question, Steady::now())) {
            outcome = kCached;
            return answer;
        }
        if (!is_up_) return failed_answer("no name server answers");
        const auto waiting = shared.waiting.find(question);
        if (waiting != shared.waiting.end()) {
            waiting->second.push_back(std::move(done));
            return nullptr;
        }
        if (shared.waiting.size() >= kMaxInFlight)
            return failed_answer("too many lookups are under way");
        shared.waiting[question].push_back(std::move(done));
        must_ring = shared.fresh.empty();
        shared.fresh.push_back(question);
        return nullptr;
    });
    if (must_ring) ring();
    if (known) count(outcome);
    return known;
}

void DnsResolver::Engine::run() {
    for (;;) {
        std::vector<pollfd> polls{{bell_.get(), POLLIN, 0}};
        auto pause = Milliseconds(10'000);
        for (const auto& server : servers_) {
            server->add_polls(polls);
            pause = std::min(pause, server->next_event());
        }
        ::poll(polls.data(), polls.size(), static_cast<int>(pause.count()));
        std::uint64_t rung = 0;
        [[maybe_unused]] const auto got = ::read(bell_.get(), &rung, sizeof rung);
        bool is_stopping = false;
        auto fresh = shared_.with([&](Shared& shared) {
            is_stopping = shared.is_stopping;
            return std::exchange(shared.fresh, {});
        });
        if (is_stopping) return;
        for (auto& question : fresh) attempt({std::move(question), 0, {}});
        for (const auto& server : servers_) server->process();
        note_servers();
        for (auto& next : std::exchange(again_, {})) attempt(std::move(next));
    }
}

/// A server that went down takes its questions with it: they go to the next one, or fail now.
void DnsResolver::Engine::note_servers() {
    bool any_up = false;
    for (std::size_t i = 0; i < servers_.size(); ++i) {
        const bool is_up = servers_[i]->is_up();
        any_up = any_up || is_up;
        if (were_up_[i] == is_up) continue;
        were_up_[i] = is_up;
        dead_.clear();  // those timeouts were the server's fault
        if (!is_up) servers_[i]->cancel();
    }
    is_up_ = any_up;
}

bool DnsResolver::Engine::is_dead(const std::string& domain) {
    const auto found = dead_.find(domain);
    if (found == dead_.end() || found->second.timeouts < kTimeoutsOfDeadDomain) return false;
    if (Steady::now() < found->second.until) return true;
    found->second.timeouts = kTimeoutsOfDeadDomain - 1;  // one question may try again
    return false;
}

void DnsResolver::Engine::note_timeout(const std::string& domain) {
    if (dead_.size() >= kMaxDeadDomains) dead_.clear();
    auto& entry = dead_[domain];
    ++entry.timeouts;
    entry.until = Steady::now() + kDeadDomainTime;
}

void DnsResolver::Engine::attempt(Attempt attempt) {
    if (is_dead(organizational_domain(attempt.question.name))) {
        count(kUnasked);
        return finish(attempt.question,
                      failed_answer("the name servers of this domain don't answer", kTimeoutTtl));
    }
    std::vector<NameServer*> up;
    for (const auto& server : servers_)
        if (server->is_up()) up.push_back(server.get());
    if (up.empty()) {
        count(kUnasked);
        return finish(attempt.question, failed_answer("no name server answers"));
    }
    auto& server = *up[attempt.number % up.size()];
    attempt.begin = Steady::now();
    ++sent_;
    if (metrics_) metrics_->count(Metric::dns_sent);
    const auto question = attempt.question;
    server.send(question, [this, &server, attempt = std::move(attempt)](auto answer) {
        attempted(server, attempt, std::move(answer));
    });
}

void DnsResolver::Engine::attempted(NameServer& server, Attempt attempt,
                                    std::unique_ptr<DnsAnswer> answer) {
    const auto domain = organizational_domain(attempt.question.name);
    if (answer) {
        dead_.erase(domain);
        const bool is_refused = answer->is_failed() && answer->reason == "REFUSED";
        if (is_refused && attempt.number + 1 < servers_.size()) {
            ++attempt.number;
            again_.push_back(std::move(attempt));
            return;
        }
        count(answer->is_found() ? "found" : answer->is_failed() ? "failed" : "absent");
        answer->ttl = bounded_ttl(*answer);
        return finish(attempt.question, std::move(answer));
    }
    server.suspect(attempt.begin);
    if (++attempt.number < most_attempts()) {
        again_.push_back(std::move(attempt));
        return;
    }
    count("timeout");
    if (server.is_up()) note_timeout(domain);
    finish(attempt.question, failed_answer("no answer in time", server.is_up() ? kTimeoutTtl : 0));
}

void DnsResolver::Engine::finish(const DnsQuestion& question, DnsAnswerPtr answer) {
    auto waiting = shared_.with([&](Shared& shared) {
        shared.cache.put(question, answer, Steady::now());
        auto entry = shared.waiting.extract(question);
        return entry ? std::move(entry.mapped()) : std::vector<Done>();
    });
    for (auto& done : waiting) done(question, answer);
}

DnsResolver::DnsResolver(std::unique_ptr<Engine> engine) : engine_(std::move(engine)) {}
DnsResolver::~DnsResolver() = default;

Result<std::shared_ptr<DnsResolver>> DnsResolver::start(const DnsSettings& settings) {
    if (auto done = start_ares(); !done) return tl::unexpected(done.error());
    auto servers = settings.servers;
    if (servers.empty()) {
        auto found = system_name_servers();
        if (!found) return tl::unexpected(found.error());
        servers = std::move(*found);
    }
    auto engine = std::make_unique<Engine>(settings.timeout, settings.metrics);
    if (auto done = engine->start(servers); !done) return tl::unexpected(done.error());
    return std::shared_ptr<DnsResolver>(new DnsResolver(std::move(engine)));
}

DnsAnswerPtr DnsResolver::ask(const DnsQuestion& question, Done done) {
    return engine_->ask(question, std::move(done));
}

std::uint64_t DnsResolver::sent() const {
    return engine_->sent();
}

bool DnsResolver::is_up() const {
    return engine_->is_up();
}

}  // namespace cordon
