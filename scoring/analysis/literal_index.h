// SPDX-License-Identifier: GPL-2.0-only
// Finds which of many literals occur in a text in one pass (Aho and Corasick, 1975), without regard
// to case, so that a regular expression runs only where a literal that it needs occurs.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cordon {

class LiteralIndex {
 public:
    /// `id` is reported when `literal` (lower case) occurs; several literals may share an id.
    void add(std::string_view literal, std::uint32_t id);
    /// After the last add() and before the first find().
    void build();

    /// Calls found(id, end) for each literal that ends before `end`, in order. One step a byte, and
    /// one a literal found. ASCII letters match in both cases, and so do U+017F and U+212A, which
    /// PCRE2 folds to s and k.
    template <typename Found>
    void find(std::string_view text, Found found) const {
        if (literals_.empty()) return;
        const std::uint32_t* const next = next_.data();
        const std::uint8_t* const symbol = symbol_.data();
        std::uint32_t at = 0;
        for (std::size_t i = 0; i < text.size(); ++i) {
            const std::uint32_t target = next[at + symbol[folded(text, i)]];
            at = target & ~kEnds;
            if ((target & kEnds) == 0) continue;
            const std::size_t state = at / symbols_;
            for (std::uint32_t e = first_end_[state]; e < first_end_[state + 1]; ++e) {
                found(ends_[e], i + 1);
            }
        }
    }

    /// Also finds what `guest` finds; its ids are reported `offset` higher. Before build().
    void add_all(const LiteralIndex& guest, std::uint32_t offset);

    bool is_empty() const { return literals_.empty(); }

 private:
    struct Literal {
        std::string text;
        std::uint32_t id;
    };

    /// U+017F (C5 BF) is s, U+212A (E2 84 AA) is k; `i` moves to the last byte of the character.
    static unsigned char folded(std::string_view text, std::size_t& i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte < 0xc5) return byte;
        if (byte == 0xc5 && text.substr(i + 1, 1) == "\xbf") {
            i += 1;
            return 's';
        }
        if (byte == 0xe2 && text.substr(i + 1, 2) == "\x84\xaa") {
            i += 2;
            return 'k';
        }
        return byte;
    }

    static constexpr std::uint32_t kEnds = 1U << 31U;  // a literal ends with this step

    std::uint32_t& next(std::size_t state, unsigned symbol) {
        return next_[state * symbols_ + symbol];
    }
    void number_symbols();
    void insert(const Literal& literal, std::vector<std::vector<std::uint32_t>>& ends);
    std::size_t add_state();
    void close(std::vector<std::vector<std::uint32_t>>& ends);

    std::vector<Literal> literals_;
    std::array<std::uint8_t, 256> symbol_{};  // 0: in no literal
    std::size_t symbols_ = 1;
    // Row of a state, by symbol -> row of the next state, with kEnds.
    std::vector<std::uint32_t> next_;
    std::vector<std::uint32_t> first_end_;  // state -> where its ids begin in ends_
    std::vector<std::uint32_t> ends_;
};

}  // namespace cordon
