// SPDX-License-Identifier: GPL-2.0-only
// The allocator's calls defined in the program itself, as io_interpose.h does for files: memory
// that is refused, by the limit of the worker, is as good a reason for a false "clean". To be
// included by the same one file. The sanitizers have allocators of their own.
#pragma once

#include <cstddef>

#include "scoring/scanner/io_guard.h"

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
extern "C" void* __libc_malloc(std::size_t size);
extern "C" void* __libc_calloc(std::size_t n, std::size_t size);
extern "C" void* __libc_realloc(void* old, std::size_t size);

inline void* cordon_guard_allocated(void* memory, std::size_t size) {
    if (memory == nullptr && size != 0) cordon::io_guard::report_memory("malloc");
    return memory;
}

extern "C" void* cordon_guard_malloc(std::size_t size) __asm__("malloc");
extern "C" void* cordon_guard_malloc(std::size_t size) {
    return cordon_guard_allocated(__libc_malloc(size), size);
}

extern "C" void* cordon_guard_calloc(std::size_t n, std::size_t size) __asm__("calloc");
extern "C" void* cordon_guard_calloc(std::size_t n, std::size_t size) {
    return cordon_guard_allocated(__libc_calloc(n, size), n == 0 ? 0 : size);
}

extern "C" void* cordon_guard_realloc(void* old, std::size_t size) __asm__("realloc");
extern "C" void* cordon_guard_realloc(void* old, std::size_t size) {
    return cordon_guard_allocated(__libc_realloc(old, size), size);
}
#endif
