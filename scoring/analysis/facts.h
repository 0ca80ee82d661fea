// SPDX-License-Identifier: GPL-2.0-only
// What rules can ask of a message, by name: texts (with all their values), numbers and truths. The
// three tables are the only place where such a name stands.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scoring/checks/check.h"

namespace cordon {

/// The values of a text; what had to be made is kept in `made`, the rest are views of the message.
struct TextValues {
    std::vector<std::string_view> values;
    std::deque<std::string> made;

    void add(std::string text) { values.push_back(made.emplace_back(std::move(text))); }
    void add_view(std::string_view text) { values.push_back(text); }
};

struct TextFact {
    std::string_view name;
    bool has_argument;  // header(Name)
    bool is_utf;        // valid UTF-8; otherwise bytes as received
    void (*collect)(const CheckInput&, std::string_view argument, TextValues&);
    std::string_view describe;
    // Set: each value is the stretch of kStretchBytes of a value of that text in which most
    // expressions find a literal; `collect` is the other's.
    std::string_view stretch_of = {};
};

/// A longer text is an article or a digest, not a letter.
constexpr std::size_t kStretchBytes = 6000;

struct NumberFact {
    std::string_view name;
    std::int64_t (*value)(const CheckInput&);
    std::string_view describe;
};

struct TruthFact {
    std::string_view name;
    bool (*value)(const CheckInput&);
    std::string_view describe;
};

std::span<const TextFact> text_facts();
std::span<const NumberFact> number_facts();
std::span<const TruthFact> truth_facts();

/// Which text an expression speaks of.
struct TextRef {
    std::size_t fact = 0;  // index of text_facts()
    std::string argument;  // lower case

    friend bool operator==(const TextRef&, const TextRef&) = default;
};

/// Fills in all values, valid UTF-8 where the fact promises it.
TextValues collect_text(const TextRef& ref, const CheckInput& input);

/// Runs of white space become one blank, empty lines one line end; zero-width characters go.
std::string fold_text(std::string_view utf8);

}  // namespace cordon
