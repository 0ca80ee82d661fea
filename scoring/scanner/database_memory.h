// SPDX-License-Identifier: GPL-2.0-only
// What the kernel and the allocator are told about the signature database: hundreds of megabytes in
// which each scan jumps about, and tens of megabytes of counters that libclamav takes and gives
// back for each object.
#pragma once

namespace cordon {

/// Before loading: what is freed stays with the process, for the next object.
void keep_freed_memory();

/// After loading: large areas move into huge pages, where the kernel has them.
void use_huge_pages();

}  // namespace cordon
