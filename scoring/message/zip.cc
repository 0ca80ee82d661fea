// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/message/zip.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <tuple>

#include "conf/base/text.h"
#include "scoring/message/zip_records.h"

namespace cordon {

namespace {

using namespace std::string_view_literals;

constexpr std::size_t kEndRecord = 22;
constexpr std::size_t kZip64Locator = 20;
constexpr std::size_t kZip64Record = 56;
constexpr int kMostEndRecords = 16;
constexpr std::size_t kMostSeenEndRecords = 100'000;
constexpr std::size_t kMostConflicts = 12;
constexpr std::size_t kLongestName = 4096;

/// The same name to whoever reads it: neither the slash nor letters outside ASCII are agreed on.
bool is_same_name(std::string_view a, std::string_view b) {
    const auto is_skipped = [](char c) { return c < 0 || c == '?' || c == '_'; };
    std::size_t i = 0;
    std::size_t j = 0;
    for (;;) {
        while (i < a.size() && is_skipped(a[i])) ++i;
        while (j < b.size() && is_skipped(b[j])) ++j;
        if (i == a.size() || j == b.size()) return i == a.size() && j == b.size();
        const char left = a[i] == '\\' ? '/' : a[i];
        const char right = b[j] == '\\' ? '/' : b[j];
        if (left != right) return false;
        ++i;
        ++j;
    }
}

/// An end record and the directory that it leads to.
struct Directory {
    std::size_t begin = 0;
    std::size_t end = 0;     // the end record, or the zip64 record that counts in its stead
    std::size_t prefix = 0;  // bytes in front of the archive, which its offsets don't count
    std::uint64_t count = 0;
    bool is_misplaced = false;  // it begins before the place that is declared
};

ZipEntry entry_of(const ZipHeader& header, std::size_t at, std::size_t data) {
    ZipEntry entry;
    entry.name = header.name;
    entry.header = at;
    entry.data = data;
    entry.packed = header.packed;
    entry.size = header.size;
    entry.method = header.method;
    entry.flags = header.flags;
    entry.crc = header.crc;
    entry.is_encrypted = (header.flags & kZipEncrypted) != 0;
    return entry;
}

class ZipReader {
 public:
    ZipReader(std::string_view bytes, std::size_t limit, bool is_archive)
        : bytes_(bytes), limit_(limit), is_archive_(is_archive) {}

    ZipListing run() {
        std::vector<std::size_t> ends = end_records();
        std::optional<Directory> usual;
        std::vector<Directory> others;
        for (int tries = 0; !usual && !ends.empty() && tries < kMostEndRecords; ++tries) {
            others = directories_at(ends.back());
            if (!others.empty()) usual = others.front();
            if (usual) break;
            // Who looks no further than the last one sees an empty archive, or none.
            has_idle_end_ = true;
            ends.pop_back();
        }
        if (usual) {
            if (has_idle_end_) conflict("an end record without a directory");
            others.erase(others.begin());
            take_usual(*usual, ends.back());
            ends.pop_back();
            // Those of archives that are stored in this one are not ours.
            std::erase_if(ends, [this](std::size_t at) { return is_covered(at); });
            if (ends.size() > kMostEndRecords) out_.over_limit = true;
            ends.resize(std::min<std::size_t>(ends.size(), kMostEndRecords));
            for (const std::size_t end : ends) {
                for (const Directory& other : directories_at(end)) others.push_back(other);
            }
            for (const Directory& other : others) take_other(other);
        } else if (is_archive_) {
            out_.damage = "no directory";
        }
        if (is_archive_ || usual) take_stray_headers(usual.has_value());
        return std::move(out_);
    }

 private:
    void conflict(std::string_view what, std::string_view name = {}) {
        // What was not listed to its end differs from everything.
        if (out_.over_limit || out_.conflicts.size() >= kMostConflicts) return;
        std::string text(what);
        if (!name.empty()) text.append(": ").append(printable(name, 80));
        if (std::find(out_.conflicts.begin(), out_.conflicts.end(), text) == out_.conflicts.end())
            out_.conflicts.push_back(std::move(text));
    }

    void damage(std::string_view what, std::string_view name) {
        if (out_.damage.empty()) out_.damage.append(what).append(": ").append(printable(name, 80));
    }

    bool has(std::uint64_t at, std::string_view signature) const {
        return has_at(bytes_, at, signature);
    }

    std::vector<std::size_t> end_records() {
        std::vector<std::size_t> found;
        // Of a file that is something else in front, only the end counts.
        const std::size_t reach = kEndRecord + 65535;
        std::size_t at = is_archive_ || bytes_.size() < reach ? 0 : bytes_.size() - reach;
        while ((at = bytes_.find("PK\5\6"sv, at)) != std::string_view::npos) {
            if (at + kEndRecord > bytes_.size()) break;
            const std::size_t comment = zip_number(bytes_, at + 20, 2);
            const bool fits = at + kEndRecord + comment == bytes_.size();
            if (is_archive_ || fits) {
                if (found.size() == kMostSeenEndRecords) {
                    found.erase(found.begin(), found.begin() + kMostSeenEndRecords / 2);
                    out_.over_limit = true;
                }
                found.push_back(at);
            }
            at += 4;
        }
        return found;
    }

    /// Where programs look for the directory: before the end record, and where its offset says;
    /// in archives with zip64 records, by these or by the old ones.
    std::vector<Directory> directories_at(std::size_t end) {
        std::vector<Directory> found;
        const std::uint64_t count = zip_number(bytes_, end + 10, 2);
        const std::uint64_t size = zip_number(bytes_, end + 12, 4);
        const std::uint64_t offset = zip_number(bytes_, end + 16, 4);
        if (end >= kZip64Locator && has(end - kZip64Locator, "PK\6\7"sv)) {
            std::uint64_t record = zip_number(bytes_, end - kZip64Locator + 8, 8);
            if (record >= end || !has(record, "PK\6\6"sv))
                record =
                    end < kZip64Locator + kZip64Record ? 0 : end - kZip64Locator - kZip64Record;
            if (has(record, "PK\6\6"sv)) {
                out_.uses_zip64 = true;
                add_directories(record, zip_number(bytes_, record + 40, 8),
                                zip_number(bytes_, record + 48, 8),
                                zip_number(bytes_, record + 32, 8), found);
            }
        }
        if (size != kZipNumberElsewhere && offset != kZipNumberElsewhere)
            add_directories(end, size, offset, count, found);
        return found;
    }

    void add_directories(std::size_t end, std::uint64_t size, std::uint64_t offset,
                         std::uint64_t count, std::vector<Directory>& found) const {
        const auto add = [&](std::uint64_t begin) {
            if (begin > end || (count > 0 && !has(begin, "PK\1\2"sv))) return;
            const bool is_known = std::any_of(found.begin(), found.end(), [&](const Directory& d) {
                return d.begin == begin && (d.count & 0xffffU) == (count & 0xffffU);
            });
            if (is_known) return;
            const std::size_t prefix = begin > offset ? begin - offset : 0;
            found.push_back({begin, end, prefix, count, begin < offset});
        };
        if (size <= end) add(end - size);
        add(offset);
    }

    void take_usual(const Directory& usual, std::size_t end) {
        note_prefix(usual);
        take_directory(usual);
        const std::uint64_t disk = zip_number(bytes_, end + 4, 2);
        if (disk != 0 && disk != 0xffff) out_.damage = "one volume of several";
        std::sort(covered_.begin(), covered_.end());
        note_overlaps();
    }

    void note_prefix(const Directory& usual) {
        if (usual.is_misplaced) conflict("the directory is not where it is declared");
        if (usual.prefix == 0) return;
        // A program that unpacks itself is one, and is judged as one.
        const bool is_program = has(0, "MZ"sv) || has(0, "#!"sv) ||
                                has(0,
                                    "\x7f"
                                    "ELF"sv);
        if (!is_program) conflict("other data before the archive");
    }

    void take_directory(const Directory& directory) {
        std::size_t at = directory.begin;
        std::uint64_t seen = 0;
        while (at < directory.end) {
            const auto header = central_header_at(bytes_, at);
            if (!header) break;
            at = header->next;
            ++seen;
            if (!take_central(*header, directory)) return;
        }
        if ((seen & 0xffffU) != (directory.count & 0xffffU))
            conflict("another number of members than the directory claims");
    }

    bool take_central(const ZipHeader& central, const Directory& directory) {
        std::uint64_t at = central.offset + directory.prefix;
        auto local = local_header_at(bytes_, at);
        if (!local) {
            at = central.offset;
            local = local_header_at(bytes_, at);
        }
        if (!local) {
            damage("no local header", central.name);
            return true;
        }
        if (central.is_zip64 || local->is_zip64) out_.uses_zip64 = true;
        const std::size_t data = local->next;
        ZipEntry entry = entry_of(central, at, data);
        if (entry.packed > bytes_.size() - data) {
            damage("cut off", central.name);
            entry.packed = bytes_.size() - data;
        }
        if (!add(entry)) return false;
        const std::uint64_t certain = compare(entry, *local);
        covered_.emplace_back(at, data + std::min(entry.packed, certain));
        return true;
    }

    /// What the local header says otherwise is a member of its own. Returns how many bytes belong
    /// to the member by both.
    std::uint64_t compare(const ZipEntry& central, const ZipHeader& local) {
        ZipEntry other = central;
        bool differs = false;
        const auto note = [&](std::string_view what) {
            conflict(what, central.name);
            differs = true;
        };
        if (!is_same_name(local.name, central.name)) note("two names for one member");
        if (local.method != central.method) note("two methods for one member");
        const bool is_encrypted = (local.flags & kZipEncrypted) != 0;
        if (is_encrypted != central.is_encrypted) note("encrypted by one header only");
        other.name = local.name;
        other.method = local.method;
        other.flags = local.flags;
        other.is_encrypted = is_encrypted;
        const bool is_behind = (local.flags & kZipSizesBehind) != 0 &&
                               (local.packed == 0 || local.packed == kZipNumberElsewhere);
        if (!is_behind && (local.packed != central.packed || local.size != central.size)) {
            note("two sizes for one member");
            other.packed = std::min<std::uint64_t>(local.packed, bytes_.size() - central.data);
            other.size = local.size;
        }
        const std::string_view stored = bytes_.substr(central.data, central.packed);
        if (is_behind && central.method == 0 && may_look_at(stored.size()) &&
            stored.find("PK\3\4"sv) != std::string_view::npos) {
            note("a stored archive of unknown size");
            other.packed = 0;
        }
        if (!differs) return central.packed;
        add(other);
        return std::min(central.packed, other.packed);
    }

    bool add(const ZipEntry& entry) {
        if (out_.entries.size() >= limit_) {
            out_.over_limit = true;
            return false;
        }
        const auto key = std::tuple(entry.header, entry.name, entry.method, entry.packed,
                                    entry.size, entry.is_encrypted);
        if (known_.insert(key).second) out_.entries.push_back(entry);
        return true;
    }

    void note_overlaps() {
        for (std::size_t i = 1; i < covered_.size(); ++i) {
            if (covered_[i].first < covered_[i - 1].second) conflict("members that overlap");
        }
    }

    bool is_covered(std::size_t at) const {
        const auto next =
            std::upper_bound(covered_.begin(), covered_.end(), std::pair(at, bytes_.size() + 1));
        return next != covered_.begin() && at < std::prev(next)->second;
    }

    void take_other(const Directory& directory) {
        if (is_covered(directory.end)) return;  // of an archive stored in this one
        const std::size_t before = out_.entries.size();
        take_directory(directory);
        std::sort(covered_.begin(), covered_.end());
        if (out_.entries.size() > before) conflict("two directories with different members");
    }

    /// Local headers that no directory leads to.
    void take_stray_headers(bool has_directory) {
        // Each of these is where a known member ends.
        std::size_t at = 0;
        while ((at = bytes_.find("PK\3\4"sv, at)) != std::string_view::npos) {
            if (is_covered(at)) {
                const auto next = std::upper_bound(covered_.begin(), covered_.end(),
                                                   std::pair(at, bytes_.size() + 1));
                at = std::max(at + 4, std::prev(next)->second);
                continue;
            }
            const auto local = local_header_at(bytes_, at);
            const bool is_plausible = local && !local->name.empty() &&
                                      local->name.size() <= kLongestName && local->method < 100;
            if (!is_plausible) {
                at += 4;
                continue;
            }
            if (has_directory) conflict("a member that no directory lists", local->name);
            const ZipEntry entry = stray_entry(*local);
            if (!add(entry)) return;
            at = entry.data + (entry.has_sizes ? entry.packed : 0);
        }
    }

    ZipEntry stray_entry(const ZipHeader& local) const {
        const std::size_t data = local.next;
        const std::uint64_t left = bytes_.size() - data;
        ZipEntry entry = entry_of(local, local.offset, data);
        const bool is_behind = (local.flags & kZipSizesBehind) != 0 && local.packed == 0;
        if (!is_behind && entry.packed <= left) return entry;
        entry.has_sizes = false;
        entry.packed = entry.method == 0 ? next_record(data) - data : left;
        return entry;
    }

    /// Where anything begins that could end a member of unknown size.
    std::size_t next_record(std::size_t at) const {
        while ((at = bytes_.find("PK"sv, at)) != std::string_view::npos) {
            if (has(at, "PK\7\x08"sv) || has(at, "PK\1\2"sv) || has(at, "PK\3\4"sv)) return at;
            at += 2;
        }
        return bytes_.size();
    }

    /// Looking into members may cost a few times the size of the archive, however they overlap.
    bool may_look_at(std::uint64_t size) {
        if (size > work_left_) {
            out_.over_limit = true;
            return false;
        }
        work_left_ -= size;
        return true;
    }

    std::string_view bytes_;
    std::size_t limit_;
    bool is_archive_;
    std::uint64_t work_left_ = 4 * bytes_.size() + 65536;
    bool has_idle_end_ = false;
    ZipListing out_;
    std::vector<std::pair<std::size_t, std::size_t>> covered_;  // header to end of data
    std::set<
        std::tuple<std::size_t, std::string_view, unsigned, std::uint64_t, std::uint64_t, bool>>
        known_;
};

}  // namespace

ZipListing list_zip(std::string_view bytes, std::size_t member_limit, bool is_archive) {
    return ZipReader(bytes, member_limit, is_archive).run();
}

bool ends_like_zip(std::string_view bytes) {
    const std::size_t reach = kEndRecord + 65535;
    std::size_t at = bytes.size() < reach ? 0 : bytes.size() - reach;
    while ((at = bytes.find("PK\5\6"sv, at)) != std::string_view::npos) {
        if (at + kEndRecord > bytes.size()) return false;
        const std::uint64_t size = zip_number(bytes, at + 12, 4);
        const bool leads_to_directory =
            size > 0 && size <= at && bytes.substr(at - size).starts_with("PK\1\2"sv);
        if (leads_to_directory && at + kEndRecord + zip_number(bytes, at + 20, 2) == bytes.size())
            return true;
        at += 4;
    }
    return false;
}

}  // namespace cordon
