// SPDX-License-Identifier: GPL-2.0-only
// The rules of <style> elements that hide or colour text, for simple selectors (tag, .class, #id,
// tag.class). A rule that applies only in some place ("td.x .y") makes colours of its last element
// unknown and hides nothing; rules for some screens only (@media with conditions) are left out.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "scoring/message/style.h"

namespace cordon {

class StyleSheet {
 public:
    /// The content of one <style> element. At most kMostRules are kept.
    void add(std::string_view css);
    bool is_empty() const { return rules_.empty(); }
    /// How many have been kept so far; grows with each that says something.
    std::size_t rules() const { return kept_; }
    /// Merges into `style` what the rules say of an element; names as in the document.
    void apply(std::string_view tag, std::string_view classes, std::string_view id,
               Style& style) const;

    static constexpr std::size_t kMostRules = 4000;

 private:
    struct Rule {
        Style style;
        std::uint32_t order = 0;
    };

    std::size_t add_rule(std::string_view css);
    void add_selector(std::string_view selector, const Style& style);
    void keep(std::uint64_t key, const Style& style);
    const Rule* find(std::uint64_t key) const;

    std::map<std::uint64_t, Rule> rules_;
    std::bitset<4096> present_;  // by the low bits of a key: most look-ups find nothing
    bool has_tag_and_class_ = false;
    std::uint32_t order_ = 0;
    std::size_t kept_ = 0;
};

/// The targets of url(...) and @import "..." in CSS, as written, at most `limit`.
std::vector<std::string_view> css_urls(std::string_view css, std::size_t limit);

}  // namespace cordon
