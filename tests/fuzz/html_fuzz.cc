// SPDX-License-Identifier: GPL-2.0-only
// parse_html: no crash, and its promises about limits, UTF-8 and preheaders hold for any bytes.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "conf/base/text.h"
#include "scoring/message/html.h"

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto text = cordon::to_valid_utf8(bytes);
    cordon::Limits limits;
    limits.html_depth = 16;
    limits.urls = 50;
    limits.text_bytes = 2000;
    const auto html = cordon::parse_html(text, limits);
    require(html.text.size() <= limits.text_bytes && html.hidden_text.size() <= limits.text_bytes);
    require(html.hidden_preheader <= html.hidden_text.size());
    require(html.links.size() <= limits.urls);
    require(html.tiny_images <= html.images && html.remote_images <= html.images);
    require(html.hidden_text.empty() == (html.hiding == 0));
    require(cordon::to_valid_utf8(html.text) == html.text);
    require(cordon::to_valid_utf8(html.hidden_text) == html.hidden_text);
    for (const auto& link : html.links) {
        require(cordon::to_valid_utf8(link.shown) == link.shown);
        require(link.url.raw.size() <= cordon::kUrlBytes && !link.url.raw.empty());
    }
    cordon::parse_html(bytes, limits);
    return 0;
}
