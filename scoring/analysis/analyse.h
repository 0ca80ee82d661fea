// SPDX-License-Identifier: GPL-2.0-only
// The content analysis: a pure function of message bytes, envelope and snapshot. The same function
// runs in a worker, under `cordon scan`, in tests and under the fuzzer.
#pragma once

#include <memory>
#include <string_view>

#include "scoring/analysis/analysis.h"
#include "scoring/analysis/rule_set.h"
#include "scoring/checks/check.h"
#include "scoring/message/limits.h"
#include "scoring/store/weight_table.h"

namespace cordon {

/// What the analysis knows beside the message; immutable, compiled once in the zygote.
struct AnalysisSnapshot {
    RuleSet rules;
    SiteFacts site;
    Limits limits;
    const WeightTable* weights = nullptr;  // read-only and shared; null: no classifier
};

/// `with_features` adds what learning from the message needs.
Analysis analyse(std::string_view message, const EnvelopeFacts& envelope,
                 const AnalysisSnapshot& snapshot, bool with_features = false);

/// Only that: features and identity.
Analysis extract_features(std::string_view message, const EnvelopeFacts& envelope,
                          const Limits& limits);

}  // namespace cordon
