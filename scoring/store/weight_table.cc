// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/store/weight_table.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>

#include "conf/base/digest.h"

namespace cordon {

namespace {

constexpr std::array<char, 8> kMagic = {'C', 'O', 'R', 'D', 'O', 'N', 'W', 'T'};
constexpr std::size_t kChecksumAt = offsetof(WeightTable, checksum);

Result<void> allocate(int fd) {
    // A hole in a sparse file would end a worker by SIGBUS when the disk is full.
    const int error = ::posix_fallocate(fd, 0, sizeof(WeightTable));
    return error == 0 ? Result<void>() : fail_errno("no room for the table of weights", error);
}

bool has_table_size(int fd) {
    struct stat info {};
    return ::fstat(fd, &info) == 0 && S_ISREG(info.st_mode) &&
           info.st_size == static_cast<off_t>(sizeof(WeightTable));
}

Result<UniqueFd> make_live_table(const std::string& path) {
    const std::string beside = path + ".new";
    ::unlink(beside.c_str());
    UniqueFd fd(::open(beside.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd) return fail_errno(beside);
    if (auto done = allocate(fd.get()); !done) return wrap(beside, done.error());
    auto table = TableMapping::map(fd.get(), true);
    if (!table) return wrap(beside, table.error());
    clear_table(**table);
    if (::rename(beside.c_str(), path.c_str()) != 0) return fail_errno(path);
    return fd;
}

}  // namespace

TableMapping::~TableMapping() {
    if (table_ != nullptr) ::munmap(table_, sizeof(WeightTable));
}

Result<TableMapping> TableMapping::make() {
    void* const data = ::mmap(nullptr, sizeof(WeightTable), PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (data == MAP_FAILED) return fail_errno("no memory for the table of weights");
    TableMapping out(static_cast<WeightTable*>(data));
    clear_table(*out);
    return out;
}

Result<TableMapping> TableMapping::map(int fd, bool writable) {
    if (!has_table_size(fd)) return fail("not a table of weights: its size is wrong");
    const int protection = writable ? PROT_READ | PROT_WRITE : PROT_READ;
    void* const data = ::mmap(nullptr, sizeof(WeightTable), protection, MAP_SHARED, fd, 0);
    if (data == MAP_FAILED) return fail_errno("mmap of the table of weights");
    return TableMapping(static_cast<WeightTable*>(data));
}

void clear_table(WeightTable& table) {
    table.magic = kMagic;
    table.version = kTableVersion;
    table.feature_version = kFeatureVersion;
    table.feature_bits = kFeatureBits;
    table.applied = 0;
    table.ham = 0;
    table.spam = 0;
    table.slope = 1;
    table.offset = 0;
    table.checksum = {};
    table.lean = 0;
    table.reserved = {};
    for (auto& weight : table.weights) weight.store(0, std::memory_order_relaxed);
}

void copy_table(const WeightTable& from, WeightTable& to) {
    to.change.fetch_or(1);
    for (std::uint32_t i = 0; i < kFeatureSpace; ++i) to.set_weight(i, from.weight(i));
    to.slope = from.slope.load();
    to.offset = from.offset.load();
    to.lean = from.lean.load();
    to.ham = from.ham.load();
    to.spam = from.spam.load();
    to.applied = from.applied.load();
    to.change.fetch_add(1);
}

bool is_usable(const WeightTable& table) {
    return table.magic == kMagic && table.version == kTableVersion &&
           table.feature_version == kFeatureVersion && table.feature_bits == kFeatureBits;
}

Result<UniqueFd> open_live_table(const std::string& path) {
    UniqueFd fd(::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
    if (!fd && errno != ENOENT) return fail_errno(path);
    if (fd && has_table_size(fd.get())) {
        const auto table = TableMapping::map(fd.get(), false);
        if (table && is_usable(**table)) return fd;
    }
    return make_live_table(path);
}

Result<UniqueFd> open_table_readonly(const std::string& path) {
    UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) return fail_errno(path);
    return fd;
}

std::string snapshot_bytes(const WeightTable& table) {
    std::string out(sizeof(WeightTable), '\0');
    std::memcpy(out.data(), static_cast<const void*>(&table), sizeof(WeightTable));
    const std::uint32_t settled = 0;
    std::memcpy(out.data() + offsetof(WeightTable, change), &settled, sizeof settled);
    std::memset(out.data() + kChecksumAt, 0, sizeof table.checksum);
    const auto checksum = sha256_hex(out);
    std::memcpy(out.data() + kChecksumAt, checksum.data(), sizeof table.checksum);
    return out;
}

Result<TableMapping> table_from_bytes(std::string_view bytes, const std::string& name) {
    if (bytes.size() != sizeof(WeightTable))
        return fail(fmt::format("{}: damaged: {} bytes instead of {}", name, bytes.size(),
                                sizeof(WeightTable)));
    auto table = TableMapping::make();
    if (!table) return table;
    std::memcpy(static_cast<void*>(&**table), bytes.data(), bytes.size());
    if ((*table)->magic != kMagic) return fail(name + ": damaged: no table of weights");
    if (!is_usable(**table))
        return fail(fmt::format("{}: of version {}.{}, this is {}.{}", name, (*table)->version,
                                (*table)->feature_version, kTableVersion, kFeatureVersion));
    std::string zeroed(bytes);
    std::memset(zeroed.data() + kChecksumAt, 0, sizeof(*table)->checksum);
    if (sha256_hex(zeroed) != std::string_view((*table)->checksum.data(), 64))
        return fail(name + ": damaged: its checksum doesn't fit");
    return table;
}

Result<void> save_snapshot(const WeightTable& table, const std::string& path) {
    return replace_file(path, snapshot_bytes(table), 0600);
}

Result<TableMapping> load_snapshot(const std::string& path) {
    const auto bytes = read_file(path, 2 * sizeof(WeightTable));
    if (!bytes) return tl::unexpected(bytes.error());
    return table_from_bytes(*bytes, path);
}

}  // namespace cordon
