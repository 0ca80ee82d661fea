// SPDX-License-Identifier: GPL-2.0-only
// What this site remembers of who sent a message: plain data, for judge. Everything is keyed to
// what was proven when it came: an author, a domain that signed or may send, the network of the
// client.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace cordon {

/// How mail under one identity behaved, each message counting less as it gets older.
struct Behaviour {
    std::string identity;  // in words: "author a@example.org"
    std::uint64_t ham = 0;
    std::uint64_t spam = 0;
    std::uint64_t days = 0;  // since the first one
};

struct Recollection {
    bool is_correspondent = false;   // own users have written to the author
    bool is_reply = false;           // it answers mail that own users sent to the author's domain
    bool names_own_thread = false;   // it refers to mail that looks like ours, and that none sent
    std::vector<Behaviour> senders;  // the nearest identity first: author, domain, network
};

}  // namespace cordon
