// SPDX-License-Identifier: GPL-2.0-only
// The pieces of find_urls: which characters of running text belong to a host, a port, a path.
// All functions take the whole text and a position, and never look behind its end.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "scoring/message/url_bytes.h"

namespace cordon {

/// What of ASCII may stand in a name.
constexpr ByteSet kNameBytes("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-+");

/// Bytes of the character at `at` (1 for what is not UTF-8).
std::size_t character_size(std::string_view text, std::size_t at);
/// The same when it may stand in a name (letters, digits, . - _ +, any letter of any script), else
/// 0.
std::size_t name_character(std::string_view text, std::size_t at);
/// Where the run of such characters from `at` on ends.
std::size_t name_run_end(std::string_view text, std::size_t at);
/// Part of an ASCII word: what must not stand directly before a scheme.
bool is_word_byte(char c);

/// Bytes of http, https or ftp at the end of a run of name characters, 0 without.
std::size_t link_scheme_size(std::string_view run);
/// Where "www." begins in a run, not in the middle of an ASCII word; npos without.
std::size_t www_position(std::string_view run);

/// Ends of user@host:port, of a host and of :port; `at` itself when there is none.
std::size_t authority_end(std::string_view text, std::size_t at);
std::size_t host_end(std::string_view text, std::size_t at);
std::size_t port_end(std::string_view text, std::size_t at);

bool is_ipv4(std::string_view name);
/// At least two labels, the last a known top-level domain.
bool is_public_name(std::string_view name);
/// What has the shape of a name but is text: "end.It", "notes.md".
bool is_everyday_word(std::string_view name);

/// Finds where the path of a URL ends in running text; keeps what it learned about unclosed
/// brackets, so that many URLs in one long word stay linear.
class UrlPath {
 public:
    explicit UrlPath(std::string_view text) : text_(text) {}
    /// `at` itself when no path, query or fragment begins there.
    std::size_t end_of(std::size_t at);

 private:
    std::size_t after_pair(std::size_t at, char close);
    std::size_t step(std::size_t at);
    std::size_t after_stops(std::size_t at) const;

    std::string_view text_;
    std::array<std::size_t, 256> unclosed_until_{};
};

}  // namespace cordon
