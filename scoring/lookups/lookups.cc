// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/lookups/lookups.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <utility>
#include <vector>

#include "conf/base/ipc.h"

namespace cordon {

struct Lookups::Inbox {
    UniqueFd bell{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    Guarded<std::vector<std::pair<DnsQuestion, DnsAnswerPtr>>> answers;

    void put(const DnsQuestion& question, const DnsAnswerPtr& answer) {
        answers.with([&](auto& list) { list.emplace_back(question, answer); });
        const std::uint64_t one = 1;
        // A full counter is a bell that rings already.
        [[maybe_unused]] const auto written = ::write(bell.get(), &one, sizeof one);
    }
};

Lookups::Lookups(ResolverPtr resolver) : resolver_(std::move(resolver)) {}

DnsAnswerPtr Lookups::find(std::string_view name, DnsType type) {
    return find(name, type, false);
}

DnsAnswerPtr Lookups::find_listed(std::string_view name) {
    return find(name, DnsType::a, true);
}

DnsAnswerPtr Lookups::find(std::string_view name, DnsType type, bool is_ours) {
    if (!resolver_) {
        static const auto off = failed_answer("lookups are switched off");
        return off;
    }
    DnsQuestion question{normal_name(name), type};
    if (const auto known = answers_.find(question); known != answers_.end()) return known->second;
    if (!is_domain_name(question.name)) return absent_answer(DnsAnswer::Status::no_name);
    if (expired_) return expired_;
    if (!is_ours && ++of_the_sender_ > kMaxLookups)
        return failed_answer("too many lookups for one message");
    if (!inbox_) inbox_ = std::make_shared<Inbox>();
    auto answer = resolver_->ask(
        question,
        [inbox = inbox_](const auto& asked, const DnsAnswerPtr& got) { inbox->put(asked, got); });
    if (!answer) ++pending_;
    answers_.emplace(std::move(question), answer);
    return answer;
}

bool Lookups::take_answers() {
    if (!inbox_ || pending_ == 0) return false;
    std::uint64_t rung = 0;
    [[maybe_unused]] const auto got = ::read(inbox_->bell.get(), &rung, sizeof rung);
    auto arrived = inbox_->answers.with([](auto& list) { return std::exchange(list, {}); });
    for (auto& [question, answer] : arrived) {
        auto& place = answers_[question];
        if (place) continue;  // too late
        place = std::move(answer);
        --pending_;
    }
    return !arrived.empty();
}

int Lookups::wake_fd() const {
    return pending_ > 0 ? inbox_->bell.get() : -1;
}

bool Lookups::wait(Deadline deadline) {
    return pending_ > 0 && wait_readable(inbox_->bell.get(), deadline) && take_answers();
}

void Lookups::expire(const std::string& reason) {
    take_answers();
    expired_ = failed_answer(reason);
    for (auto& [question, answer] : answers_)
        if (!answer) answer = expired_;
    pending_ = 0;
}

}  // namespace cordon
