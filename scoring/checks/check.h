// SPDX-License-Identifier: GPL-2.0-only
// A content check in C++, for what an expression in conf/rules can't say. One family a file: a
// table of rules, one pure function, and `extern const Check check_<file stem>`. The build lists
// the files; nothing else is to be edited. Samples: tests/data/rules/<RULE>/hit-*.eml and
// miss-*.eml.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scoring/analysis/analysis.h"
#include "scoring/message/message.h"

namespace cordon {

struct CheckRule {
    std::string_view name;
    double score;
    std::string_view describe;
};

/// What the site told Cordon about itself, as far as content checks need it.
struct SiteFacts {
    std::vector<std::string> own_domains;      // lower case
    std::vector<std::string> own_people = {};  // "Jane Doe", "John Roe <john@roe.example>"
};

/// What scoring/analysis/derived.h keeps of the message while it is looked at.
struct Derived;
std::shared_ptr<Derived> make_derived();

struct CheckInput {
    const Message& message;
    const EnvelopeFacts& envelope;
    const SiteFacts& site;
    std::shared_ptr<Derived> derived = make_derived();
};

/// Collects hits; a rule counts once, its first detail is kept.
class Hits {
 public:
    void add(std::string_view rule, std::string_view detail = {});
    bool has(std::string_view rule) const;
    const std::vector<Hit>& all() const { return hits_; }
    std::vector<Hit> take() { return std::move(hits_); }

 private:
    std::vector<Hit> hits_;
};

struct Check {
    std::string_view family;
    std::span<const CheckRule> rules;
    void (*run)(const CheckInput&, Hits&);
};

/// Every check of the folder, in order of file names.
std::span<const Check* const> all_checks();

}  // namespace cordon
