// SPDX-License-Identifier: GPL-2.0-only
// The calls of stdio, guarded: the half of io_interpose.h that goes through streams.
#pragma once

#include "scoring/scanner/guarded_call.h"

CORDON_GUARD_INT(int, fseek, (FILE * file, long at, int from), (file, at, from))
CORDON_GUARD_INT(int, fseeko, (FILE * file, off_t at, int from), (file, at, from))
CORDON_GUARD_INT(long, ftell, (FILE * file), (file))
CORDON_GUARD_INT(off_t, ftello, (FILE * file), (file))
CORDON_GUARD_INT(int, fputs, (const char* text, FILE* file), (text, file))
CORDON_GUARD_INT(int, fputc, (int c, FILE* file), (c, file))
CORDON_GUARD_INT(int, putc, (int c, FILE* file), (c, file))
CORDON_GUARD_INT(int, fflush, (FILE * file), (file))
CORDON_GUARD_FOPEN(fopen)
CORDON_GUARD_FOPEN(fopen64)
CORDON_GUARD_POINTER(FILE*, fdopen, (int fd, const char* mode), (fd, mode))
CORDON_GUARD_STREAM(size_t, fread, (void* to, size_t size, size_t n, FILE* file),
                    (to, size, n, file))
CORDON_GUARD_STREAM(char*, fgets, (char* to, int size, FILE* file), (to, size, file))
CORDON_GUARD_STREAM(int, fgetc, (FILE * file), (file))
CORDON_GUARD_STREAM(int, getc, (FILE * file), (file))

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
