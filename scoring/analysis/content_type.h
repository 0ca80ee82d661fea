// SPDX-License-Identifier: GPL-2.0-only
// What bytes are by their own first words, whatever name and media type claim.
#pragma once

#include <cstdint>
#include <string_view>

namespace cordon {

enum class ContentKind : std::uint8_t {
    unknown,
    program,
    script,
    archive,
    disk_image,
    shortcut,
    document,
    image,
    html,
    help,
    other
};

struct ContentType {
    ContentKind kind = ContentKind::unknown;
    std::string_view media_type;  // empty when unknown
};

/// Looks at the first 36 KB at most.
ContentType content_type_of(std::string_view bytes);

/// As written, without the dot; empty when there is none. Trailing blanks and dots don't count,
/// since Windows drops them.
std::string_view extension_of(std::string_view file_name);

/// How a file of such content is named; empty when its kind of file has many names or none.
std::string_view usual_extension(std::string_view media_type);

/// What a person gets who opens a file of that extension.
ContentKind kind_of_extension(std::string_view extension);

}  // namespace cordon
