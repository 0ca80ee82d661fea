// SPDX-License-Identifier: GPL-2.0-only
// Changes of the memory of senders as hosts hand them to each other, and the whole memory as one
// record. Names travel hashed, as they are kept. What is read is believed only as far as it can be.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "conf/base/result.h"

namespace cordon {

/// What is remembered under a name. `outbound` has one name, for all mail that own users sent.
enum class MemoryKind : std::uint8_t {
    correspondent = 1,
    message = 2,
    behaviour = 3,
    outbound = 4
};

struct Remembered {
    double ham = 0;
    double spam = 0;
    std::int64_t first = 0;  // when it was heard of first
    std::int64_t last = 0;   // 0: nothing is remembered

    bool is_there() const { return last != 0; }
};

enum class MemoryAct : std::uint8_t {
    count = 0,
    replace = 1,  // a person's word: it counts instead of what was remembered
    merge = 2,    // what another memory says of the same past: the greater of both
};

struct SpooledChange {
    std::uint64_t number = 0;  // of the host that made it; rises, and never comes again
    MemoryKind kind = MemoryKind::behaviour;
    MemoryAct act = MemoryAct::count;
    std::string key;
    Remembered value;
};

/// Some changes of one host, at one place of the shared log.
struct MemoryEntry {
    std::uint64_t position = 0;
    std::string host;
    std::int64_t time = 0;  // by the clock of the store, which is the same for all hosts
    std::vector<SpooledChange> changes;
    std::string damage;  // why it has no changes, where it can't be read
};

/// The memory as it is at one place of the log.
struct MemorySnapshot {
    std::uint64_t position = 0;
    std::map<std::string, std::uint64_t> hosts;  // the last change of each that it contains
    struct Name {
        MemoryKind kind = MemoryKind::behaviour;
        std::string key;
        Remembered value;
    };
    std::vector<Name> names;
};

/// Hexadecimal digits, not many.
bool is_host_name(std::string_view name);

std::string encode_changes(const std::vector<SpooledChange>& changes);
Result<std::vector<SpooledChange>> decode_changes(std::string_view bytes);

std::string encode_snapshot(const MemorySnapshot& snapshot);
Result<MemorySnapshot> decode_snapshot(std::string_view bytes);

}  // namespace cordon
