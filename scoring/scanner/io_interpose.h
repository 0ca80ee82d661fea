// SPDX-License-Identifier: GPL-2.0-only
// Definitions of libc calls in the program itself: libclamav, libmspack and libxml2 then call
// these, which pass on to libc and report failures to the I/O guard. Included by exactly one file
// of a program that scans (cordon_scanner.cc, the guard's test), never by the archive: it would
// give them to every program. The assembler names keep clear of libc's own inline definitions.
#pragma once

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/types.h>

#include <cerrno>
#include <cstdio>

#include "scoring/scanner/io_guard.h"

namespace cordon::io_guard {

/// The definition behind ours: libc's, or that of a sanitizer.
template <typename Function>
Function* next_of(const char* name) {
    return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

inline bool is_retry(int error) {
    return error == EINTR || error == EAGAIN;
}

/// Looking for a file that need not exist is no failure; that it could not be made was counted
/// then.
inline bool is_mere_absence(int flags) {
    return errno == ENOENT && (flags & O_CREAT) == 0;
}

}  // namespace cordon::io_guard

// A call that fails with -1.
#define CORDON_GUARD_INT(Return, name, parameters, arguments)                                     \
    extern "C" Return cordon_guard_##name parameters __asm__(#name);                              \
    extern "C" Return cordon_guard_##name parameters {                                            \
        static auto* const next = cordon::io_guard::next_of<Return parameters>(#name);            \
        Return const result = next arguments;                                                     \
        if (result < 0 && !cordon::io_guard::is_retry(errno)) cordon::io_guard::report_io(#name); \
        return result;                                                                            \
    }

// The same for a call with `flags`.
#define CORDON_GUARD_OPEN(name, parameters, arguments)                              \
    extern "C" int cordon_guard_##name parameters __asm__(#name);                   \
    extern "C" int cordon_guard_##name parameters {                                 \
        static auto* const next = cordon::io_guard::next_of<int parameters>(#name); \
        const int fd = next arguments;                                              \
        if (fd < 0 && errno != EINTR && !cordon::io_guard::is_mere_absence(flags))  \
            cordon::io_guard::report_io(#name);                                     \
        return fd;                                                                  \
    }

// A call that fails with a null pointer.
#define CORDON_GUARD_POINTER(Return, name, parameters, arguments)                      \
    extern "C" Return cordon_guard_##name parameters __asm__(#name);                   \
    extern "C" Return cordon_guard_##name parameters {                                 \
        static auto* const next = cordon::io_guard::next_of<Return parameters>(#name); \
        Return const result = next arguments;                                          \
        if (result == nullptr) cordon::io_guard::report_io(#name);                     \
        return result;                                                                 \
    }

#define CORDON_GUARD_FOPEN(name)                                                             \
    extern "C" FILE* cordon_guard_##name(const char* path, const char* mode) __asm__(#name); \
    extern "C" FILE* cordon_guard_##name(const char* path, const char* mode) {               \
        using Fopen = FILE*(const char*, const char*);                                       \
        static auto* const next = cordon::io_guard::next_of<Fopen>(#name);                   \
        FILE* const file = next(path, mode);                                                 \
        const int flags = mode[0] == 'r' ? O_RDONLY : O_CREAT;                               \
        if (file == nullptr && !cordon::io_guard::is_mere_absence(flags))                    \
            cordon::io_guard::report_io(#name);                                              \
        return file;                                                                         \
    }

CORDON_GUARD_OPEN(open, (const char* path, int flags, mode_t mode), (path, flags, mode))
CORDON_GUARD_OPEN(open64, (const char* path, int flags, mode_t mode), (path, flags, mode))
CORDON_GUARD_OPEN(openat, (int at, const char* path, int flags, mode_t mode),
                  (at, path, flags, mode))
CORDON_GUARD_OPEN(openat64, (int at, const char* path, int flags, mode_t mode),
                  (at, path, flags, mode))
CORDON_GUARD_INT(int, mkdir, (const char* path, mode_t mode), (path, mode))
CORDON_GUARD_INT(int, dup, (int fd), (fd))
CORDON_GUARD_INT(int, ftruncate64, (int fd, off64_t size), (fd, size))
CORDON_GUARD_INT(ssize_t, read, (int fd, void* to, size_t size), (fd, to, size))
CORDON_GUARD_INT(ssize_t, pread64, (int fd, void* to, size_t size, off64_t at), (fd, to, size, at))
CORDON_GUARD_INT(ssize_t, pwrite64, (int fd, const void* from, size_t size, off64_t at),
                 (fd, from, size, at))
CORDON_GUARD_INT(int, fputs, (const char* text, FILE* file), (text, file))
CORDON_GUARD_INT(int, fputc, (int c, FILE* file), (c, file))
CORDON_GUARD_INT(int, putc, (int c, FILE* file), (c, file))
CORDON_GUARD_INT(int, fflush, (FILE * file), (file))
CORDON_GUARD_FOPEN(fopen)
CORDON_GUARD_FOPEN(fopen64)
CORDON_GUARD_POINTER(FILE*, fdopen, (int fd, const char* mode), (fd, mode))

// Those whose failure shows otherwise.

extern "C" ssize_t cordon_guard_write(int fd, const void* from, size_t size) __asm__("write");
extern "C" ssize_t cordon_guard_write(int fd, const void* from, size_t size) {
    using Write = ssize_t(int, const void*, size_t);
    static auto* const next = cordon::io_guard::next_of<Write>("write");
    const ssize_t written = next(fd, from, size);
    const bool is_short = written >= 0 && static_cast<size_t>(written) < size;
    if (is_short) errno = ENOSPC;  // a short write to a file has no other cause
    if (is_short || (written < 0 && !cordon::io_guard::is_retry(errno)))
        cordon::io_guard::report_io("write");
    return written;
}

extern "C" size_t cordon_guard_fwrite(const void* from, size_t size, size_t n,
                                      FILE* file) __asm__("fwrite");
extern "C" size_t cordon_guard_fwrite(const void* from, size_t size, size_t n, FILE* file) {
    using Fwrite = size_t(const void*, size_t, size_t, FILE*);
    static auto* const next = cordon::io_guard::next_of<Fwrite>("fwrite");
    const size_t written = next(from, size, n, file);
    if (written < n && size != 0) cordon::io_guard::report_io("fwrite");
    return written;
}

extern "C" int cordon_guard_fclose(FILE* file) __asm__("fclose");
extern "C" int cordon_guard_fclose(FILE* file) {
    static auto* const next = cordon::io_guard::next_of<int(FILE*)>("fclose");
    const bool had_error = std::ferror(file) != 0;  // of an earlier call that was not looked at
    const int result = next(file);
    if (had_error || result != 0) cordon::io_guard::report_io("fclose");
    return result;
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
