// SPDX-License-Identifier: GPL-2.0-only
// Counters and histograms in memory that the processes of one role share: made before they are
// forked, counted without locks, written as Prometheus text by whoever is asked. The one table of
// metrics is in metrics.cc; the manual is made from it.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "conf/base/result.h"

namespace cordon {

enum class Metric : std::uint8_t {
    messages,   // by direction
    decisions,  // by action
    unread,     // by kind
    viruses,
    errors,  // answered by on-error
    hold_failures,
    reloads,
    process_restarts,
    history_dropped,
    dns_questions,        // by outcome
    dns_sent,             // to name servers
    unknown,              // by what could not be learned
    keeper_up,            // gauges from here: the keeper is asked for them
    quarantine_messages,  // by state
    quarantine_oldest,    // by state
    vault_bytes,
    vault_limit,
    history_records,
    history_bytes,
    stage_seconds,          // histogram by stage
    rule_hits,              // by rule
    in_flight,              // gauge
    workers,                // gauge, from the configuration
    start_time,             // gauge
    learned,                // gauge by label: what the classifier rests on; asked of the keeper
    learning_events,        // counter by what became of them, likewise
    learning_waiting,       // gauge
    learning_store_up,      // gauge
    learning_store_errors,  // counter
    memory_changes,         // counter by what became of them
    memory_waiting,         // gauge
    count_of_metrics        // the last
};

struct MetricInfo {
    Metric metric;
    const char* name;   // "cordon_messages_total"
    const char* type;   // counter, gauge, histogram
    const char* label;  // "" or the name of its one label
    const char* help;
};

const std::vector<MetricInfo>& all_metrics();

enum class Stage : std::uint8_t { scan, hold, total, count_of_stages };

class Metrics {
 public:
    /// In memory shared with children that are forked later.
    static Result<std::shared_ptr<Metrics>> shared();

    /// `value`: of the metric's label; one of the few that the code writes, except for rules.
    void count(Metric metric, std::string_view value = "");
    void set(Metric metric, std::string_view value, std::uint64_t number);
    void add_in_flight(int change);
    void observe(Stage stage, std::int64_t microseconds);

    /// The text format of Prometheus, version 0.0.4.
    std::string text() const;

 private:
    struct Page;
    struct Unmap {
        void operator()(Page* page) const;
    };
    std::unique_ptr<Page, Unmap> page_;
};

/// The table as mdoc, for cordon-milter(8).
std::string metrics_manual();

}  // namespace cordon
