// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/analysis/regex.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "conf/base/text.h"

namespace cordon {

namespace {

// A match of a sane rule takes some hundred steps; the limits bound what hostile text can make of
// it.
constexpr std::uint32_t kMatchLimit = 20'000;
constexpr std::uint32_t kDepthLimit = 5'000;
constexpr std::uint32_t kHeapLimitKb = 2'048;
constexpr std::size_t kMaxPatternBytes = 16 * 1024;
constexpr std::size_t kMargin = 64;

const unsigned char* bytes_of(std::string_view text) {
    static constexpr unsigned char kNothing = 0;  // PCRE2 wants a pointer even for no bytes
    return text.empty() ? &kNothing : reinterpret_cast<const unsigned char*>(text.data());
}

Result<std::uint32_t> options_for(std::string_view flags) {
    std::uint32_t options = PCRE2_NEVER_BACKSLASH_C | PCRE2_USE_OFFSET_LIMIT;
    for (const char flag : flags) {
        switch (flag) {
            case 'i': options |= PCRE2_CASELESS; break;
            case 'm': options |= PCRE2_MULTILINE; break;
            case 's': options |= PCRE2_DOTALL; break;
            case 'x': options |= PCRE2_EXTENDED; break;
            case 'u': options |= PCRE2_UCP; break;
            default: return fail(fmt::format("unknown flag '{}' (known: i m s u x)", flag));
        }
    }
    return options;
}

std::string error_text(int code) {
    std::array<unsigned char, 200> buffer{};
    const int length = pcre2_get_error_message(code, buffer.data(), buffer.size());
    std::string text;
    for (int i = 0; i < length; ++i) text += static_cast<char>(buffer[static_cast<std::size_t>(i)]);
    return text;
}

/// Where the character begins that holds the byte at `at`.
std::size_t character_begin(std::string_view text, std::size_t at, bool is_utf) {
    if (at >= text.size()) return text.size();
    while (is_utf && at > 0 && (static_cast<unsigned char>(text[at]) & 0xc0U) == 0x80) --at;
    return at;
}

}  // namespace

RegexScratch::RegexScratch()
    : data_(pcre2_match_data_create(1, nullptr)), context_(pcre2_match_context_create(nullptr)) {
    if (!context_) return;
    pcre2_set_match_limit(context_.get(), kMatchLimit);
    pcre2_set_depth_limit(context_.get(), kDepthLimit);
    pcre2_set_heap_limit(context_.get(), kHeapLimitKb);
}

Result<Regex> Regex::compile(std::string_view pattern, std::string_view flags, bool is_utf) {
    if (pattern.size() > kMaxPatternBytes) return fail("regular expression: too long");
    auto options = options_for(flags);
    if (!options) return fail("regular expression: " + options.error().what);
    if (is_utf) *options |= PCRE2_UTF;
    int code = 0;
    std::size_t offset = 0;
    Regex regex;
    regex.is_utf_ = is_utf;
    regex.pattern_ = pattern;
    regex.code_.reset(
        pcre2_compile(bytes_of(pattern), pattern.size(), *options, &code, &offset, nullptr));
    if (!regex.code_) {
        return fail(fmt::format("regular expression: {} at character {} of /{}/", error_text(code),
                                offset + 1, printable(pattern, 200)));
    }
    const auto has = [&](char flag) { return flags.find(flag) != std::string_view::npos; };
    regex.study_ = study_regex(pattern, {has('i'), has('x'), is_utf, has('u')});
    if (regex.study_.has_nested_repeat) {
        return fail(
            fmt::format("regular expression: a repeat without bound inside another can "
                        "stall; write {{0,20}} or *+ inside: /{}/",
                        printable(pattern, 200)));
    }
    if (regex.study_.has_ambiguous_repeat) {
        return fail(
            fmt::format("regular expression: a repeat whose alternatives make one text in several "
                        "ways can stall; drop those that others make, or write (?>...): /{}/",
                        printable(pattern, 200)));
    }
    // Fails where the system forbids executable memory; then the interpreter does the same work.
    static_cast<void>(pcre2_jit_compile(regex.code_.get(), PCRE2_JIT_COMPLETE));
    return regex;
}

Regex::Found Regex::find_in_piece(std::string_view text, Starts starts, std::size_t end,
                                  RegexScratch& scratch) const {
    std::uint32_t options = is_utf_ ? PCRE2_NO_UTF_CHECK : 0U;
    if (end < text.size()) options |= PCRE2_NOTEOL;
    pcre2_set_offset_limit(scratch.context_.get(), starts.last);
    const auto match = [&](std::uint32_t more) {
        return pcre2_match(code_.get(), bytes_of(text), end, starts.first, options | more,
                           scratch.data_.get(), scratch.context_.get());
    };
    int code = match(0);
    // JIT uses 32 KB of the machine stack; what needs more is left to the interpreter's limits.
    if (code == PCRE2_ERROR_JIT_STACKLIMIT) code = match(PCRE2_NO_JIT);
    if (code == PCRE2_ERROR_NOMATCH) return {};
    if (code < 0) return {Outcome::limit, starts.first, starts.first};
    const std::size_t* where = pcre2_get_ovector_pointer(scratch.data_.get());
    return {Outcome::yes, std::min(where[0], where[1]), std::max(where[0], where[1])};
}

Regex::Found Regex::find(std::string_view text, Starts starts, RegexScratch& scratch) const {
    starts.first = character_begin(text, starts.first, is_utf_);
    if (!scratch.data_ || !scratch.context_) return {Outcome::limit, starts.first, starts.first};
    starts.last = std::min(starts.last, text.size());
    // kMargin keeps the end away from any match, for \b and $ to be right.
    const std::size_t reach = study_.longest ? *study_.longest + kMargin : kPiece;
    const std::size_t tail = std::min(starts.last + reach, text.size());
    while (true) {
        const std::size_t from = starts.first;
        const std::size_t end = character_begin(text, std::min(from + kPiece, tail), is_utf_);
        const Found found = find_in_piece(text, starts, end, scratch);
        const bool is_last = from + kPiece >= tail;
        if (found.outcome != Outcome::no || is_last) return found;
        starts.first = character_begin(text, end - kOverlap, is_utf_);
        if (starts.first > starts.last) return found;
    }
}

}  // namespace cordon
