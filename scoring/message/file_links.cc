// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/message/file_links.h"

#include "conf/base/text.h"
#include "scoring/message/pdf.h"

namespace cordon {

namespace {

constexpr std::size_t kMaxCalendarBytes = 256U << 10U;
constexpr std::size_t kMaxRtfBytes = 256U << 10U;

/// Lines are folded at 75 bytes: a line end and a blank in the midst of a link (section 3.1).
std::string unfolded(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const std::size_t end = text[i] == '\r' ? i + 1 : i;
        const bool is_fold = end + 1 < text.size() && text[end] == '\n' &&
                             (text[end + 1] == ' ' || text[end + 1] == '\t');
        if (is_fold)
            i = end + 1;
        else if (text[i] == '\\' && i + 1 < text.size() && ascii_lower(text[i + 1]) == 'n') {
            out += '\n';  // the line end of a value
            ++i;
        } else
            out += text[i];
    }
    return out;
}

}  // namespace

std::vector<Url> links_in_file(const Part& part, std::size_t limit) {
    const std::string_view bytes = part.bytes();
    std::vector<Url> out;
    if (is_pdf(bytes)) {
        for (const auto& uri : scan_pdf(bytes).uris) {
            if (out.size() >= limit) break;
            out.push_back(parse_url(to_valid_utf8(uri)));
        }
    } else if (bytes.starts_with("{\\rtf")) {
        // Fields name their links in clear: HYPERLINK "https://...".
        out = find_urls(to_valid_utf8(bytes.substr(0, kMaxRtfBytes)), limit);
    } else if (part.type == "text/calendar" || istarts_with(bytes, "BEGIN:VCALENDAR")) {
        out = find_urls(to_valid_utf8(unfolded(bytes.substr(0, kMaxCalendarBytes))), limit);
    }
    return out;
}

}  // namespace cordon
