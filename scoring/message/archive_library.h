// SPDX-License-Identifier: GPL-2.0-only
// Archives of the formats that libarchive reads, from memory, without threads and files. Only the
// readers that the first bytes ask for are let in; a compressed stream is undone once, so that each
// layer passes the bounds of the caller.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "scoring/message/archive_format.h"

namespace cordon {

struct LibraryMember {
    std::string name;
    bool is_file = true;
    bool is_encrypted = false;
};

class LibraryVisitor {
 public:
    LibraryVisitor() = default;
    LibraryVisitor(const LibraryVisitor&) = delete;
    LibraryVisitor& operator=(const LibraryVisitor&) = delete;
    virtual ~LibraryVisitor() = default;

    /// False ends the reading.
    virtual bool begin(const LibraryMember& member) = 0;
    virtual bool piece(std::string_view bytes) = 0;
    /// `trouble`: why the member was not read to its end; empty when it was.
    virtual bool end(std::string_view trouble) = 0;
};

/// Whether libarchive is asked about this format at all.
bool is_read_by_library(ArchiveFormat format);

/// Returns why the archive was not read to its end; empty when it was, or when the visitor ended
/// it.
std::string read_by_library(std::string_view bytes, ArchiveFormat format, LibraryVisitor& visitor);

/// Loads what libc fetches from files on first use (tables of charsets). Once, before workers lose
/// sight of the files.
void prepare_archive_library();

}  // namespace cordon
