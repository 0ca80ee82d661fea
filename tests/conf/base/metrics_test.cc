// SPDX-License-Identifier: GPL-2.0-only
#include "conf/base/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>

namespace cordon {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::shared_ptr<Metrics> some_metrics() {
    auto made = Metrics::shared();
    EXPECT_TRUE(made) << made.error().what;
    return *made;
}

TEST(Metrics, CountByLabel) {
    const auto metrics = some_metrics();
    metrics->count(Metric::decisions, "reject");
    metrics->count(Metric::decisions, "reject");
    metrics->count(Metric::decisions, "tag");
    EXPECT_THAT(metrics->text(), HasSubstr("\ncordon_decisions_total{action=\"reject\"} 2\n"));
    EXPECT_THAT(metrics->text(), HasSubstr("\ncordon_decisions_total{action=\"tag\"} 1\n"));
}

TEST(Metrics, ShowACounterThatNeverCounted) {
    EXPECT_THAT(some_metrics()->text(), HasSubstr("\ncordon_viruses_total 0\n"));
}

TEST(Metrics, AreSharedWithChildren) {
    const auto metrics = some_metrics();
    const pid_t child = ::fork();
    if (child == 0) {
        metrics->count(Metric::rule_hits, "RULE");
        metrics->add_in_flight(1);
        ::_exit(0);
    }
    ::waitpid(child, nullptr, 0);
    metrics->count(Metric::rule_hits, "RULE");
    EXPECT_THAT(metrics->text(), HasSubstr("\ncordon_rule_hits_total{rule=\"RULE\"} 2\n"));
    EXPECT_THAT(metrics->text(), HasSubstr("\ncordon_in_flight 1\n"));
}

TEST(Metrics, PutTimesIntoBucketsThatAddUp) {
    const auto metrics = some_metrics();
    metrics->observe(Stage::scan, 700);
    metrics->observe(Stage::scan, 30'000);
    metrics->observe(Stage::scan, 400'000'000);
    const auto text = metrics->text();
    EXPECT_THAT(text, HasSubstr("cordon_stage_seconds_bucket{stage=\"scan\",le=\"0.001\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("cordon_stage_seconds_bucket{stage=\"scan\",le=\"0.05\"} 2\n"));
    EXPECT_THAT(text, HasSubstr("cordon_stage_seconds_bucket{stage=\"scan\",le=\"60\"} 2\n"));
    EXPECT_THAT(text, HasSubstr("cordon_stage_seconds_bucket{stage=\"scan\",le=\"+Inf\"} 3\n"));
    EXPECT_THAT(text, HasSubstr("cordon_stage_seconds_count{stage=\"scan\"} 3\n"));
}

TEST(Metrics, KeepALabelInsideItsQuotes) {
    const auto metrics = some_metrics();
    metrics->count(Metric::rule_hits, "A\"} 1\nevil 2");
    EXPECT_THAT(metrics->text(), Not(HasSubstr("\nevil")));
}

TEST(Metrics, StopTakingNamesWhenTheyAreFull) {
    const auto metrics = some_metrics();
    for (int i = 0; i < 5000; ++i) metrics->count(Metric::rule_hits, "RULE" + std::to_string(i));
    EXPECT_LT(metrics->text().size(), 300'000U);
}

TEST(Metrics, AreEachInTheTableOnce) {
    std::set<Metric> seen;
    for (const auto& info : all_metrics())
        EXPECT_TRUE(seen.insert(info.metric).second) << info.name;
    EXPECT_EQ(seen.size(), static_cast<std::size_t>(Metric::count_of_metrics));
    for (const auto& info : all_metrics()) EXPECT_THAT(metrics_manual(), HasSubstr(info.name));
}

}  // namespace
}  // namespace cordon
