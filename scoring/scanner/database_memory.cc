// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/scanner/database_memory.h"

#include <malloc.h>
#include <sys/mman.h>

#include <cstdint>
#include <cstdio>
#include <string>

#include "conf/base/file_descriptor.h"
#include "conf/base/text.h"

namespace cordon {

namespace {

constexpr int kMostFromHeap = 32 << 20;  // glibc takes no larger one
constexpr int kMostKept = 64 << 20;
constexpr std::uintptr_t kLeastArea = 4U << 20U;
constexpr std::uintptr_t kMostArea = std::uintptr_t{16} << 30U;  // larger ones hold no database
constexpr std::size_t kMostMaps = 8U << 20U;
constexpr int kCollapse = 25;  // MADV_COLLAPSE, since Linux 6.1: now, and not at some time

/// Of private memory without a file; nothing for other lines of /proc/PID/maps.
void advise(const std::string& line) {
    unsigned long begin = 0;
    unsigned long end = 0;
    int rest = 0;
    const int read =
        std::sscanf(line.c_str(), "%lx-%lx rw-p 00000000 00:00 0%n", &begin, &end, &rest);
    if (read != 2 || rest == 0 || end - begin < kLeastArea || end - begin > kMostArea) return;
    const auto name = trim(std::string_view(line).substr(static_cast<std::size_t>(rest)));
    if (!name.empty() && name != "[heap]") return;
    auto* const area = reinterpret_cast<void*>(begin);
    // Where the kernel has none, small pages do.
    static_cast<void>(::madvise(area, end - begin, MADV_HUGEPAGE));
    static_cast<void>(::madvise(area, end - begin, kCollapse));
}

}  // namespace

void keep_freed_memory() {
    static_cast<void>(::mallopt(M_MMAP_THRESHOLD, kMostFromHeap));
    static_cast<void>(::mallopt(M_TRIM_THRESHOLD, kMostKept));
}

void use_huge_pages() {
    const auto maps = read_file("/proc/self/maps", kMostMaps);
    if (!maps) return;
    for (const auto line : split(*maps, '\n')) advise(std::string(line));
}

}  // namespace cordon
