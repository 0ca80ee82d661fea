// SPDX-License-Identifier: GPL-2.0-only
// The classifier's weights as one piece of memory, the same in three places: a file that the
// learner writes and all content workers read through a shared mapping (the live table), a file
// that is replaced as a whole and carries a checksum (the snapshot), and plain memory.
//
// A reader takes no lock and makes no system call. Single weights change under its eyes, which
// moves a score by less than a rounding; the replacement of a whole table is marked by an odd
// `change`. The live table is never truncated, so that no reader meets a hole in its mapping.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "conf/base/file_descriptor.h"
#include "conf/base/result.h"
#include "scoring/store/feature_vector.h"

namespace cordon {

constexpr std::uint32_t kTableVersion = 1;

struct alignas(64) WeightTable {
    std::array<char, 8> magic;
    std::uint32_t version;
    std::uint32_t feature_version;
    std::uint32_t feature_bits;
    std::atomic<std::uint32_t> change;   // odd while the whole table is being replaced
    std::atomic<std::uint64_t> applied;  // number of the last event that it contains
    std::atomic<std::uint64_t> ham;      // messages learned
    std::atomic<std::uint64_t> spam;
    std::atomic<double> slope;  // of the calibration: see learner.h
    std::atomic<double> offset;
    std::array<char, 64> checksum;  // of a snapshot: hex SHA-256 with this field zero
    std::atomic<double> lean;       // which label came of late: from -1, only ham, to 1, only spam
    std::array<char, 3960> reserved;
    std::array<std::atomic<float>, kFeatureSpace> weights;

    float weight(std::uint32_t place) const {
        return weights[place].load(std::memory_order_relaxed);
    }
    void set_weight(std::uint32_t place, float value) {
        weights[place].store(value, std::memory_order_relaxed);
    }
};
static_assert(sizeof(WeightTable) == 4096 + 4 * kFeatureSpace);
static_assert(std::atomic<float>::is_always_lock_free && std::atomic<double>::is_always_lock_free);

/// Owns a mapping of a WeightTable.
class TableMapping {
 public:
    TableMapping() = default;
    TableMapping(TableMapping&& other) noexcept : table_(std::exchange(other.table_, nullptr)) {}
    TableMapping& operator=(TableMapping&& other) noexcept {
        std::swap(table_, other.table_);
        return *this;
    }
    TableMapping(const TableMapping&) = delete;
    TableMapping& operator=(const TableMapping&) = delete;
    ~TableMapping();

    /// Memory of its own with an empty table.
    static Result<TableMapping> make();
    /// Of a file of the right size; what is in it is checked by is_usable().
    static Result<TableMapping> map(int fd, bool writable);

    WeightTable& operator*() const { return *table_; }
    WeightTable* operator->() const { return table_; }
    explicit operator bool() const { return table_ != nullptr; }

 private:
    explicit TableMapping(WeightTable* table) : table_(table) {}
    WeightTable* table_ = nullptr;
};

/// Nothing learned, calibration neutral.
void clear_table(WeightTable& table);
/// Everything but `change`, which tells readers that it happens.
void copy_table(const WeightTable& from, WeightTable& to);
/// Whether this program can read it.
bool is_usable(const WeightTable& table);

/// The live table: opened for reading and writing, made when it is missing or of another version
/// (a new file in its place; who has mapped the old one keeps that).
Result<UniqueFd> open_live_table(const std::string& path);
/// A descriptor for readers.
Result<UniqueFd> open_table_readonly(const std::string& path);

Result<void> save_snapshot(const WeightTable& table, const std::string& path);
/// Refuses another version and what the checksum doesn't fit, naming the file.
Result<TableMapping> load_snapshot(const std::string& path);

/// The bytes of a snapshot, for stores that are no files.
std::string snapshot_bytes(const WeightTable& table);
Result<TableMapping> table_from_bytes(std::string_view bytes, const std::string& name);

}  // namespace cordon
