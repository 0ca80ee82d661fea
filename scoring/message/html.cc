// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/message/html.h"

#include "scoring/message/html_reader.h"

namespace cordon {

Html parse_html(std::string_view utf8, const Limits& limits) {
    HtmlReader reader(utf8, limits);
    reader.run();
    if (!reader.has_late_style()) return reader.take();
    // Rules apply to the whole document, wherever they stand.
    HtmlReader again(utf8, limits, reader.take_sheet());
    again.run();
    return again.take();
}

}  // namespace cordon
