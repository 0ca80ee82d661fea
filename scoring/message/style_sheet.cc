// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/message/style_sheet.h"

#include <algorithm>
#include <array>
#include <string>

#include "conf/base/text.h"
#include "scoring/message/style_text.h"
#include "scoring/message/url_bytes.h"

namespace cordon {
namespace {

constexpr ByteSet kBraces("{}");
constexpr ByteSet kBlanks(" \t\r\n\f");
constexpr ByteSet kBetween(" \t\r\n\f};");
constexpr ByteSet kConditions(":[*");
constexpr ByteSet kAtRuleEnds("{;");

enum class Kind : std::uint8_t { tag = 't', class_ = 'c', id = 'i', tag_and_class = 'x' };

/// Selectors are looked up by the hash of their lower-case spelling.
std::uint64_t key_of(Kind kind, std::string_view first, std::string_view second = {}) {
    std::uint64_t hash = 0xCBF29CE484222325ULL ^ static_cast<std::uint64_t>(kind);
    const auto add = [&hash](char c) {
        hash = (hash ^ static_cast<std::uint8_t>(ascii_lower(c))) * 0x100000001B3ULL;
    };
    for (const char c : first) add(c);
    add('.');
    for (const char c : second) add(c);
    return hash;
}

/// A rule that perhaps applies: what it colours has some colour.
Style perhaps(const Style& style) {
    Style out;
    if (style.says(Property::colour)) out.set(Property::colour, Style::kUnknown);
    if (style.says(Property::background)) out.set(Property::background, Style::kUnknown);
    if (style.get(Property::picture, 0) == Style::kHides) out.set(Property::picture, Style::kHides);
    return out;
}

/// "@media screen" and the like; anything with a condition is for other people.
bool applies_always(std::string_view prelude) {
    if (!istarts_with(prelude, "@media")) return false;
    prelude = trim(prelude.substr(6));
    if (istarts_with(prelude, "only ")) prelude = trim(prelude.substr(5));
    return prelude.empty() || iequals(prelude, "screen") || iequals(prelude, "all");
}

/// Behind the "}" that closes the block whose "{" stands at `open`.
std::size_t block_end(std::string_view css, std::size_t open) {
    std::size_t depth = 0;
    for (auto at = open; at < css.size(); at = kBraces.find_in(css, at + 1)) {
        if (css[at] == '{') {
            ++depth;
        } else if (--depth == 0) {
            return at + 1;
        }
    }
    return css.size();
}

template <typename Action>
void for_each_word(std::string_view text, Action action) {
    while (true) {
        text.remove_prefix(kBlanks.find_other(text));
        if (text.empty()) return;
        const auto end = kBlanks.find_in(text);
        action(text.substr(0, end));
        text.remove_prefix(end);
    }
}

}  // namespace

void StyleSheet::add(std::string_view css) {
    std::string buffer;
    css = css_plain(css, buffer);
    while (!css.empty() && order_ < kMostRules) css.remove_prefix(add_rule(css));
}

/// One rule or the beginning of an at-rule; the bytes it takes.
std::size_t StyleSheet::add_rule(std::string_view css) {
    const auto start = kBetween.find_other(css);
    if (start == css.size()) return css.size();
    for (const std::string_view mark : {"<!--", "-->"}) {
        if (css.substr(start).starts_with(mark)) return start + mark.size();
    }
    const auto open = css[start] == '@' ? kAtRuleEnds.find_in(css, start)
                                        : std::min(css.find('{', start), css.size());
    if (open == css.size()) return css.size();
    const auto prelude = trim(css.substr(start, open - start));
    if (css[start] == '@') {
        if (css[open] == ';' || applies_always(prelude)) return open + 1;
        return block_end(css, open);
    }
    const auto end = block_end(css, open);
    ++order_;
    const auto style =
        parse_style(css.substr(open + 1, end - open - (css[end - 1] == '}' ? 2 : 1)));
    if (style.is_empty()) return end;
    for (const auto selector : split(prelude, ',')) add_selector(trim(selector), style);
    return end;
}

void StyleSheet::add_selector(std::string_view selector, const Style& style) {
    // Only for some state (:hover), or of somebody's attributes: says nothing here.
    if (kConditions.find_in(selector) != selector.size()) return;
    const auto combinator = selector.find_last_of(" \t\r\n>+~");
    bool is_certain = combinator == std::string_view::npos;
    if (!is_certain) selector.remove_prefix(combinator + 1);
    const auto mark = selector.find_first_of(".#");
    const auto tag = selector.substr(0, mark);
    if (mark == std::string_view::npos) {
        if (!tag.empty()) keep(key_of(Kind::tag, tag), is_certain ? style : perhaps(style));
        return;
    }
    const auto last = selector.find_last_of(".#");
    is_certain = is_certain && last == mark;
    const auto name = selector.substr(last + 1);
    const auto& kept = is_certain ? style : perhaps(style);
    if (selector[last] == '#') {
        keep(key_of(Kind::id, name), kept);
    } else if (tag.empty()) {
        keep(key_of(Kind::class_, name), kept);
    } else {
        has_tag_and_class_ = true;
        keep(key_of(Kind::tag_and_class, tag, name), kept);
    }
}

void StyleSheet::keep(std::uint64_t key, const Style& style) {
    if (style.is_empty() || rules_.size() >= kMostRules) return;
    present_.set(key % present_.size());
    Rule& rule = rules_[key];
    rule.style.merge(style);
    rule.order = order_;
    ++kept_;
}

const StyleSheet::Rule* StyleSheet::find(std::uint64_t key) const {
    if (!present_.test(key % present_.size())) return nullptr;
    const auto found = rules_.find(key);
    return found == rules_.end() ? nullptr : &found->second;
}

void StyleSheet::apply(std::string_view tag, std::string_view classes, std::string_view id,
                       Style& style) const {
    if (const auto* const rule = find(key_of(Kind::tag, tag))) style.merge(rule->style);
    // Among classes the order of the sheet counts, not that of the attribute.
    constexpr std::size_t kMost = 16;
    std::array<const Rule*, kMost> matched{};
    std::size_t count = 0;
    for (const auto kind : {Kind::class_, Kind::tag_and_class}) {
        if (kind == Kind::tag_and_class && !has_tag_and_class_) continue;
        const auto first = static_cast<std::ptrdiff_t>(count);
        for_each_word(classes, [&](std::string_view name) {
            const auto key = kind == Kind::class_ ? key_of(kind, name) : key_of(kind, tag, name);
            const auto* const rule = find(key);
            if (rule != nullptr && count < kMost) matched[count++] = rule;
        });
        std::sort(matched.begin() + first, matched.begin() + static_cast<std::ptrdiff_t>(count),
                  [](const Rule* a, const Rule* b) { return a->order < b->order; });
    }
    for (std::size_t i = 0; i < count; ++i) style.merge(matched[i]->style);
    if (const auto* const rule = id.empty() ? nullptr : find(key_of(Kind::id, id))) {
        style.merge(rule->style);
    }
}

namespace {

/// The target at the start of `text`, quoted or up to one of `ends`.
std::string_view target_at(std::string_view text, std::string_view ends) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
    const bool is_quoted = text.starts_with('"') || text.starts_with('\'');
    if (is_quoted) return text.substr(1, text.substr(1).find(text[0]));
    return text.substr(0, text.find_first_of(ends));
}

}  // namespace

std::vector<std::string_view> css_urls(std::string_view css, std::size_t limit) {
    constexpr std::size_t kLongestImport = 2048;
    constexpr std::size_t kMostImports = 100;
    std::vector<std::string_view> out;
    std::size_t at = 0;
    while (out.size() < limit && (at = css.find('(', at)) != std::string_view::npos) {
        ++at;
        if (at < 4 || !iequals(css.substr(at - 4, 3), "url")) continue;
        const auto target = target_at(css.substr(at), ") \t\r\n");
        if (target.empty()) continue;
        out.push_back(target);
        at = static_cast<std::size_t>(target.data() + target.size() - css.data());
    }
    at = 0;
    std::size_t imports = 0;
    while (imports < kMostImports && (at = css.find('@', at)) != std::string_view::npos) {
        const auto rule = css.substr(at++, kLongestImport);
        if (!istarts_with(rule, "@import")) continue;
        ++imports;
        const auto quote = rule.substr(0, rule.find_first_of(";\n(")).find_first_of("\"'");
        if (quote != std::string_view::npos && out.size() < limit)
            out.push_back(target_at(rule.substr(quote), ";"));
    }
    return out;
}

}  // namespace cordon
