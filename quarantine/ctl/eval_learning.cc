// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/ctl/eval_learning.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <charconv>
#include <cmath>

#include "conf/base/ipc.h"
#include "conf/base/text.h"

namespace cordon {

Result<void> EvalLearning::parse(const std::string& how) {
    const std::string_view text = how;
    if (how == "none") return {};
    if (how == "immediate") {
        how_ = How::immediate;
        return {};
    }
    if (text.starts_with("delayed=")) {
        how_ = How::delayed;
        const auto n = parse_unsigned(text.substr(8));
        if (n) delay_ = *n;
        if (n) return {};
    }
    if (text.starts_with("partial=")) {
        how_ = How::partial;
        const auto number = text.substr(8);
        const auto [end, error] =
            std::from_chars(number.data(), number.data() + number.size(), share_);
        const bool is_all = end == number.data() + number.size() && error == std::errc();
        if (is_all && share_ >= 0 && share_ <= 1) return {};
    }
    return fail("--learn: none, immediate, delayed=N (messages) or partial=P (0 to 1), not '" +
                printable(how, 40) + "'");
}

Result<std::unique_ptr<EvalLearning>> EvalLearning::make(const std::string& how) {
    std::unique_ptr<EvalLearning> out(new EvalLearning);
    if (auto parsed = out->parse(how); !parsed) return tl::unexpected(parsed.error());
    auto file = make_memfd("cordon-eval-weights");
    if (!file) return tl::unexpected(file.error());
    if (::ftruncate(file->get(), sizeof(WeightTable)) != 0) return fail_errno("table of weights");
    auto table = TableMapping::map(file->get(), true);
    if (!table) return tl::unexpected(table.error());
    clear_table(**table);
    out->file_ = std::move(*file);
    out->table_ = std::move(*table);
    out->learner_ = std::make_unique<Learner>(*out->table_);
    return out;
}

Result<UniqueFd> EvalLearning::table() const {
    return open_table_readonly(fmt::format("/proc/self/fd/{}", file_.get()));
}

bool EvalLearning::is_given() {
    if (how_ != How::partial) return true;
    const auto before = std::floor(share_ * static_cast<double>(fed_));
    return std::floor(share_ * static_cast<double>(fed_ + 1)) > before;
}

Result<void> EvalLearning::train(const std::string& features, bool is_spam) {
    auto decoded = decode_features(features);
    if (!decoded) return tl::unexpected(decoded.error());
    trained_.push_back({std::move(*decoded), is_spam, LabelOrigin::person, false});
    learner_->learn(trained_.back());
    return {};
}

void EvalLearning::end_training() {
    for (int pass = 1; pass < Learner::kPasses; ++pass)
        for (const auto& event : trained_) learner_->learn_again(event);
    trained_.clear();
}

Result<void> EvalLearning::feed(const std::string& features, bool is_spam) {
    const bool is_wanted = is_on() && is_given();
    ++fed_;
    if (!is_wanted) return {};
    auto decoded = decode_features(features);
    if (!decoded) return tl::unexpected(decoded.error());
    waiting_.push_back({std::move(*decoded), is_spam, LabelOrigin::person, false});
    if (how_ == How::delayed && waiting_.size() <= delay_) return {};
    learner_->learn(waiting_.front());
    waiting_.pop_front();
    return {};
}

}  // namespace cordon
