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
// Far beyond what a log reaches, and far from where the store's scripts count wrongly (2^53).
constexpr std::uint64_t kHighestNumber = std::uint64_t{1} << 48U;
constexpr std::size_t kMostChanges = 10'000;  // of an entry, that has 100
constexpr std::size_t kMostHosts = 10'000;
constexpr std::size_t kMostNames = 2'000'000;  // more than twice of what is kept

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

bool is_host_name(std::string_view name) {
    return !name.empty() && name.size() <= kLongestHost &&
           name.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

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
    const auto count = in.count(kLeast);
    if (count > kMostChanges) return fail("more changes of the memory of senders than plausible");
    std::vector<SpooledChange> out(count);
    bool is_good = true;
    std::uint64_t before = 0;
    for (auto& change : out) {
        change.number = in.u64();
        change.kind = static_cast<MemoryKind>(in.u8());
        change.act = static_cast<MemoryAct>(in.u8());
        change.key = in.text(kKeyDigits);
        change.value = get_value(in);
        is_good = is_good && change.number > before && change.number <= kHighestNumber &&
                  change.act <= MemoryAct::merge &&
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
    bool is_good = out.position <= kHighestNumber;
    auto left = in.count(kLeastHost);
    if (left > kMostHosts) return fail("a memory of senders of more hosts than plausible");
    for (; left > 0; --left) {
        auto name = in.text(kLongestHost);
        const auto number = in.u64();
        is_good = is_good && is_host_name(name) && number <= kHighestNumber;
        out.hosts[std::move(name)] = number;
    }
    const auto names = in.count(kLeastName);
    if (names > kMostNames) return fail("a memory of more senders than plausible");
    out.names.resize(names);
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
