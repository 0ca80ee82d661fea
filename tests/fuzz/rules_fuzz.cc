// SPDX-License-Identifier: GPL-2.0-only
// The language of rules: any text is an expression or an error that fits one line; any pattern that
// the study understands is studied without a crash; samples never grow without bound.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "scoring/analysis/expression.h"
#include "scoring/analysis/regex_study.h"
#include "scoring/analysis/rule_file.h"

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

void check(const cordon::Expression& expression) {
    require(!expression.conditions.empty());
    for (std::size_t i = 0; i < expression.conditions.size(); ++i) {
        const auto& condition = expression.conditions[i];
        using Kind = cordon::Condition::Kind;
        const bool has_operands = condition.kind == Kind::both || condition.kind == Kind::either ||
                                  condition.kind == Kind::negation;
        require(!has_operands || (condition.left < i && condition.right < i));
    }
    for (const auto& regex : expression.regexes) require(!regex.pattern.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto read = cordon::parse_expression(text);
    if (read) check(*read);
    require(read || read.error().what.find('\n') == std::string::npos);
    const auto study = cordon::study_regex(text, {true, size % 2 == 0, size % 3 == 0, false});
    for (const auto& literal : study.any_of) require(literal.size() <= 4 * size + 4);
    const auto sample = cordon::parse_sample(text);
    require(!sample || sample->message.size() <= size + 300);
    return 0;
}
