// SPDX-License-Identifier: GPL-2.0-only
#include "conf/base/metrics.h"

#include <fmt/format.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <memory>

#include "conf/base/text.h"

namespace cordon {

namespace {

constexpr std::size_t kSeries = 2048;  // rules, and a few dozen others
constexpr std::size_t kMaxValueBytes = 62;
constexpr auto kStages = static_cast<std::size_t>(Stage::count_of_stages);
constexpr std::array<const char*, kStages> kStageNames = {"scan", "hold", "total"};
// Upper bounds in microseconds; the last bucket is +Inf.
constexpr std::array<std::int64_t, 13> kBounds = {
    1'000,   2'500,   5'000,     10'000,    25'000,     50'000,    100'000,
    250'000, 500'000, 1'000'000, 5'000'000, 20'000'000, 60'000'000};

/// One counter with its label's value. Claimed once, never given back.
struct Series {
    enum State : std::uint32_t { empty, claimed, named };
    std::atomic<std::uint32_t> state{empty};
    Metric metric{};
    std::array<char, kMaxValueBytes + 1> value{};
    std::atomic<std::uint64_t> number{0};

    bool is(Metric wanted, std::string_view text) const {
        return metric == wanted && text == value.data();
    }
};

struct Histogram {
    std::array<std::atomic<std::uint64_t>, kBounds.size() + 1> buckets{};
    std::atomic<std::uint64_t> sum_us{0};
};

std::string escaped(std::string_view value) {
    std::string out;
    for (const char c : printable(value, kMaxValueBytes)) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out;
}

}  // namespace

const std::vector<MetricInfo>& all_metrics() {
    static const std::vector<MetricInfo> table = {
        {Metric::messages, "cordon_messages_total", "counter", "direction",
         "Messages that were judged, by direction: inbound, outbound, relayed."},
        {Metric::decisions, "cordon_decisions_total", "counter", "action",
         "Decisions, one a recipient, by action."},
        {Metric::unread, "cordon_unread_total", "counter", "kind",
         "Messages not read in full, by kind: scan-failed, unscanned (with those over which "
         "a parser failed, which parser-error counts), encrypted, oversize."},
        {Metric::viruses, "cordon_viruses_total", "counter", "", "Messages with a named virus."},
        {Metric::errors, "cordon_errors_total", "counter", "",
         "Messages on which Cordon itself failed."},
        {Metric::hold_failures, "cordon_hold_failures_total", "counter", "",
         "Messages that the keeper did not take."},
        {Metric::reloads, "cordon_reloads_total", "counter", "",
         "Configurations and lists that the milter took over."},
        {Metric::process_restarts, "cordon_process_restarts_total", "counter", "",
         "Milter processes that died and were started again."},
        {Metric::history_dropped, "cordon_history_dropped_total", "counter", "",
         "Verdicts that the history lacks, since the keeper did not take them."},
        {Metric::dns_questions, "cordon_dns_questions_total", "counter", "outcome",
         "Questions to the DNS by outcome: cached (known, nobody was asked), found, absent, failed "
         "(SERVFAIL, REFUSED, nonsense), timeout, unasked (no name server answers, a domain's "
         "servers don't, or too many are under way)."},
        {Metric::dns_sent, "cordon_dns_sent_total", "counter", "",
         "Queries that went to a name server, second attempts included."},
        {Metric::unknown, "cordon_unknown_total", "counter", "what",
         "Messages for which something could not be learned, by what: spf, helo-spf, dkim, dmarc, "
         "iprev, dnsbl, content."},
        {Metric::keeper_up, "cordon_keeper_up", "gauge", "",
         "1 when the keeper answered as these figures were asked for; else what it keeps is as it "
         "said last."},
        {Metric::quarantine_messages, "cordon_quarantine_messages", "gauge", "state",
         "Messages in the quarantine by state: held, sending, sent, filed, spam, failed."},
        {Metric::quarantine_oldest, "cordon_quarantine_oldest_seconds", "gauge", "state",
         "Age of the oldest message in a state; 0 without one."},
        {Metric::vault_bytes, "cordon_vault_bytes", "gauge", "", "Size of the vault."},
        {Metric::vault_limit, "cordon_vault_limit_bytes", "gauge", "",
         "Size at which the vault takes no more: quarantine.vault-max."},
        {Metric::history_records, "cordon_history_records", "gauge", "",
         "Messages in the history."},
        {Metric::history_bytes, "cordon_history_bytes", "gauge", "", "Size of the history."},
        {Metric::stage_seconds, "cordon_stage_seconds", "histogram", "stage",
         "Time of a stage of an end of message: scan, hold (the keeper), total."},
        {Metric::rule_hits, "cordon_rule_hits_total", "counter", "rule",
         "Messages that a rule hit."},
        {Metric::in_flight, "cordon_in_flight", "gauge", "",
         "End-of-messages that are being judged."},
        {Metric::workers, "cordon_workers", "gauge", "pool",
         "Workers by the configuration, for each pool."},
        {Metric::start_time, "cordon_start_time_seconds", "gauge", "",
         "When the milter started, in seconds since the epoch."},
        {Metric::learned, "cordon_learned", "gauge", "label",
         "Messages that the classifier has learned: ham, spam."},
        {Metric::learning_events, "cordon_learning_events_total", "counter", "fate",
         "Events of learning: automatic, not-posted and not-remembered (the keeper did not "
         "listen) by the milter; since the keeper's start dropped (its queue was full), and with "
         "a shared store sent and received."},
        {Metric::learning_waiting, "cordon_learning_waiting", "gauge", "",
         "Events on this host that the shared store does not have yet."},
        {Metric::learning_store_up, "cordon_learning_store_up", "gauge", "",
         "1 while the shared store answers; 1 also without one, 0 when the keeper does not."},
        {Metric::learning_store_errors, "cordon_learning_store_errors_total", "counter", "",
         "Failed exchanges with the shared store since the keeper started."},
        {Metric::memory_changes, "cordon_memory_changes_total", "counter", "fate",
         "Changes of the memory of senders, with a shared store, since the keeper's start: sent "
         "and received."},
        {Metric::memory_waiting, "cordon_memory_waiting", "gauge", "",
         "Changes of the memory of senders that the shared store does not have yet."},
    };
    return table;
}

struct Metrics::Page {
    std::array<Series, kSeries> series;
    std::array<Histogram, kStages> stages;
    std::atomic<std::int64_t> in_flight{0};

    std::atomic<std::uint64_t>* find(Metric metric, std::string_view value);
};

static_assert(std::atomic<std::uint64_t>::is_always_lock_free, "shared between processes");

std::atomic<std::uint64_t>* Metrics::Page::find(Metric metric, std::string_view value) {
    value = value.substr(0, kMaxValueBytes);
    const auto hash = std::hash<std::string_view>{}(value)*31 + static_cast<std::size_t>(metric);
    for (std::size_t i = 0; i < kSeries; ++i) {
        auto& slot = series.at((hash + i) % kSeries);
        auto state = slot.state.load(std::memory_order_acquire);
        if (state == Series::empty &&
            slot.state.compare_exchange_strong(state, Series::claimed, std::memory_order_acq_rel)) {
            slot.metric = metric;
            std::memcpy(slot.value.data(), value.data(), value.size());
            slot.state.store(Series::named, std::memory_order_release);
            return &slot.number;
        }
        if (slot.state.load(std::memory_order_acquire) == Series::named && slot.is(metric, value))
            return &slot.number;
        // A slot that another is naming this moment may be ours: then it stands twice, and the
        // text adds both up.
    }
    return nullptr;  // full: further rules are not counted
}

Result<std::shared_ptr<Metrics>> Metrics::shared() {
    void* const memory =
        ::mmap(nullptr, sizeof(Page), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return fail_errno("memory for metrics");
    auto out = std::make_shared<Metrics>();
    out->page_.reset(std::construct_at(static_cast<Page*>(memory)));
    return out;
}

void Metrics::Unmap::operator()(Page* page) const {
    ::munmap(page, sizeof(Page));
}

void Metrics::count(Metric metric, std::string_view value) {
    if (auto* const number = page_->find(metric, value))
        number->fetch_add(1, std::memory_order_relaxed);
}

void Metrics::set(Metric metric, std::string_view value, std::uint64_t number) {
    if (auto* const cell = page_->find(metric, value))
        cell->store(number, std::memory_order_relaxed);
}

void Metrics::add_in_flight(int change) {
    page_->in_flight.fetch_add(change, std::memory_order_relaxed);
}

void Metrics::observe(Stage stage, std::int64_t microseconds) {
    auto& histogram = page_->stages.at(static_cast<std::size_t>(stage));
    const auto* const bound = std::lower_bound(kBounds.begin(), kBounds.end(), microseconds);
    histogram.buckets.at(static_cast<std::size_t>(bound - kBounds.begin()))
        .fetch_add(1, std::memory_order_relaxed);
    histogram.sum_us.fetch_add(static_cast<std::uint64_t>(std::max<std::int64_t>(microseconds, 0)),
                               std::memory_order_relaxed);
}

namespace {

std::string histogram_text(const char* name, const char* stage, const Histogram& histogram) {
    std::string out;
    std::uint64_t total = 0;
    for (std::size_t i = 0; i <= kBounds.size(); ++i) {
        total += histogram.buckets.at(i).load(std::memory_order_relaxed);
        const auto bound = i < kBounds.size()
                               ? fmt::format("{}", static_cast<double>(kBounds.at(i)) / 1e6)
                               : "+Inf";
        out += fmt::format("{}_bucket{{stage=\"{}\",le=\"{}\"}} {}\n", name, stage, bound, total);
    }
    const auto sum = histogram.sum_us.load(std::memory_order_relaxed);
    out += fmt::format("{}_sum{{stage=\"{}\"}} {}\n", name, stage, static_cast<double>(sum) / 1e6);
    return out + fmt::format("{}_count{{stage=\"{}\"}} {}\n", name, stage, total);
}

/// The series of one metric, by the value of their label.
std::string series_text(const MetricInfo& info, const std::array<Series, kSeries>& series) {
    std::vector<std::pair<std::string, std::uint64_t>> found;
    for (const auto& slot : series)
        if (slot.state.load(std::memory_order_acquire) == Series::named &&
            slot.metric == info.metric)
            found.emplace_back(slot.value.data(), slot.number.load(std::memory_order_relaxed));
    std::sort(found.begin(), found.end());
    if (found.empty() && info.label[0] == '\0') found.emplace_back("", 0);
    std::string out;
    for (std::size_t i = 0; i < found.size(); ++i) {
        auto sum = found[i].second;
        while (i + 1 < found.size() && found[i + 1].first == found[i].first)
            sum += found[++i].second;
        const auto label = info.label[0] == '\0'
                               ? std::string()
                               : fmt::format("{{{}=\"{}\"}}", info.label, escaped(found[i].first));
        out += fmt::format("{}{} {}\n", info.name, label, sum);
    }
    return out;
}

}  // namespace

std::string Metrics::text() const {
    std::string out;
    for (const auto& info : all_metrics()) {
        out +=
            fmt::format("# HELP {} {}\n# TYPE {} {}\n", info.name, info.help, info.name, info.type);
        if (info.metric == Metric::stage_seconds) {
            for (std::size_t i = 0; i < kStages; ++i)
                out += histogram_text(info.name, kStageNames.at(i), page_->stages.at(i));
        } else if (info.metric == Metric::in_flight) {
            out +=
                fmt::format("{} {}\n", info.name, page_->in_flight.load(std::memory_order_relaxed));
        } else {
            out += series_text(info, page_->series);
        }
    }
    return out;
}

std::string metrics_manual() {
    std::string out = ".Bl -tag -width Ds\n";
    for (const auto& info : all_metrics())
        out += fmt::format(".It Li {}{} Pq {}\n{}\n", info.name,
                           info.label[0] == '\0' ? "" : fmt::format("{{{}}}", info.label),
                           info.type, mdoc_text(info.help));
    return out + ".El\n";
}

}  // namespace cordon
