// SPDX-License-Identifier: GPL-2.0-only
// Definitions of libc calls in the program itself: libclamav, libmspack and libxml2 then call
// these, which pass on to libc and report failures to the I/O guard. Included by exactly one file
// of a program that scans (cordon_scanner.cc, the guard's test), never by the archive: it would
// give them to every program. The assembler names keep clear of libc's own inline definitions.
#pragma once

#include "scoring/scanner/guarded_call.h"
#include "scoring/scanner/stream_interpose.h"

CORDON_GUARD_OPEN(open, (const char* path, int flags, mode_t mode), (path, flags, mode))
CORDON_GUARD_OPEN(open64, (const char* path, int flags, mode_t mode), (path, flags, mode))
CORDON_GUARD_OPEN(openat, (int at, const char* path, int flags, mode_t mode),
                  (at, path, flags, mode))
CORDON_GUARD_OPEN(openat64, (int at, const char* path, int flags, mode_t mode),
                  (at, path, flags, mode))
CORDON_GUARD_INT(int, mkdir, (const char* path, mode_t mode), (path, mode))
CORDON_GUARD_INT(int, symlink, (const char* to, const char* path), (to, path))
CORDON_GUARD_INT(int, dup, (int fd), (fd))
CORDON_GUARD_INT(int, dup2, (int fd, int as), (fd, as))
CORDON_GUARD_INT(int, ftruncate64, (int fd, off64_t size), (fd, size))
CORDON_GUARD_INT(int, fstat64, (int fd, struct stat64* info), (fd, info))
CORDON_GUARD_INT(off64_t, lseek64, (int fd, off64_t at, int from), (fd, at, from))
CORDON_GUARD_INT(ssize_t, readv, (int fd, const iovec* to, int n), (fd, to, n))
CORDON_GUARD_POINTER(DIR*, fdopendir, (int fd), (fd))
CORDON_GUARD_PATH(stat64, (const char* path, struct stat64* info), (path, info))
CORDON_GUARD_PATH(lstat64, (const char* path, struct stat64* info), (path, info))
CORDON_GUARD_PATH(fstatat64, (int at, const char* path, struct stat64* info, int flags),
                  (at, path, info, flags))
CORDON_GUARD_PATH(unlink, (const char* path), (path))
CORDON_GUARD_PATH(unlinkat, (int at, const char* path, int flags), (at, path, flags))
CORDON_GUARD_PATH(rmdir, (const char* path), (path))
CORDON_GUARD_PATH(remove, (const char* path), (path))

// Those whose failure shows otherwise.

extern "C" ssize_t cordon_guard_read(int fd, void* to, size_t size) __asm__("read");
extern "C" ssize_t cordon_guard_read(int fd, void* to, size_t size) {
    static auto* const next = cordon::io_guard::next_of<ssize_t(int, void*, size_t)>("read");
    const ssize_t got = next(fd, to, size);
    cordon::io_guard::check_read("read", fd, got, size, -1);
    return got;
}

extern "C" ssize_t cordon_guard_pread64(int fd, void* to, size_t size,
                                        off64_t at) __asm__("pread64");
extern "C" ssize_t cordon_guard_pread64(int fd, void* to, size_t size, off64_t at) {
    using Pread = ssize_t(int, void*, size_t, off64_t);
    static auto* const next = cordon::io_guard::next_of<Pread>("pread64");
    const ssize_t got = next(fd, to, size, at);
    cordon::io_guard::check_read("pread", fd, got, size, at);
    return got;
}

CORDON_GUARD_WRITE(write, (int fd, const void* from, size_t size), (fd, from, size))
CORDON_GUARD_WRITE(pwrite64, (int fd, const void* from, size_t size, off64_t at),
                   (fd, from, size, at))

extern "C" DIR* cordon_guard_opendir(const char* path) __asm__("opendir");
extern "C" DIR* cordon_guard_opendir(const char* path) {
    static auto* const next = cordon::io_guard::next_of<DIR*(const char*)>("opendir");
    DIR* const folder = next(path);
    if (folder == nullptr && errno != ENOENT) cordon::io_guard::report_io("opendir");
    return folder;
}

extern "C" dirent64* cordon_guard_readdir64(DIR* folder) __asm__("readdir64");
extern "C" dirent64* cordon_guard_readdir64(DIR* folder) {
    static auto* const next = cordon::io_guard::next_of<dirent64*(DIR*)>("readdir64");
    const int kept = errno;
    errno = 0;
    dirent64* const entry = next(folder);
    if (entry == nullptr && errno != 0) cordon::io_guard::report_io("readdir");
    if (errno == 0) errno = kept;
    return entry;
}

extern "C" void* cordon_guard_mmap64(void* at, size_t size, int protection, int flags, int fd,
                                     off64_t offset) __asm__("mmap64");
extern "C" void* cordon_guard_mmap64(void* at, size_t size, int protection, int flags, int fd,
                                     off64_t offset) {
    using Mmap = void*(void*, size_t, int, int, int, off64_t);
    static auto* const next = cordon::io_guard::next_of<Mmap>("mmap64");
    void* const result = next(at, size, protection, flags, fd, offset);
    if (result == reinterpret_cast<void*>(-1)) cordon::io_guard::report_memory("mmap");
    return result;
}
