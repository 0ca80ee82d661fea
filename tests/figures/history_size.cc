// SPDX-License-Identifier: GPL-2.0-only
// How long questions to a long history take: history_size [MESSAGES]   (1000000)
//
// A message has 12 rules of 400, one of 20,000 recipients and a sender out of 200,000; all pages of
// an answer are fetched as `cordon history` does, each by the keeper's 250 ms.
#include <fmt/format.h>

#include <cstdlib>
#include <ctime>
#include <random>

#include "conf/base/clock.h"
#include "scoring/store/history_store.h"
#include "tests/support/temporary_directory.h"

namespace cordon {
namespace {

constexpr Milliseconds kAnswerTime(250);
constexpr int kBatch = 5000;

HistoryRecord a_verdict(std::uint64_t number, std::mt19937_64& chance) {
    HistoryRecord out;
    out.id = fmt::format("{:010x}{:08x}", number, chance() & 0xffffffffU);
    out.queue_id = fmt::format("4{:09X}", number);
    out.message_id = fmt::format("<{}.{}@mail.example.net>", number, chance());
    out.received_at = 1'790'000'000 + static_cast<std::int64_t>(number * 2);
    out.mail_from = fmt::format("sender{}@example.net", chance() % 200'000);
    out.author = out.mail_from;
    for (int i = 0; i < 12; ++i)
        out.hits.push_back({fmt::format("RULE_{}", chance() % 400), 1500, HitOrigin::list});
    if (number % 100'000 == 50'000) out.hits.push_back({"RARE_RULE", 1500, HitOrigin::list});
    out.recipients = 1;
    out.decisions.emplace_back().recipient = fmt::format("user{}@example.org", chance() % 20'000);
    return out;
}

void ask(HistoryStore& store, const char* what, HistoryQuery query, std::size_t most) {
    const auto begin = Steady::now();
    const auto cpu = std::clock();
    Milliseconds first(-1);
    std::size_t found = 0;
    int pages = 0;
    const auto passed = [begin] {
        return std::chrono::duration_cast<Milliseconds>(Steady::now() - begin);
    };
    for (;;) {
        const auto page = store.find(query, kAnswerTime);
        if (!page) return fmt::print("{}: {}\n", what, page.error().what);
        ++pages;
        found += page->entries.size();
        if (found > 0 && first.count() < 0) first = passed();
        if (page->next == 0 || found >= most) break;
        query.before = page->next;
    }
    fmt::print(
        "{:<28} {:6} found, the first after {:5} ms, all after {:5} ms, {:5} ms of CPU ({} "
        "questions)\n",
        what, found, first.count(), passed().count(), (std::clock() - cpu) * 1000 / CLOCKS_PER_SEC,
        pages);
}

int run(std::uint64_t messages) {
    const test::TemporaryDirectory folder;
    auto store = HistoryStore::open(folder.file("history.db"));
    if (!store) return 1;
    std::mt19937_64 chance(8);
    const auto begin = Steady::now();
    const auto cpu = std::clock();
    std::vector<HistoryRecord> batch;
    HistoryRecord sample;
    for (std::uint64_t i = 0; i < messages; ++i) {
        batch.push_back(a_verdict(i, chance));
        if (i == messages / 3) sample = batch.back();
        if (batch.size() < kBatch && i + 1 < messages) continue;
        if (!(*store)->add(batch)) return 1;
        batch.clear();
    }
    const auto figures = (*store)->figures();
    const auto ms = std::chrono::duration_cast<Milliseconds>(Steady::now() - begin).count();
    fmt::print("{} messages: {} MB, {} us each to write, {} of them CPU\n", messages,
               (figures ? figures->bytes : 0) >> 20U,
               ms * 1000 / static_cast<std::int64_t>(messages),
               (std::clock() - cpu) / static_cast<std::clock_t>(messages));
    constexpr std::size_t kAll = 100'000;
    ask(**store, "by id", {.id = sample.id}, kAll);
    ask(**store, "by queue id", {.id = sample.queue_id}, 1);
    ask(**store, "by Message-ID", {.id = sample.message_id}, 1);
    ask(**store, "by sender", {.sender = sample.mail_from}, kAll);
    ask(**store, "by recipient", {.recipient = sample.decisions.front().recipient}, kAll);
    ask(**store, "by an address unknown", {.address = "nobody@example.com"}, kAll);
    ask(**store, "by a rule, the first 200", {.rule = "RULE_7"}, 200);
    ask(**store, "by a rare rule", {.rule = "RARE_RULE"}, kAll);
    ask(**store, "an hour of 20 days ago",
        {.received_from = sample.received_at, .received_before = sample.received_at + 3600}, kAll);
    return 0;
}

}  // namespace
}  // namespace cordon

int main(int argc, char** argv) {
    return cordon::run(argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000);
}
