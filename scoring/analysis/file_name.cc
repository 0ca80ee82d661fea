// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/analysis/file_name.h"

#include <algorithm>
#include <array>

#include "conf/base/text.h"

namespace cordon {

bool runs_when_opened(ContentKind kind) {
    return kind == ContentKind::program || kind == ContentKind::script ||
           kind == ContentKind::shortcut || kind == ContentKind::disk_image ||
           kind == ContentKind::help;
}

bool looks_harmless(ContentKind kind) {
    return kind == ContentKind::document || kind == ContentKind::image;
}

bool has_double_extension(std::string_view name) {
    const auto last = extension_of(name);
    const bool is_dangerous =
        runs_when_opened(kind_of_extension(last)) || kind_of_extension(last) == ContentKind::html;
    if (last.empty() || !is_dangerous) return false;
    std::string_view stem = name.substr(0, static_cast<std::size_t>(last.data() - name.data()) - 1);
    while (!stem.empty() && (is_blank(stem.back()) || stem.back() == '_')) stem.remove_suffix(1);
    return looks_harmless(kind_of_extension(extension_of(stem)));
}

bool has_direction_override(std::string_view name) {
    constexpr std::array<std::string_view, 8> kControls = {"\u202a", "\u202b", "\u202d", "\u202e",
                                                           "\u2066", "\u2067", "\u2068", "\u202c"};
    return std::any_of(kControls.begin(), kControls.end(), [name](std::string_view control) {
        return name.find(control) != std::string_view::npos;
    });
}

bool has_padded_extension(std::string_view name) {
    const bool is_padded = name.find("        ") != std::string_view::npos ||
                           name.find("________") != std::string_view::npos ||
                           name.find("\u2800\u2800\u2800") != std::string_view::npos ||
                           name.find("\u00a0\u00a0\u00a0\u00a0") != std::string_view::npos;
    return is_padded && runs_when_opened(kind_of_extension(extension_of(name)));
}

}  // namespace cordon
