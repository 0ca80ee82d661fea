// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/analysis/rule_texts.h"

#include <algorithm>
#include <array>

#include "conf/base/text.h"

namespace cordon {

namespace {

constexpr std::size_t kMaxWindows = 1000;
constexpr std::size_t kBlocks = 4;  // of a stretch; it begins at one of them
constexpr std::size_t kBlockBytes = kStretchBytes / kBlocks;

/// Windows come almost in order; those that touch become one, too many become the whole.
void add_window(std::vector<RuleWindow>& windows, const RuleWindow& window) {
    if (!windows.empty() && windows.back().value == window.value) {
        auto& last = windows.back().starts;
        if (window.starts.first <= last.last + 1 || windows.size() >= kMaxWindows) {
            last.first = std::min(last.first, window.starts.first);
            last.last = std::max(last.last, window.starts.last);
            return;
        }
    }
    windows.push_back(window);
}

void begin_search(const ProgramText& text, RuleText& state) {
    state.windows.resize(text.slots);
    state.literals.assign(text.slots, 0);
    for (const auto slot : text.always) state.literals[slot] = kMaxMatches;
    state.is_ready = true;
}

void begin_value(const ProgramText& text, RuleText& state, std::size_t value) {
    const std::size_t size = state.found.values[value].size();
    for (const auto slot : text.always) state.windows[slot].push_back({value, {0, size}});
}

void add_literal(const LiteralUse& use, RuleText& state, std::size_t value, std::size_t end) {
    ++state.literals[use.slot];
    const std::size_t first = use.most == 0 || use.most > end ? 0 : end - use.most;
    add_window(state.windows[use.slot], {value, {first, end - use.least}});
}

/// Counts, block by block of a long text, how many expressions find a literal.
class Density {
 public:
    Density(std::size_t bytes, std::size_t slots)
        : blocks_(bytes / kBlockBytes + 1), last_(slots, blocks_.size()) {}

    void add(std::size_t slot, std::size_t end) {
        const std::size_t block = (end - 1) / kBlockBytes;
        if (last_[slot] == block) return;
        last_[slot] = block;
        ++blocks_[block];
    }
    /// Where the densest stretch begins; the first of several.
    std::size_t densest() const {
        std::size_t best = 0;
        std::size_t most = 0;
        for (std::size_t i = 0; i < blocks_.size(); ++i) {
            std::size_t sum = 0;
            for (std::size_t j = i; j < std::min(i + kBlocks, blocks_.size()); ++j)
                sum += blocks_[j];
            if (sum <= most) continue;
            most = sum;
            best = i;
        }
        return best * kBlockBytes;
    }

 private:
    std::vector<std::size_t> blocks_;
    std::vector<std::size_t> last_;  // by slot: the block in which it was seen last
};

std::string_view stretch_at(std::string_view text, std::size_t begin) {
    const auto is_inside = [&](std::size_t i) {
        return i < text.size() && (static_cast<unsigned char>(text[i]) & 0xc0U) == 0x80;
    };
    while (is_inside(begin)) ++begin;
    return utf8_prefix(text.substr(std::min(begin, text.size())), kStretchBytes);
}

}  // namespace

/// One value of a text of which another one is a stretch.
void RuleTexts::search_stretch(const ProgramText& whole, std::size_t value) {
    const ProgramText& text = program_.texts[*whole.stretch];
    RuleText& state = texts_[*whole.stretch];
    RuleText& all = texts_[*text.stretch_of];
    const std::string_view bytes = all.found.values[value];
    const std::size_t own = whole.uses.size();
    if (bytes.size() <= kStretchBytes) {
        state.found.add_view(bytes);
        begin_value(text, state, value);
        whole.literals.find(bytes, [&](std::uint32_t id, std::size_t end) {
            if (id < own) return add_literal(whole.uses[id], all, value, end);
            add_literal(text.uses[id - own], state, value, end);
        });
        return;
    }
    Density density(bytes.size(), text.slots);
    whole.literals.find(bytes, [&](std::uint32_t id, std::size_t end) {
        if (id < own) return add_literal(whole.uses[id], all, value, end);
        density.add(text.uses[id - own].slot, end);
    });
    state.found.add_view(stretch_at(bytes, density.densest()));
    begin_value(text, state, value);
    text.literals.find(state.found.values[value], [&](std::uint32_t id, std::size_t end) {
        add_literal(text.uses[id], state, value, end);
    });
}

const RuleText& RuleTexts::make(std::size_t index) {
    const ProgramText& text = program_.texts[index];
    RuleText& state = texts_[index];
    if (text.stretch_of) {
        at(*text.stretch_of);
        return state;
    }
    state.found = collect_text(text.ref, input_);
    begin_search(text, state);
    if (text.stretch) begin_search(program_.texts[*text.stretch], texts_[*text.stretch]);
    for (std::size_t value = 0; value < state.found.values.size(); ++value) {
        begin_value(text, state, value);
        if (text.stretch) {
            search_stretch(text, value);
            continue;
        }
        text.literals.find(state.found.values[value], [&](std::uint32_t id, std::size_t end) {
            add_literal(text.uses[id], state, value, end);
        });
    }
    return state;
}

}  // namespace cordon
