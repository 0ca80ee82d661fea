// SPDX-License-Identifier: GPL-2.0-only
// Learning while evaluating: each message is classified, then its label is given to the learner, at
// once, later, or for some messages only (Cormack, "TREC 2007 Spam Track Overview", section 3). The
// table lives in memory that the workers of this run share; no state of the site is touched.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "conf/base/file_descriptor.h"
#include "conf/base/result.h"
#include "scoring/store/learner.h"

namespace cordon {

class EvalLearning {
 public:
    /// "none", "immediate", "delayed=N" (the label comes N messages later), "partial=P" (it comes
    /// for the share P of the messages, evenly).
    static Result<std::unique_ptr<EvalLearning>> make(const std::string& how);

    bool is_on() const { return how_ != How::none; }
    /// The table for content workers, read-only.
    Result<UniqueFd> table() const;

    /// The next message of the stream: `features` as a worker encoded them.
    Result<void> feed(const std::string& features, bool is_spam);
    /// Learns at once, whatever the mode: training before the stream begins.
    Result<void> train(const std::string& features, bool is_spam);
    /// The training is over: goes through it again as `cordon learn` does.
    void end_training();

 private:
    enum class How : std::uint8_t { none, immediate, delayed, partial };
    EvalLearning() = default;
    Result<void> parse(const std::string& how);
    bool is_given();

    How how_ = How::none;
    std::size_t delay_ = 0;
    double share_ = 1;
    std::size_t fed_ = 0;
    UniqueFd file_;
    TableMapping table_;
    std::unique_ptr<Learner> learner_;
    std::deque<LabelledFeatures> waiting_;
    std::vector<LabelledFeatures> trained_;
};

}  // namespace cordon
