// SPDX-License-Identifier: GPL-2.0-only
// A recursive descent over the part of PCRE2's syntax that rules use. Each node knows the exact
// texts it matches (if they are few) or a set of literals one of which it needs.
#include "scoring/analysis/regex_study.h"

#include <algorithm>
#include <cstdint>

#include "conf/base/text.h"
#include "scoring/analysis/latin_case.h"
#include "scoring/analysis/literals.h"

namespace cordon {

namespace {

constexpr int kMaxDepth = 40;
constexpr std::size_t kMaxAlternatives = 300;
constexpr std::size_t kLongestUtf8 = 4;
constexpr std::size_t kUnbounded = 1U << 20U;  // lengths are sums below it, or it

struct Node {
    Literals exact;             // matches these texts (in any case) and nothing else; empty: others
    Literals any_of;            // needs one of these
    std::size_t longest = 0;    // bytes of the longest match
    bool is_unbounded = false;  // holds a repeat without bound
    bool is_atomic = false;     // never read a second way
};

std::size_t bounded(std::size_t length) {
    return std::min(length, kUnbounded);
}

struct Repeat {
    std::size_t minimum = 1;
    std::size_t maximum = 1;
    bool is_plain = true;  // no quantifier was there
    bool is_unbounded = false;
    bool is_possessive = false;
};

class Study {
 public:
    Study(std::string_view pattern, RegexMode mode) : pattern_(pattern), mode_(mode) {}

    RegexStudy run() {
        Node node = alternatives(0);
        if (at_ != pattern_.size()) is_opaque_ = true;
        RegexStudy result;
        result.has_nested_repeat = has_nested_repeat_;
        result.has_ambiguous_repeat = has_ambiguous_repeat_;
        if (is_opaque_) return result;
        if (node.longest < kUnbounded && !has_lookahead_) result.longest = node.longest;
        if (shortest(node.exact) >= kMinLiteral) node.any_of = std::move(node.exact);
        for (const auto& literal : node.any_of) {
            result.any_of.push_back(lower(literal.text));
            result.ahead.push_back(literal.ahead < kUnbounded ? literal.ahead : 0);
        }
        return result;
    }

 private:
    bool at_end() const { return is_opaque_ || at_ >= pattern_.size(); }
    bool ahead(std::string_view text) const { return pattern_.substr(at_).starts_with(text); }
    Node opaque() {
        is_opaque_ = true;
        return {};
    }
    Node any() const { return {{}, {}, mode_.is_utf ? kLongestUtf8 : 1U, false}; }
    static Node zero_width() { return {{Literal{}}, {}, 0, false}; }
    Node exactly(std::string text) const;

    Node alternatives(int depth);
    Node sequence(int depth);
    Node atom(int depth);
    Node group(int depth);
    Node character_class();
    void skip_posix_class();
    Node escape();
    Node hexadecimal();
    Node property();
    Node literal_character();
    Node code_point(std::uint32_t value) const;
    Repeat repeat();
    bool braces(Repeat& found);
    void skip_blanks();

    std::string_view pattern_;
    RegexMode mode_;
    std::size_t at_ = 0;
    bool is_opaque_ = false;
    bool has_nested_repeat_ = false;
    bool has_ambiguous_repeat_ = false;
    bool has_lookahead_ = false;
};

Node Study::exactly(std::string text) const {
    std::size_t longest = text.size();
    // U+212A is a k and U+017F an s in another case.
    if (mode_.is_caseless && mode_.is_utf && (iequals(text, "k") || iequals(text, "s")))
        longest = 3;
    return {{Literal{std::move(text), longest}}, {}, longest, false};
}

Node Study::alternatives(int depth) {
    if (depth > kMaxDepth) return opaque();
    Node all = sequence(depth);
    if (at_end() || pattern_[at_] != '|') return all;
    const auto needs = [](const Node& node) {
        return node.exact.empty() ? node.any_of : node.exact;
    };
    bool is_known = true;
    bool is_exact = true;
    Node joined;
    const auto join = [&](const Node& node) {
        is_exact = is_exact && !node.exact.empty();
        joined.is_unbounded = joined.is_unbounded || node.is_unbounded;
        joined.longest = std::max(joined.longest, node.longest);
        Literals branch = needs(node);
        is_known = is_known && shortest(branch) >= kMinLiteral;
        joined.any_of.insert(joined.any_of.end(), branch.begin(), branch.end());
    };
    join(all);
    while (!at_end() && pattern_[at_] == '|') {
        ++at_;
        join(sequence(depth));
    }
    if (is_exact && joined.any_of.size() <= kMaxExact) joined.exact = joined.any_of;
    if (!is_known || joined.any_of.size() > kMaxAlternatives) joined.any_of.clear();
    return joined;
}

/// The literal neighbours of a sequence grow into one run; the best of all candidates is kept.
Node Study::sequence(int depth) {
    Literals best;
    Literals run(1);
    bool is_exact = true;
    bool is_unbounded = false;
    std::size_t longest = 0;
    std::size_t run_begin = 0;  // bytes before the run, at most
    const auto close_run = [&] {
        if (is_better(run, best)) best = behind(run, run_begin);
        run.assign(1, {});
    };
    for (skip_blanks(); !at_end() && pattern_[at_] != '|' && pattern_[at_] != ')'; skip_blanks()) {
        Node node = atom(depth);
        const Repeat times = repeat();
        const bool is_open = times.is_unbounded && !times.is_possessive;
        if (is_open && node.is_unbounded) has_nested_repeat_ = true;
        if (is_open && !node.is_atomic && is_ambiguous(node.exact, mode_.is_caseless))
            has_ambiguous_repeat_ = true;
        is_unbounded = is_unbounded || is_open || (node.is_unbounded && !times.is_possessive);
        const std::size_t before = longest;
        longest = bounded(longest + bounded(times.maximum * node.longest));
        const bool is_text = !node.exact.empty();
        if (is_text && times.minimum > 0 && !append(run, node.exact)) {
            is_exact = false;
            close_run();
            run = node.exact;
            run_begin = before;
        }
        if (is_text && times.is_plain) continue;
        is_exact = false;
        close_run();
        run_begin = longest;
        if (times.minimum > 0 && is_better(node.any_of, best)) best = behind(node.any_of, before);
    }
    if (is_exact) return {run, {}, longest, is_unbounded};
    close_run();
    return {{}, std::move(best), longest, is_unbounded};
}

Node Study::atom(int depth) {
    switch (pattern_[at_]) {
        case '(': return group(depth);
        case '[': return character_class();
        case '\\': return escape();
        case '.': ++at_; return any();
        case '^':
        case '$': ++at_; return zero_width();
        case '*':
        case '+':
        case '?': return opaque();
        default: return literal_character();
    }
}

Node Study::group(int depth) {
    bool is_assertion = false;
    bool is_atomic = false;
    if (ahead("(?:") || ahead("(?|")) {
        at_ += 3;
    } else if (ahead("(?>")) {
        at_ += 3;
        is_atomic = true;
    } else if (ahead("(?=") || ahead("(?!")) {
        at_ += 3;
        is_assertion = true;
        has_lookahead_ = true;
    } else if (ahead("(?<=") || ahead("(?<!")) {
        at_ += 4;
        is_assertion = true;
    } else if (ahead("(?") || ahead("(*")) {
        return opaque();
    } else {
        ++at_;
    }
    Node inner = alternatives(depth + 1);
    if (at_end() || pattern_[at_] != ')') return opaque();
    ++at_;
    if (is_atomic) inner.is_unbounded = false;
    inner.is_atomic = is_atomic;
    return is_assertion ? zero_width() : inner;
}

void Study::skip_posix_class() {
    const auto end = pattern_.find(":]", at_ + 2);
    at_ = end == std::string_view::npos ? pattern_.size() : end + 2;
}

/// Only [x] of a single plain character is a literal.
Node Study::character_class() {
    const std::size_t begin = ++at_;
    if (!at_end() && pattern_[at_] == '^') ++at_;
    if (!at_end() && pattern_[at_] == ']') ++at_;
    while (!at_end() && pattern_[at_] != ']') {
        if (ahead("[:")) {
            skip_posix_class();
        } else {
            at_ += pattern_[at_] == '\\' ? 2U : 1U;
        }
    }
    if (at_end()) return opaque();
    const auto inside = pattern_.substr(begin, at_ - begin);
    ++at_;
    const bool is_single = inside.size() == 1 && inside[0] != '\\' && inside[0] != '^' &&
                           static_cast<unsigned char>(inside[0]) < 0x80;
    return is_single ? exactly(std::string(inside)) : any();
}

Node Study::code_point(std::uint32_t value) const {
    std::string text;
    if (value < 0x80) {
        text = static_cast<char>(value);
    } else if (const auto other = other_case(value); mode_.is_utf && mode_.is_caseless && other) {
        Literals both(other == value ? 1 : 2);
        append_utf8(both.front().text, value);
        if (other != value) append_utf8(both.back().text, other);
        const std::size_t longest = std::max(both.front().text.size(), both.back().text.size());
        return {behind(both, longest), {}, longest, false};
    } else if (mode_.is_caseless || !mode_.is_utf || value == 0x17f || value == 0x212a) {
        return any();  // other cases or other bytes may match
    } else {
        append_utf8(text, value);
    }
    return exactly(text);
}

Node Study::hexadecimal() {
    const bool is_braced = !at_end() && pattern_[at_] == '{';
    at_ += is_braced ? 1U : 0U;
    const std::size_t limit = is_braced ? 6 : 2;
    std::uint32_t value = 0;
    std::size_t digits = 0;
    for (; digits < limit && !at_end(); ++digits, ++at_) {
        const char c = ascii_lower(pattern_[at_]);
        const bool is_letter = c >= 'a' && c <= 'f';
        if (!is_digit(c) && !is_letter) break;
        value = value * 16 + static_cast<std::uint32_t>(is_letter ? c - 'a' + 10 : c - '0');
    }
    if (is_braced && (at_end() || pattern_[at_++] != '}')) return opaque();
    return digits == 0 ? opaque() : code_point(value);
}

Node Study::property() {
    if (at_end()) return opaque();
    if (pattern_[at_] != '{') {
        ++at_;
        return any();
    }
    const auto end = pattern_.find('}', at_);
    if (end == std::string_view::npos) return opaque();
    at_ = end + 1;
    return any();
}

Node Study::escape() {
    if (++at_ >= pattern_.size()) return opaque();
    const char c = pattern_[at_++];
    constexpr std::string_view kSets = "dDwWsShHvVNR";
    constexpr std::string_view kAssertions = "bBAzZG";
    const bool is_narrow = (c == 'd' || c == 'w' || c == 's') && !mode_.is_unicode;
    if (is_narrow) return {{}, {}, 1, false};
    if (kSets.find(c) != std::string_view::npos) return any();
    if (kAssertions.find(c) != std::string_view::npos) return zero_width();
    switch (c) {
        case 'n': return code_point('\n');
        case 'r': return code_point('\r');
        case 't': return code_point('\t');
        case 'f': return code_point('\f');
        case 'e': return code_point(0x1b);
        case 'a': return code_point(0x07);
        case 'x': return hexadecimal();
        case 'p':
        case 'P': return property();
        default: break;
    }
    if (c >= '1' && c <= '9') {
        return at_end() || !is_digit(pattern_[at_]) ? Node{{}, {}, kUnbounded, false} : opaque();
    }
    if (is_alpha(c) || is_digit(c) || static_cast<unsigned char>(c) >= 0x80) return opaque();
    return exactly(std::string(1, c));
}

/// One character of the pattern as it stands, which may be several bytes of UTF-8.
Node Study::literal_character() {
    const auto lead = static_cast<unsigned char>(pattern_[at_]);
    if (lead < 0x80) return exactly(std::string(1, pattern_[at_++]));
    std::size_t length = 1;
    while (mode_.is_utf && at_ + length < pattern_.size() &&
           (static_cast<unsigned char>(pattern_[at_ + length]) & 0xc0U) == 0x80) {
        ++length;
    }
    const std::string text(pattern_.substr(at_, length));
    at_ += length;
    const bool is_folded = text == "\u017f" || text == "\u212a";
    return mode_.is_caseless || !mode_.is_utf || is_folded ? any() : exactly(text);
}

/// {n}, {n,} and {n,m}; any other brace is an ordinary character.
bool Study::braces(Repeat& found) {
    const auto end = pattern_.find('}', at_);
    if (end == std::string_view::npos) return false;
    const auto bounds = split(pattern_.substr(at_ + 1, end - at_ - 1), ',');
    const auto low = parse_unsigned(bounds.front());
    if (bounds.size() > 2 || !low) return false;
    const auto high = parse_unsigned(bounds.back());
    found.is_unbounded = bounds.size() == 2 && bounds[1].empty();
    if (!found.is_unbounded && !high) return false;
    found.minimum = *low;
    found.maximum = found.is_unbounded ? kUnbounded : bounded(*high);
    at_ = end + 1;
    return true;
}

Repeat Study::repeat() {
    Repeat found;
    skip_blanks();
    if (at_end()) return found;
    const char c = pattern_[at_];
    if (c == '*' || c == '+' || c == '?') {
        found.minimum = c == '+' ? 1U : 0U;
        found.is_unbounded = c != '?';
        found.maximum = c == '?' ? 1 : kUnbounded;
        ++at_;
    } else if (c != '{' || !braces(found)) {
        return found;
    }
    found.is_plain = false;
    if (!at_end() && (pattern_[at_] == '?' || pattern_[at_] == '+')) {
        found.is_possessive = pattern_[at_] == '+';
        ++at_;
    }
    return found;
}

void Study::skip_blanks() {
    while (mode_.is_extended && !at_end()) {
        if (is_space(pattern_[at_])) {
            ++at_;
        } else if (pattern_[at_] == '#') {
            const auto end = pattern_.find('\n', at_);
            at_ = end == std::string_view::npos ? pattern_.size() : end + 1;
        } else {
            return;
        }
    }
}

}  // namespace

RegexStudy study_regex(std::string_view pattern, RegexMode mode) {
    return Study(pattern, mode).run();
}

}  // namespace cordon
