// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/scanner/image_hashes.h"

#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <vector>

#include "conf/base/file_descriptor.h"
#include "conf/base/owned.h"
#include "conf/base/text.h"

namespace cordon {

namespace {

constexpr std::string_view kMark = "fuzzy_img#";  // a subsignature of a logical signature
constexpr std::size_t kPiece = 1U << 20U;
constexpr off_t kContainerHead = 512;  // before the tar, which may be compressed

using Reader = Owned<archive, archive_read_free>;

bool has_extension(std::string_view name, std::initializer_list<std::string_view> known) {
    for (const auto extension : known) {
        if (name.size() > extension.size() &&
            iequals(name.substr(name.size() - extension.size()), extension))
            return true;
    }
    return false;
}

/// Reads pieces until one has the mark, also across two; `next` gives 0 at the end, less on error.
template <typename Next>
bool has_mark(Next next) {
    std::string window;
    std::vector<char> piece(kPiece);
    for (;;) {
        const auto got = next(piece.data(), piece.size());
        if (got <= 0) return got < 0;
        window.append(piece.data(), static_cast<std::size_t>(got));
        if (window.find(kMark) != std::string::npos) return true;
        window.erase(0, window.size() - std::min(window.size(), kMark.size() - 1));
    }
}

bool container_has_mark(int file) {
    const Reader reader(::archive_read_new());
    if (!reader || ::lseek(file, kContainerHead, SEEK_SET) != kContainerHead) return true;
    ::archive_read_support_filter_gzip(reader.get());
    ::archive_read_support_format_tar(reader.get());
    if (::archive_read_open_fd(reader.get(), file, kPiece) != ARCHIVE_OK) return true;
    for (;;) {
        archive_entry* entry = nullptr;
        const int code = ::archive_read_next_header(reader.get(), &entry);
        if (code == ARCHIVE_EOF) return false;
        if (code != ARCHIVE_OK && code != ARCHIVE_WARN) return true;
        const char* const name = ::archive_entry_pathname(entry);
        if (name == nullptr || !has_extension(name, {".ldb", ".ldu"})) continue;
        if (has_mark([&reader](char* to, std::size_t size) {
                return ::archive_read_data(reader.get(), to, size);
            }))
            return true;
    }
}

bool file_has_mark(const std::string& path) {
    const bool is_plain = has_extension(path, {".ldb", ".ldu"});
    if (!is_plain && !has_extension(path, {".cvd", ".cld", ".cud"})) return false;
    const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) return true;
    if (!is_plain) return container_has_mark(file.get());
    return has_mark([&file](char* to, std::size_t size) { return ::read(file.get(), to, size); });
}

}  // namespace

bool has_image_hashes(const std::string& folder) {
    const Owned<DIR, ::closedir> listing(::opendir(folder.c_str()));
    if (!listing) return true;
    while (const dirent* const entry = ::readdir(listing.get())) {
        if (file_has_mark(folder + "/" + entry->d_name)) return true;
    }
    return false;
}

}  // namespace cordon
