// SPDX-License-Identifier: GPL-2.0-only
// How a libc call is defined in the program itself, passes on to libc and reports failures to the
// I/O guard: for io_interpose.h and stream_interpose.h only.
#pragma once

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>

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

/// Fewer bytes than asked for, though the file has more: only a failure ends such a read.
inline void check_read(const char* call, int fd, ssize_t got, size_t wanted, off64_t at) {
    if (got < 0 && !is_retry(errno)) report_io(call);
    if (got < 0 || static_cast<size_t>(got) == wanted) return;
    const int kept = errno;
    struct stat64 info {};
    if (at < 0)
        at = next_of<off64_t(int, off64_t, int)>("lseek64")(fd, 0, SEEK_CUR);
    else
        at += got;
    const bool is_known = at >= 0 && next_of<int(int, struct stat64*)>("fstat64")(fd, &info) == 0;
    errno = EIO;
    if (is_known && S_ISREG(info.st_mode) && at < info.st_size) report_io(call);
    errno = kept;
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

// The same where a path that need not exist is asked for, or removed (folders when they are empty).
#define CORDON_GUARD_PATH(name, parameters, arguments)                              \
    extern "C" int cordon_guard_##name parameters __asm__(#name);                   \
    extern "C" int cordon_guard_##name parameters {                                 \
        static auto* const next = cordon::io_guard::next_of<int parameters>(#name); \
        const int result = next arguments;                                          \
        if (result < 0 && errno != ENOENT && errno != ENOTEMPTY)                    \
            cordon::io_guard::report_io(#name);                                     \
        return result;                                                              \
    }

// A call that reads from a stream, whose end looks like its failure.
#define CORDON_GUARD_STREAM(Return, name, parameters, arguments)                       \
    extern "C" Return cordon_guard_##name parameters __asm__(#name);                   \
    extern "C" Return cordon_guard_##name parameters {                                 \
        static auto* const next = cordon::io_guard::next_of<Return parameters>(#name); \
        Return const result = next arguments;                                          \
        if (std::ferror(file) != 0) cordon::io_guard::report_io(#name);                \
        return result;                                                                 \
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

// A short write to a file has no other cause than the want of room.
#define CORDON_GUARD_WRITE(name, parameters, arguments)                                 \
    extern "C" ssize_t cordon_guard_##name parameters __asm__(#name);                   \
    extern "C" ssize_t cordon_guard_##name parameters {                                 \
        static auto* const next = cordon::io_guard::next_of<ssize_t parameters>(#name); \
        const ssize_t written = next arguments;                                         \
        const bool is_short = written >= 0 && static_cast<size_t>(written) < size;      \
        if (is_short) errno = ENOSPC;                                                   \
        if (is_short || (written < 0 && !cordon::io_guard::is_retry(errno)))            \
            cordon::io_guard::report_io(#name);                                         \
        return written;                                                                 \
    }
