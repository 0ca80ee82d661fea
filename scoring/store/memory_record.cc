// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/store/memory_record.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "conf/base/ipc.h"

namespace cordon {

namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kKeyDigits = 32;
constexpr std::size_t kLongestHost = 64;
constexpr std::size_t kLeastValue = 32;
constexpr double kMostPlausible = 1e6;

void put(RecordWriter& out, const Remembered& value) {
    out.u64(std::bit_cast<std::uint64_t>(value.ham)).u64(std::bit_cast<std::uint64_t>(value.spam));
    out.u64(static_cast<std::uint64_t>(value.first)).u64(static_cast<std::uint64_t>(value.last));
}

Remembered get_value(RecordReader& in) {
    Remembered out;
    out.ham = std::bit_cast<double>(in.u64());
    out.spam = std::bit_cast<double>(in.u64());
    out.first = static_cast<std::int64_t>(in.u64());
    out.last = static_cast<std::int64_t>(in.u64());
    return out;
}

bool is_count(double value) {
    return std::isfinite(value) && value >= 0 && value <= kMostPlausible;
}

bool is_plausible(MemoryKind kind, const std::string& key, const Remembered& value) {
    const bool is_name =
        key.size() == kKeyDigits && key.find_first_not_of("0123456789abcdef") == std::string::npos;
    return kind >= MemoryKind::correspondent && kind <= MemoryKind::outbound && is_name &&
           is_count(value.ham) && is_count(value.spam) && value.first >= 0 && value.last > 0;
}

}  // namespace

std::string encode_changes(const std::vector<SpooledChange>& changes) {
    RecordWriter out;
    out.u8(kVersion).u32(static_cast<std::uint32_t>(changes.size()));
    for (const auto& change : changes) {
        out.u64(change.number).u8(static_cast<std::uint8_t>(change.kind));
        out.u8(static_cast<std::uint8_t>(change.act)).text(change.key);
        put(out, change.value);
    }
    return out.take();
}

Result<std::vector<SpooledChange>> decode_changes(std::string_view bytes) {
    constexpr std::size_t kLeast = 14 + kLeastValue;
    RecordReader in(bytes);
    if (in.u8() != kVersion) return fail("changes of another version");
    std::vector<SpooledChange> out(in.count(kLeast));
    bool is_good = true;
    std::uint64_t before = 0;
    for (auto& change : out) {
        change.number = in.u64();
        change.kind = static_cast<MemoryKind>(in.u8());
        change.act = static_cast<MemoryAct>(in.u8());
        change.key = in.text(kKeyDigits);
        change.value = get_value(in);
        is_good = is_good && change.number > before && change.act <= MemoryAct::merge &&
                  is_plausible(change.kind, change.key, change.value);
        before = change.number;
    }
    if (!in.is_complete() || !is_good) return fail("damaged changes of the memory of senders");
    return out;
}

std::string encode_snapshot(const MemorySnapshot& snapshot) {
    RecordWriter out;
    out.u8(kVersion).u64(snapshot.position);
    out.u32(static_cast<std::uint32_t>(snapshot.hosts.size()));
    for (const auto& [name, number] : snapshot.hosts) out.text(name).u64(number);
    out.u32(static_cast<std::uint32_t>(snapshot.names.size()));
    for (const auto& name : snapshot.names) {
        out.u8(static_cast<std::uint8_t>(name.kind)).text(name.key);
        put(out, name.value);
    }
    return out.take();
}

Result<MemorySnapshot> decode_snapshot(std::string_view bytes) {
    constexpr std::size_t kLeastHost = 12;
    constexpr std::size_t kLeastName = 5 + kLeastValue;
    RecordReader in(bytes);
    if (in.u8() != kVersion) return fail("a memory of senders of another version");
    MemorySnapshot out;
    out.position = in.u64();
    for (auto left = in.count(kLeastHost); left > 0; --left) {
        auto name = in.text(kLongestHost);
        out.hosts[std::move(name)] = in.u64();
    }
    out.names.resize(in.count(kLeastName));
    bool is_good = true;
    for (auto& name : out.names) {
        name.kind = static_cast<MemoryKind>(in.u8());
        name.key = in.text(kKeyDigits);
        name.value = get_value(in);
        is_good = is_good && is_plausible(name.kind, name.key, name.value);
    }
    if (!in.is_complete() || !is_good) return fail("a damaged memory of senders");
    return out;
}

}  // namespace cordon
