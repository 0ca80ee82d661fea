// SPDX-License-Identifier: GPL-2.0-only
// The tokens of a message as features of the classifier, and what the classifier makes of them: its
// probability, and in words the tokens that weighed most.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scoring/analysis/tokens.h"
#include "scoring/store/feature_vector.h"
#include "scoring/store/weight_table.h"

namespace cordon {

class FeatureCollector : public TokenSink {
 public:
    /// `table` may be null: features without an opinion.
    explicit FeatureCollector(const WeightTable* table);

    void token(TokenKind kind, std::string_view text) override;
    void grams(TokenKind kind, std::string_view text) override;

    FeatureVector features() const;  // sorted
    /// Nothing without a table, and while the table is being replaced.
    std::optional<Opinion> opinion() const;

 private:
    struct Heavy {
        float weight = 0;  // with the value of the feature
        TokenKind kind = TokenKind::word;
        std::string text;
    };
    bool insert(std::uint32_t place);
    void weigh(TokenKind kind, std::string_view text, std::uint32_t place);

    const WeightTable* table_;
    std::uint32_t change_ = 0;          // of the table when it was first read
    std::vector<std::uint32_t> slots_;  // open addressing; place + 1, 0 is free
    FeatureVector places_;
    std::vector<Heavy> heavy_;
    double sum_ = 0;
    double square_ = 0;
};

/// The same message wherever it is met again (its copy in a mailbox has other trace fields): a
/// hash over Message-ID, From, Subject, Date and the decoded parts. Hex.
std::string identity_of(const Message& message);

}  // namespace cordon
