// SPDX-License-Identifier: GPL-2.0-only
// A recursive descent with one function for each line of the grammar in docs/adding-a-rule.md.
#include "scoring/analysis/expression.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "conf/base/text.h"

namespace cordon {

namespace {

constexpr int kMaxDepth = 50;
constexpr std::size_t kMaxConditions = 1000;

bool is_word_byte(char c) {
    return is_alpha(c) || is_digit(c) || c == '_';
}
bool is_rule_name(std::string_view word) {
    return !word.empty() && (word[0] == '_' || (word[0] >= 'A' && word[0] <= 'Z'));
}

template <typename Table>
std::size_t index_of(const Table& table, std::string_view name) {
    std::size_t i = 0;
    while (i < table.size() && table[i].name != name) ++i;
    return i;
}

class Parser {
 public:
    explicit Parser(std::string_view text) : text_(text) {}

    Result<Expression> run() {
        auto root = either(0);
        if (!root) return fail(root.error().what);
        skip_blanks();
        if (at_ != text_.size()) return expected("'and', 'or' or the end");
        return std::move(out_);
    }

 private:
    using Index = std::size_t;

    Result<Index> either(int depth);
    Result<Index> both(int depth);
    Result<Index> negation(int depth);
    Result<Index> primary(int depth);
    Result<Index> named(std::size_t begin, std::string_view word);
    Result<Index> about_text(const TextRef& text);
    Result<Index> equality(const TextRef& text, bool is_negated);
    Result<Index> exists();
    Result<Index> comparison(Number first);
    Result<Number> number();
    Result<Number> constant();
    Result<Number> counted();
    Result<Number> counted_kinds();
    Result<TextRef> text_operand();
    Result<TextRef> text_named(std::size_t fact);
    Result<RegexText> regex(const TextRef& text);
    Result<std::string> quoted();
    Result<void> require(char c);

    tl::unexpected<Error> expected(std::string_view what) const {
        const auto found = text_.substr(std::min(at_, text_.size()));
        return fail(fmt::format("character {}: expected {}, found {}", at_ + 1, what,
                                found.empty() ? "the end" : "'" + printable(found, 30) + "'"));
    }

    void skip_blanks() {
        while (at_ < text_.size() && is_space(text_[at_])) ++at_;
    }
    char peek() {
        skip_blanks();
        return at_ < text_.size() ? text_[at_] : '\0';
    }
    bool take(std::string_view symbol) {
        skip_blanks();
        if (!text_.substr(at_).starts_with(symbol)) return false;
        at_ += symbol.size();
        return true;
    }
    std::string_view peek_word() {
        skip_blanks();
        std::size_t end = at_;
        while (end < text_.size() && is_word_byte(text_[end])) ++end;
        return text_.substr(at_, end - at_);
    }
    bool take_word(std::string_view word) {
        if (peek_word() != word) return false;
        at_ += word.size();
        return true;
    }

    Index add(Condition condition) {
        out_.conditions.push_back(std::move(condition));
        return out_.conditions.size() - 1;
    }
    Index add(Condition::Kind kind, Index left, Index right) {
        Condition condition;
        condition.kind = kind;
        condition.left = left;
        condition.right = right;
        return add(std::move(condition));
    }
    Index add_indexed(Condition::Kind kind, std::size_t index) {
        Condition condition;
        condition.kind = kind;
        condition.index = index;
        return add(std::move(condition));
    }
    std::size_t add_text(const TextRef& text) {
        out_.texts.push_back(text);
        return out_.texts.size() - 1;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    Expression out_;
};

Result<void> Parser::require(char c) {
    if (take(std::string_view(&c, 1))) return {};
    return expected(fmt::format("'{}'", c));
}

Result<Parser::Index> Parser::either(int depth) {
    auto left = both(depth);
    while (left && take_word("or")) {
        auto right = both(depth);
        if (!right) return right;
        left = add(Condition::Kind::either, *left, *right);
    }
    return left;
}

Result<Parser::Index> Parser::both(int depth) {
    auto left = negation(depth);
    while (left && take_word("and")) {
        auto right = negation(depth);
        if (!right) return right;
        left = add(Condition::Kind::both, *left, *right);
    }
    return left;
}

Result<Parser::Index> Parser::negation(int depth) {
    if (depth > kMaxDepth || out_.conditions.size() > kMaxConditions) {
        return fail("the expression is nested too deep or too long");
    }
    if (!take_word("not")) return primary(depth);
    auto inner = negation(depth + 1);
    if (!inner) return inner;
    return add(Condition::Kind::negation, *inner, *inner);
}

Result<Parser::Index> Parser::primary(int depth) {
    if (take("(")) {
        auto inner = either(depth + 1);
        if (!inner) return inner;
        if (auto closed = require(')'); !closed) return fail(closed.error().what);
        return inner;
    }
    if (is_digit(peek())) {
        auto first = constant();
        return first ? comparison(*first) : fail(first.error().what);
    }
    const auto word = peek_word();
    if (word.empty()) return expected("a condition (a text, a number, a rule or '(')");
    const std::size_t begin = at_;
    at_ += word.size();
    return named(begin, word);
}

Result<Parser::Index> Parser::named(std::size_t begin, std::string_view word) {
    if (is_rule_name(word)) {
        out_.rules.emplace_back(word);
        return add_indexed(Condition::Kind::rule, out_.rules.size() - 1);
    }
    if (word == "exists") return exists();
    if (word == "count" || word == "kinds") {
        auto count = word == "count" ? counted() : counted_kinds();
        return count ? comparison(*count) : fail(count.error().what);
    }
    if (const auto i = index_of(text_facts(), word); i < text_facts().size()) {
        auto text = text_named(i);
        return text ? about_text(*text) : fail(text.error().what);
    }
    if (const auto i = index_of(number_facts(), word); i < number_facts().size()) {
        return comparison({Number::Kind::fact, 0, i});
    }
    if (const auto i = index_of(truth_facts(), word); i < truth_facts().size()) {
        return add_indexed(Condition::Kind::fact, i);
    }
    at_ = begin;
    return expected("a text, number or truth of docs/adding-a-rule.md or the NAME of a rule");
}

Result<TextRef> Parser::text_named(std::size_t fact) {
    TextRef ref{fact, {}};
    if (!text_facts()[fact].has_argument) return ref;
    if (auto open = require('('); !open) return fail(open.error().what);
    skip_blanks();
    const std::size_t begin = at_;
    while (at_ < text_.size() && text_[at_] > ' ' && text_[at_] != ')' && text_[at_] != ':') ++at_;
    if (at_ == begin) return expected("the name of a header field");
    ref.argument = lower(text_.substr(begin, at_ - begin));
    if (auto closed = require(')'); !closed) return fail(closed.error().what);
    return ref;
}

Result<TextRef> Parser::text_operand() {
    const auto word = peek_word();
    const auto fact = index_of(text_facts(), word);
    if (fact == text_facts().size())
        return expected("a text such as header(Name), subject or body");
    at_ += word.size();
    return text_named(fact);
}

Result<Parser::Index> Parser::about_text(const TextRef& text) {
    const bool is_negated = take("!~");
    if (is_negated || take("=~")) {
        auto read = regex(text);
        if (!read) return fail(read.error().what);
        out_.regexes.push_back(std::move(*read));
        const Index match = add_indexed(Condition::Kind::matches, out_.regexes.size() - 1);
        return is_negated ? add(Condition::Kind::negation, match, match) : match;
    }
    if (take("==")) return equality(text, false);
    if (take("!=")) return equality(text, true);
    return expected("=~, !~, == or != after a text");
}

Result<Parser::Index> Parser::equality(const TextRef& text, bool is_negated) {
    auto value = quoted();
    if (!value) return fail(value.error().what);
    Condition condition;
    condition.kind = Condition::Kind::equals;
    condition.index = add_text(text);
    condition.value = std::move(*value);
    const Index equal = add(std::move(condition));
    return is_negated ? add(Condition::Kind::negation, equal, equal) : equal;
}

Result<Parser::Index> Parser::exists() {
    if (auto open = require('('); !open) return fail(open.error().what);
    auto text = text_operand();
    if (!text) return fail(text.error().what);
    if (auto closed = require(')'); !closed) return fail(closed.error().what);
    return add_indexed(Condition::Kind::exists, add_text(*text));
}

Result<Parser::Index> Parser::comparison(Number first) {
    constexpr std::array<std::pair<std::string_view, Comparison>, 6> kSigns = {{
        {"<=", Comparison::less_equal},
        {">=", Comparison::greater_equal},
        {"==", Comparison::equal},
        {"!=", Comparison::not_equal},
        {"<", Comparison::less},
        {">", Comparison::greater},
    }};
    Condition condition;
    condition.kind = Condition::Kind::compare;
    condition.first = first;
    for (const auto& [sign, comparison] : kSigns) {
        if (!take(sign)) continue;
        condition.comparison = comparison;
        auto second = number();
        if (!second) return fail(second.error().what);
        condition.second = *second;
        return add(std::move(condition));
    }
    return expected("<, <=, >, >=, == or != after a number");
}

Result<Number> Parser::number() {
    if (is_digit(peek())) return constant();
    if (take_word("count")) return counted();
    if (take_word("kinds")) return counted_kinds();
    const auto word = peek_word();
    const auto fact = index_of(number_facts(), word);
    if (fact == number_facts().size()) return expected("a number");
    at_ += word.size();
    return Number{Number::Kind::fact, 0, fact};
}

Result<Number> Parser::constant() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
    const auto value = parse_unsigned(text_.substr(begin, at_ - begin));
    std::int64_t unit = 1;
    if (at_ < text_.size() && (text_[at_] == 'k' || text_[at_] == 'M')) {
        unit = text_[at_++] == 'k' ? 1000 : 1'000'000;
    }
    const bool is_glued = at_ < text_.size() && is_word_byte(text_[at_]);
    if (!value || *value > 1'000'000'000'000U || is_glued) {
        at_ = begin;
        return expected("a number such as 5, 20k or 3M");
    }
    return Number{Number::Kind::constant, static_cast<std::int64_t>(*value) * unit, 0};
}

Result<Number> Parser::counted() {
    if (auto open = require('('); !open) return fail(open.error().what);
    auto text = text_operand();
    if (!text) return fail(text.error().what);
    Number number;
    if (take("=~")) {
        auto read = regex(*text);
        if (!read) return fail(read.error().what);
        out_.regexes.push_back(std::move(*read));
        number = {Number::Kind::matches, 0, out_.regexes.size() - 1};
    } else {
        number = {Number::Kind::values, 0, add_text(*text)};
    }
    if (auto closed = require(')'); !closed) return fail(closed.error().what);
    return number;
}

Result<Number> Parser::counted_kinds() {
    auto number = counted();
    if (!number) return number;
    if (number->kind != Number::Kind::matches) return fail("kinds() needs =~ and an expression");
    number->kind = Number::Kind::different_matches;
    return number;
}

Result<RegexText> Parser::regex(const TextRef& text) {
    RegexText read{text, {}, {}};
    if (!take("/")) return expected("a regular expression between slashes");
    for (; at_ < text_.size() && text_[at_] != '/'; ++at_) {
        if (text_[at_] == '\\' && at_ + 1 < text_.size()) {
            if (text_[at_ + 1] != '/') read.pattern += '\\';
            ++at_;
        }
        read.pattern += text_[at_];
    }
    if (at_ >= text_.size()) return expected("'/' after the regular expression");
    if (read.pattern.empty()) return expected("a regular expression that is not empty");
    ++at_;
    while (at_ < text_.size() && is_alpha(text_[at_])) read.flags += text_[at_++];
    return read;
}

Result<std::string> Parser::quoted() {
    if (!take("\"")) return expected("a text in double quotes");
    const auto end = text_.find('"', at_);
    if (end == std::string_view::npos) return expected("'\"' after the text");
    std::string value(text_.substr(at_, end - at_));
    at_ = end + 1;
    return value;
}

}  // namespace

Result<Expression> parse_expression(std::string_view text) {
    return Parser(text).run();
}

}  // namespace cordon
