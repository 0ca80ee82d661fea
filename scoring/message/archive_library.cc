// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/message/archive_library.h"

#include <archive.h>
#include <archive_entry.h>
#include <iconv.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <ctime>

#include "conf/base/owned.h"
#include "conf/base/text.h"

namespace cordon {

namespace {

using Reader = Owned<archive, archive_read_free>;
constexpr std::size_t kPiece = 64U << 10U;
constexpr int kMostPadded = 1000;  // pieces of one gzip file with zero bytes between

struct Support {
    ArchiveFormat format;
    int (*enable)(archive*);
    int (*enable_too)(archive*);  // another format, or the stream around a raw one
    int filter =
        ARCHIVE_FILTER_NONE;  // the stream around, where libarchive can be told its only layer
};

constexpr auto kRaw = archive_read_support_format_raw;

constexpr std::array kSupport = {
    Support{ArchiveFormat::rar, archive_read_support_format_rar, archive_read_support_format_rar5},
    Support{ArchiveFormat::seven_zip, archive_read_support_format_7zip, nullptr},
    Support{ArchiveFormat::tar, archive_read_support_format_tar, nullptr},
    Support{ArchiveFormat::cpio, archive_read_support_format_cpio, nullptr},
    Support{ArchiveFormat::cab, archive_read_support_format_cab, nullptr},
    Support{ArchiveFormat::lha, archive_read_support_format_lha, nullptr},
    Support{ArchiveFormat::iso9660, archive_read_support_format_iso9660, nullptr},
    Support{ArchiveFormat::ar, archive_read_support_format_ar, nullptr},
    Support{ArchiveFormat::zip, archive_read_support_format_zip_seekable, nullptr},
    Support{ArchiveFormat::gzip, kRaw, nullptr, ARCHIVE_FILTER_GZIP},
    Support{ArchiveFormat::bzip2, kRaw, nullptr, ARCHIVE_FILTER_BZIP2},
    Support{ArchiveFormat::xz, kRaw, nullptr, ARCHIVE_FILTER_XZ},
    Support{ArchiveFormat::lzma, kRaw, nullptr, ARCHIVE_FILTER_LZMA},
    Support{ArchiveFormat::lzip, kRaw, nullptr, ARCHIVE_FILTER_LZIP},
    // For these archive_read_append_filter() of 3.6 refuses or crashes.
    Support{ArchiveFormat::zstd, kRaw, archive_read_support_filter_zstd},
    Support{ArchiveFormat::lz4, kRaw, archive_read_support_filter_lz4},
    Support{ArchiveFormat::compress, kRaw, archive_read_support_filter_compress},
    Support{ArchiveFormat::rpm, kRaw, archive_read_support_filter_rpm},
};

const Support* support_for(ArchiveFormat format) {
    for (const Support& known : kSupport) {
        if (known.format == format) return &known;
    }
    return nullptr;
}

bool is_usable(int code) {
    return code == ARCHIVE_OK || code == ARCHIVE_WARN;
}

std::string complaint_of(archive* reader) {
    const char* const text = ::archive_error_string(reader);
    return text != nullptr ? printable(text, 120) : std::string("can't be read");
}

bool open(archive* reader, const Support& support, std::string_view bytes) {
    if (!is_usable(support.enable(reader))) return false;
    // A compressed file may have nothing in it.
    if (support.enable == kRaw) ::archive_read_support_format_empty(reader);
    if (support.enable_too != nullptr && !is_usable(support.enable_too(reader))) return false;
    if (support.filter != ARCHIVE_FILTER_NONE &&
        !is_usable(::archive_read_append_filter(reader, support.filter)))
        return false;
    // What stands behind the end of a tar archive is read by some programs.
    if (support.format == ArchiveFormat::tar)
        ::archive_read_set_options(reader, "read_concatenated_archives");
    return is_usable(::archive_read_open_memory(reader, bytes.data(), bytes.size()));
}

LibraryMember describe(archive_entry* entry) {
    LibraryMember member;
    const char* name = ::archive_entry_pathname_utf8(entry);
    if (name == nullptr) name = ::archive_entry_pathname(entry);
    if (name != nullptr) member.name = to_valid_utf8(std::string_view(name).substr(0, 4096));
    member.is_file = ::archive_entry_filetype(entry) != AE_IFDIR;
    member.is_encrypted = ::archive_entry_is_encrypted(entry) != 0;
    return member;
}

/// What is wrong with an archive that libarchive takes to its end without a word. A stream that
/// breaks off in its first piece passes for an empty file, and a rar whose first block reaches
/// beyond the end for one without files, which no packer writes.
std::string silent_trouble(archive* reader, const Support& support, const std::string& at_opening) {
    if (::archive_format(reader) == ARCHIVE_FORMAT_EMPTY) return at_opening;
    return support.format == ArchiveFormat::rar ? "no file in it" : "";
}

/// True when the archive can be read on after the member.
bool read_member(archive* reader, LibraryVisitor& visitor, std::string& failure) {
    std::array<char, kPiece> piece;
    for (;;) {
        const la_ssize_t got = ::archive_read_data(reader, piece.data(), piece.size());
        if (got == 0) return visitor.end({});
        if (got > 0) {
            if (visitor.piece({piece.data(), static_cast<std::size_t>(got)})) continue;
            return visitor.end({});
        }
        if (got == ARCHIVE_RETRY) continue;
        const std::string complaint = complaint_of(reader);
        const bool goes_on = visitor.end(complaint);
        if (got == ARCHIVE_FATAL) failure = complaint;
        return goes_on && got != ARCHIVE_FATAL;
    }
}

struct Outcome {
    std::string trouble;
    bool is_empty = false;     // a compressed file in which there seems to be nothing
    std::size_t consumed = 0;  // where the stream ends; 0 when its end was not reached
};

Outcome read_through(std::string_view bytes, const Support& support, LibraryVisitor& visitor) {
    const Reader reader(::archive_read_new());
    if (!reader) return {"no reader"};
    if (!open(reader.get(), support, bytes)) return {complaint_of(reader.get())};
    const char* const warning = ::archive_error_string(reader.get());  // the next call clears it
    const std::string at_opening = warning != nullptr ? complaint_of(reader.get()) : "";
    std::string failure;
    const auto consumed = [&] {
        return static_cast<std::size_t>(::archive_filter_bytes(reader.get(), -1));
    };
    for (bool is_first = true;; is_first = false) {
        archive_entry* entry = nullptr;
        const int code = ::archive_read_next_header(reader.get(), &entry);
        if (code == ARCHIVE_EOF && is_first)
            return {silent_trouble(reader.get(), support, at_opening),
                    ::archive_format(reader.get()) == ARCHIVE_FORMAT_EMPTY, consumed()};
        if (code == ARCHIVE_EOF) return {{}, false, consumed()};
        if (code == ARCHIVE_RETRY) continue;
        if (!is_usable(code)) return {complaint_of(reader.get())};
        if (!visitor.begin(describe(entry))) return {};
        if (!read_member(reader.get(), visitor, failure)) return {failure};
    }
}

/// What stands behind zero bytes, with which tapes are padded, when it is gzip again: some programs
/// read on there. Else nothing.
std::string_view next_gzip(std::string_view bytes, std::size_t consumed) {
    if (consumed == 0) return {};
    const std::size_t begin = bytes.find_first_not_of('\0', consumed);
    if (begin == std::string_view::npos) return {};
    bytes.remove_prefix(begin);
    return archive_format_of(bytes) == ArchiveFormat::gzip ? bytes : std::string_view();
}

Outcome read_gzip(std::string_view bytes, const Support& support, LibraryVisitor& visitor) {
    Outcome whole = read_through(bytes, support, visitor);
    const bool has_next = !next_gzip(bytes, whole.consumed).empty();
    if (!whole.is_empty || !whole.trouble.empty() || has_next) return whole;
    // Without all of a trailer, whose sums it does not compare, libarchive gives out nothing of a
    // small file; what people unpack with gives them the file and a warning.
    constexpr std::size_t kTrailer = 8;
    Outcome completed = read_through(std::string(bytes).append(kTrailer, '\0'), support, visitor);
    if (!completed.is_empty && completed.trouble.empty()) completed.trouble = "cut off";
    completed.consumed = 0;
    return completed;
}

}  // namespace

bool is_read_by_library(ArchiveFormat format) {
    return support_for(format) != nullptr;
}

std::string read_by_library(std::string_view bytes, ArchiveFormat format, LibraryVisitor& visitor) {
    const Support* const support = support_for(format);
    if (support == nullptr) return "no reader";
    if (format != ArchiveFormat::gzip) return read_through(bytes, *support, visitor).trouble;
    for (int pieces = 0; pieces < kMostPadded; ++pieces) {
        Outcome outcome = read_gzip(bytes, *support, visitor);
        if (!outcome.trouble.empty()) return std::move(outcome.trouble);
        bytes = next_gzip(bytes, outcome.consumed);
        if (bytes.empty()) return {};
    }
    return "more pieces between zero bytes than are read";
}

void prepare_archive_library() {
    // Dates in archives are local time to libarchive, which else looks for the zone's file.
    static_cast<void>(::setenv("TZ", "UTC0", 1));
    ::tzset();
    // Names in 7z, rar and Joliet are UTF-16. The handles stay open, and with them the tables.
    constexpr std::array kCharsets = {"UTF-16LE", "UTF-16BE", "CP437", "UTF-8"};
    static std::array<iconv_t, 2 * kCharsets.size()> handles{};
    if (handles[0] != nullptr) return;
    std::size_t used = 0;
    for (const char* const charset : kCharsets) {
        handles[used++] = ::iconv_open("UTF-8", charset);
        handles[used++] = ::iconv_open("ANSI_X3.4-1968", charset);
    }
}

}  // namespace cordon
