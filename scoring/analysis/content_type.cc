// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/analysis/content_type.h"

#include <algorithm>
#include <array>

#include "conf/base/text.h"
#include "scoring/message/archive_format.h"

namespace cordon {

namespace {

using namespace std::string_view_literals;

struct Magic {
    std::size_t offset;
    std::string_view bytes;
    ContentType type;
};

constexpr std::array kMagics = {
    Magic{0,
          "\x7f"
          "ELF"sv,
          {ContentKind::program, "application/x-elf"}},
    Magic{0, "\xca\xfe\xba\xbe"sv, {ContentKind::program, "application/java-vm"}},
    Magic{0, "\xcf\xfa\xed\xfe"sv, {ContentKind::program, "application/x-mach-binary"}},
    Magic{0, "\xce\xfa\xed\xfe"sv, {ContentKind::program, "application/x-mach-binary"}},
    Magic{0, "#!/"sv, {ContentKind::script, "text/x-script"}},
    Magic{0, "vhdxfile"sv, {ContentKind::disk_image, "application/x-vhdx"}},
    Magic{0, "conectix"sv, {ContentKind::disk_image, "application/x-vhd"}},
    Magic{0, "L\0\0\0\1\x14\2\0"sv, {ContentKind::shortcut, "application/x-ms-shortcut"}},
    Magic{0, "[InternetShortcut]"sv, {ContentKind::shortcut, "application/x-url"}},
    Magic{0,
          "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"sv,
          {ContentKind::document, "application/x-ole-storage"}},
    Magic{0, "{\\rtf"sv, {ContentKind::document, "application/rtf"}},
    Magic{0, "%PDF-"sv, {ContentKind::document, "application/pdf"}},
    Magic{0, "\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d"sv, {ContentKind::document, "application/onenote"}},
    Magic{0, "ITSF\3\0\0\0"sv, {ContentKind::help, "application/vnd.ms-htmlhelp"}},
    Magic{0, "\x78\x9f\x3e\x22"sv, {ContentKind::other, "application/ms-tnef"}},
    Magic{0, "\x89PNG\r\n\x1a\n"sv, {ContentKind::image, "image/png"}},
    Magic{0, "\xff\xd8\xff"sv, {ContentKind::image, "image/jpeg"}},
    Magic{0, "GIF87a"sv, {ContentKind::image, "image/gif"}},
    Magic{0, "GIF89a"sv, {ContentKind::image, "image/gif"}},
    Magic{8, "WEBP"sv, {ContentKind::image, "image/webp"}},
    Magic{0, "II*\0"sv, {ContentKind::image, "image/tiff"}},
    Magic{0, "MM\0*"sv, {ContentKind::image, "image/tiff"}},
};

/// "MZ" alone begins many a text: a DOS program has a plausible header too.
bool is_dos_program(std::string_view bytes) {
    if (!bytes.starts_with("MZ") || bytes.size() < 64) return false;
    const auto byte = [&](std::size_t i) {
        return static_cast<std::size_t>(static_cast<unsigned char>(bytes[i]));
    };
    const std::size_t header = byte(60) | byte(61) << 8U | byte(62) << 16U | byte(63) << 24U;
    if (header < bytes.size() && bytes.substr(header).starts_with("PE")) return true;
    return bytes.substr(0, 64).find('\0') != std::string_view::npos;
}

bool is_html(std::string_view bytes) {
    std::string_view head = bytes.substr(0, 1024);
    if (head.starts_with("\xef\xbb\xbf")) head.remove_prefix(3);
    head = trim(head);
    constexpr std::array kStarts = {"<!doctype html"sv, "<html"sv, "<head"sv, "<body"sv,
                                    "<script"sv};
    return std::any_of(kStarts.begin(), kStarts.end(),
                       [&](std::string_view start) { return istarts_with(head, start); });
}

struct Extension {
    std::string_view name;
    ContentKind kind;
};

constexpr std::array kExtensions = {
    Extension{"exe", ContentKind::program},
    Extension{"scr", ContentKind::program},
    Extension{"pif", ContentKind::program},
    Extension{"com", ContentKind::program},
    Extension{"cpl", ContentKind::program},
    Extension{"dll", ContentKind::program},
    Extension{"msi", ContentKind::program},
    Extension{"msix", ContentKind::program},
    Extension{"appx", ContentKind::program},
    Extension{"jar", ContentKind::program},
    Extension{"apk", ContentKind::program},
    Extension{"xll", ContentKind::program},
    Extension{"bat", ContentKind::script},
    Extension{"cmd", ContentKind::script},
    Extension{"js", ContentKind::script},
    Extension{"jse", ContentKind::script},
    Extension{"vbs", ContentKind::script},
    Extension{"vbe", ContentKind::script},
    Extension{"wsf", ContentKind::script},
    Extension{"wsh", ContentKind::script},
    Extension{"wsc", ContentKind::script},
    Extension{"hta", ContentKind::script},
    Extension{"ps1", ContentKind::script},
    Extension{"psm1", ContentKind::script},
    Extension{"sct", ContentKind::script},
    Extension{"reg", ContentKind::script},
    Extension{"iso", ContentKind::disk_image},
    Extension{"img", ContentKind::disk_image},
    Extension{"vhd", ContentKind::disk_image},
    Extension{"vhdx", ContentKind::disk_image},
    Extension{"lnk", ContentKind::shortcut},
    Extension{"url", ContentKind::shortcut},
    Extension{"library-ms", ContentKind::shortcut},
    Extension{"search-ms", ContentKind::shortcut},
    Extension{"settingcontent-ms", ContentKind::shortcut},
    Extension{"zip", ContentKind::archive},
    Extension{"rar", ContentKind::archive},
    Extension{"7z", ContentKind::archive},
    Extension{"gz", ContentKind::archive},
    Extension{"tgz", ContentKind::archive},
    Extension{"bz2", ContentKind::archive},
    Extension{"xz", ContentKind::archive},
    Extension{"tar", ContentKind::archive},
    Extension{"cab", ContentKind::archive},
    Extension{"ace", ContentKind::archive},
    Extension{"arj", ContentKind::archive},
    Extension{"lzh", ContentKind::archive},
    Extension{"pdf", ContentKind::document},
    Extension{"doc", ContentKind::document},
    Extension{"docx", ContentKind::document},
    Extension{"docm", ContentKind::document},
    Extension{"dotm", ContentKind::document},
    Extension{"xls", ContentKind::document},
    Extension{"xlsx", ContentKind::document},
    Extension{"xlsm", ContentKind::document},
    Extension{"xlsb", ContentKind::document},
    Extension{"xlam", ContentKind::document},
    Extension{"ppt", ContentKind::document},
    Extension{"pptx", ContentKind::document},
    Extension{"pptm", ContentKind::document},
    Extension{"rtf", ContentKind::document},
    Extension{"odt", ContentKind::document},
    Extension{"ods", ContentKind::document},
    Extension{"one", ContentKind::document},
    Extension{"txt", ContentKind::document},
    Extension{"csv", ContentKind::document},
    Extension{"jpg", ContentKind::image},
    Extension{"jpeg", ContentKind::image},
    Extension{"png", ContentKind::image},
    Extension{"gif", ContentKind::image},
    Extension{"webp", ContentKind::image},
    Extension{"tif", ContentKind::image},
    Extension{"tiff", ContentKind::image},
    Extension{"htm", ContentKind::html},
    Extension{"html", ContentKind::html},
    Extension{"shtml", ContentKind::html},
    Extension{"xhtml", ContentKind::html},
    Extension{"chm", ContentKind::help},
    Extension{"hlp", ContentKind::help},
};

}  // namespace

ContentType content_type_of(std::string_view bytes) {
    if (is_dos_program(bytes)) return {ContentKind::program, "application/x-msdownload"};
    for (const auto& magic : kMagics) {
        if (bytes.size() >= magic.offset && bytes.substr(magic.offset).starts_with(magic.bytes)) {
            return magic.type;
        }
    }
    const ArchiveFormat archive = archive_format_of(bytes);
    if (archive == ArchiveFormat::iso9660)
        return {ContentKind::disk_image, archive_media_type(archive)};
    if (archive != ArchiveFormat::none) return {ContentKind::archive, archive_media_type(archive)};
    // Readers look for the PDF header in the first kilobyte.
    if (bytes.substr(0, 1024).find("%PDF-1.") != std::string_view::npos) {
        return {ContentKind::document, "application/pdf"};
    }
    if (is_html(bytes)) return {ContentKind::html, "text/html"};
    return {};
}

std::string_view extension_of(std::string_view file_name) {
    while (!file_name.empty() && (is_space(file_name.back()) || file_name.back() == '.')) {
        file_name.remove_suffix(1);
    }
    const auto dot = file_name.rfind('.');
    if (dot == std::string_view::npos || file_name.size() - dot > 18) return {};
    return file_name.substr(dot + 1);
}

std::string_view usual_extension(std::string_view media_type) {
    // No zip: documents, programs and archives of many names are one.
    struct Usual {
        std::string_view media_type;
        std::string_view extension;
    };
    static constexpr std::array kUsual = {
        Usual{"application/x-msdownload", "exe"},
        Usual{"application/x-ms-shortcut", "lnk"},
        Usual{"application/x-url", "url"},
        Usual{"application/x-iso9660-image", "iso"},
        Usual{"application/x-vhdx", "vhdx"},
        Usual{"application/x-vhd", "vhd"},
        Usual{"application/onenote", "one"},
        Usual{"application/vnd.ms-htmlhelp", "chm"},
        Usual{"application/pdf", "pdf"},
        Usual{"application/rtf", "rtf"},
        Usual{"text/html", "html"},
        Usual{"application/vnd.rar", "rar"},
        Usual{"application/x-7z-compressed", "7z"},
        Usual{"application/gzip", "gz"},
        Usual{"application/vnd.ms-cab-compressed", "cab"},
        Usual{"application/x-ace-compressed", "ace"},
    };
    const auto* const found = std::find_if(kUsual.begin(), kUsual.end(), [&](const Usual& one) {
        return one.media_type == media_type;
    });
    return found == kUsual.end() ? std::string_view() : found->extension;
}

ContentKind kind_of_extension(std::string_view extension) {
    if (extension.empty()) return ContentKind::unknown;
    for (const auto& known : kExtensions) {
        if (iequals(known.name, extension)) return known.kind;
    }
    return ContentKind::unknown;
}

}  // namespace cordon
