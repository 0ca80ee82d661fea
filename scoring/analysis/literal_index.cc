// SPDX-License-Identifier: GPL-2.0-only
// A complete automaton over classes of bytes: one table look-up a byte, no back tracking.
#include "scoring/analysis/literal_index.h"

#include <queue>

#include "conf/base/text.h"

namespace cordon {

namespace {
constexpr std::uint32_t kNone = 0xffffffffU;

unsigned char byte_at(std::string_view text, std::size_t i) {
    return static_cast<unsigned char>(text[i]);
}
}  // namespace

void LiteralIndex::add(std::string_view literal, std::uint32_t id) {
    if (!literal.empty()) literals_.push_back({lower(literal), id});
}

void LiteralIndex::add_all(const LiteralIndex& guest, std::uint32_t offset) {
    for (const auto& literal : guest.literals_)
        literals_.push_back({literal.text, literal.id + offset});
}

void LiteralIndex::number_symbols() {
    symbol_.fill(0);
    symbols_ = 1;
    for (const auto& literal : literals_) {
        for (std::size_t i = 0; i < literal.text.size(); ++i) {
            auto& symbol = symbol_[byte_at(literal.text, i)];
            if (symbol == 0) symbol = static_cast<std::uint8_t>(symbols_++);
        }
    }
    for (unsigned char c = 'a'; c <= 'z'; ++c) symbol_[c - 32U] = symbol_[c];
}

std::size_t LiteralIndex::add_state() {
    next_.resize(next_.size() + symbols_, kNone);
    return next_.size() / symbols_ - 1;
}

void LiteralIndex::insert(const Literal& literal, std::vector<std::vector<std::uint32_t>>& ends) {
    std::size_t state = 0;
    for (std::size_t i = 0; i < literal.text.size(); ++i) {
        const unsigned symbol = symbol_[byte_at(literal.text, i)];
        if (next(state, symbol) == kNone) {
            const std::size_t created = add_state();
            next(state, symbol) = static_cast<std::uint32_t>(created);
            ends.emplace_back();
        }
        state = next(state, symbol);
    }
    ends[state].push_back(literal.id);
}

/// Breadth first: where a state has no way on, it takes that of its longest suffix.
void LiteralIndex::close(std::vector<std::vector<std::uint32_t>>& ends) {
    std::vector<std::uint32_t> suffix(ends.size(), 0);
    std::queue<std::uint32_t> open;
    for (unsigned symbol = 0; symbol < symbols_; ++symbol) {
        auto& target = next(0, symbol);
        if (target == kNone) {
            target = 0;
        } else {
            open.push(target);
        }
    }
    while (!open.empty()) {
        const std::uint32_t state = open.front();
        open.pop();
        const auto& inherited = ends[suffix[state]];
        ends[state].insert(ends[state].end(), inherited.begin(), inherited.end());
        for (unsigned symbol = 0; symbol < symbols_; ++symbol) {
            const std::uint32_t fallback = next(suffix[state], symbol);
            auto& target = next(state, symbol);
            if (target == kNone) {
                target = fallback;
            } else {
                suffix[target] = fallback;
                open.push(target);
            }
        }
    }
}

void LiteralIndex::build() {
    number_symbols();
    next_.clear();
    add_state();
    std::vector<std::vector<std::uint32_t>> ends(1);
    for (const auto& literal : literals_) insert(literal, ends);
    close(ends);
    first_end_.clear();
    ends_.clear();
    for (const auto& ids : ends) {
        first_end_.push_back(static_cast<std::uint32_t>(ends_.size()));
        ends_.insert(ends_.end(), ids.begin(), ids.end());
    }
    first_end_.push_back(static_cast<std::uint32_t>(ends_.size()));
    // From numbers of states to rows: the search needs no multiplication.
    for (auto& target : next_) {
        const std::uint32_t flag = ends[target].empty() ? 0 : kEnds;
        target = target * static_cast<std::uint32_t>(symbols_) | flag;
    }
}

}  // namespace cordon
