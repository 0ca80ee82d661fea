// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/message/html_reader.h"

#include <algorithm>
#include <utility>

#include "conf/base/text.h"
#include "scoring/message/entities.h"
#include "scoring/message/html_element.h"

namespace cordon {
namespace {

constexpr std::size_t kShownBytes = 2000;
constexpr std::size_t kTitleBytes = 1000;

/// The value with its references decoded; `buffer` is used only when there are any.
std::string_view decoded(std::string_view written, std::string& buffer) {
    if (written.find('&') == std::string_view::npos) return written;
    buffer = decode_attribute(written);
    return buffer;
}

}  // namespace

HtmlReader::HtmlReader(std::string_view text, const Limits& limits)
    : limits_(limits),
      tokenizer_(text),
      stack_(limits.html_depth),
      visible_(limits.text_bytes),
      hidden_(limits.text_bytes),
      shown_(kShownBytes) {}

HtmlReader::HtmlReader(std::string_view text, const Limits& limits, StyleSheet sheet)
    : HtmlReader(text, limits) {
    sheet_ = std::move(sheet);
    is_final_sheet_ = true;
}

void HtmlReader::run() {
    while (tokenizer_.next(token_)) {
        switch (token_.kind) {
            case HtmlToken::Kind::text: text(token_.text); break;
            case HtmlToken::Kind::start_tag: start_tag(); break;
            case HtmlToken::Kind::end_tag: end_tag(); break;
            case HtmlToken::Kind::comment: comment(token_.text); break;
        }
    }
    follow_link(-1);
}

Html HtmlReader::take() {
    constexpr std::size_t kLongestPreheader = 400;
    const auto preheader = std::string_view(hidden_.text()).substr(0, html_.hidden_preheader);
    if (significant_bytes(preheader) > kLongestPreheader) html_.hidden_preheader = 0;
    html_.over_limit =
        html_.over_limit || stack_.is_over_limit() || visible_.is_full() || hidden_.is_full();
    html_.text = visible_.take();
    html_.hidden_text = hidden_.take();
    if (base_) {
        for (Link& link : html_.links) {
            if (link.source != LinkSource::base) link.url = resolve_url(*base_, link.url.raw);
        }
    }
    return std::move(html_);
}

void HtmlReader::text(std::string_view written) {
    const auto blanks = stack_.is_preformatted() ? Blanks::keep_lines : Blanks::fold;
    if (is_blank_html(written)) {
        if (blanks == Blanks::keep_lines) visible_.line_break();
        visible_.blank();
        hidden_.blank();
        shown_.blank();
        return;
    }
    const auto hiding = stack_.text_hiding();
    if (hiding != 0) {
        hidden_.append(written, blanks);
        hidden_.blank();
        visible_.blank();
        if (hidden_.text().size() > hidden_size_) {
            hidden_size_ = hidden_.text().size();
            html_.hiding |= hiding;
        }
        if (visible_.text().empty()) html_.hidden_preheader = hidden_size_;
        return;
    }
    visible_.append(written, blanks);
    if (stack_.link() != link_) follow_link(stack_.link());
    if (link_ >= 0) shown_.append(written, blanks);
}

/// Text from here on belongs to another link, or to none.
void HtmlReader::follow_link(int link) {
    auto part = shown_.take();
    if (link_ >= 0 && !part.empty()) {
        auto& shown = html_.links[static_cast<std::size_t>(link_)].shown;
        if (!shown.empty()) shown += ' ';
        shown += utf8_prefix(part, kShownBytes - std::min(kShownBytes, shown.size()));
    }
    link_ = link;
}

void HtmlReader::line_break() {
    visible_.line_break();
    hidden_.line_break();
    shown_.blank();
}

void HtmlReader::start_tag() {
    ++html_.tags;
    if (token_.tag == Tag::br || is_block_element(token_.tag)) line_break();
    if (token_.tag == Tag::td || token_.tag == Tag::th) {
        visible_.blank();
        hidden_.blank();
        shown_.blank();
    }
    note_facts();
    const auto first_link = html_.links.size();
    const int link = has_links(token_) ? add_links(token_, stack_.text_hiding() != 0) : -1;
    const auto& style = style_of_tag();
    if (token_.tag == Tag::img || token_.tag == Tag::image) {
        note_image(style,
                   first_link < html_.links.size() && !html_.links[first_link].url.host.empty());
    }
    if (token_.tag == Tag::plaintext) {
        text(tokenizer_.rest());
    } else if (has_raw_text(token_.tag) && !stack_.is_foreign()) {
        raw_text_element();
    } else if (!is_void_element(token_.tag) && !(token_.self_closing && stack_.is_foreign())) {
        stack_.open(token_.tag, token_.name, style, token_.tag == Tag::a ? link : -1);
        if (link >= 0 && token_.tag == Tag::a) {
            html_.links[static_cast<std::size_t>(link)].hidden = stack_.text_hiding() != 0;
        }
        tokenizer_.set_foreign(stack_.is_foreign());
    }
}

void HtmlReader::end_tag() {
    if (token_.tag == Tag::br || is_block_element(token_.tag)) line_break();
    stack_.close(token_.tag, token_.name);
    tokenizer_.set_foreign(stack_.is_foreign());
}

/// Elements whose content is no markup.
void HtmlReader::raw_text_element() {
    const Tag tag = token_.tag;
    const auto content = tokenizer_.raw_text(token_.name);
    if (tag == Tag::style) {
        add_css_links(content);
        if (is_final_sheet_) return;
        const auto rules = sheet_.rules();
        sheet_.add(content);
        has_late_style_ = has_late_style_ || (has_elements_ && sheet_.rules() > rules);
    } else if (tag == Tag::title && html_.title.empty()) {
        HtmlText title(kTitleBytes);
        title.append(content, Blanks::fold);
        html_.title = title.take();
    } else if (tag == Tag::textarea || tag == Tag::xmp) {
        text(content);
    }
}

/// A comment; what stands in <!--[if mso]> ... <![endif]--> is shown by Outlook.
void HtmlReader::comment(std::string_view comment) {
    html_.comments_bytes += comment.size();
    const auto start = comment.find_first_not_of(" \t\r\n");
    if (start == std::string_view::npos || !istarts_with(comment.substr(start), "[if")) return;
    HtmlTokenizer inner(comment.substr(start));
    HtmlToken token;
    while (inner.next(token)) {
        if (token.kind == HtmlToken::Kind::start_tag && has_links(token)) add_links(token, false);
    }
}

const Style& HtmlReader::style_of_tag() {
    style_.clear();
    add_attributes(token_, style_);
    has_elements_ = has_elements_ || !belongs_into_head(token_);
    if (!sheet_.is_empty()) {
        std::string buffer;
        std::string id_buffer;
        sheet_.apply(token_.name, decoded(token_.raw(Attribute::class_), buffer),
                     decoded(token_.raw(Attribute::id), id_buffer), style_);
    }
    const auto written = token_.raw(Attribute::style);
    if (written.empty()) return style_;
    const auto& own = style_of_attribute(written);
    if (style_.is_empty()) return own;
    style_.merge(own);
    return style_;
}

const Style& HtmlReader::style_of_attribute(std::string_view written) {
    const auto byte = [written](std::size_t at) { return static_cast<unsigned char>(written[at]); };
    const auto size = written.size();
    const auto hash = size * 31 + byte(size / 2) * 3U + byte(size / 3) * 7U +
                      byte(size - size / 4 - 1) * 13U + byte(size - 1);
    auto& place = known_style_places_[hash % known_style_places_.size()];
    if (place == 0) {
        if (known_styles_.size() < 255) known_styles_.emplace_back();
        place = static_cast<std::uint8_t>(known_styles_.size());
    }
    KnownStyle& known = known_styles_[place - 1U];
    if (known.written != written) {
        std::string buffer;
        known = {written, parse_style(decoded(written, buffer))};
    }
    return known.style;
}

void HtmlReader::note_facts() {
    html_.has_event_handler = html_.has_event_handler || token_.has(Attribute::event_handler);
    switch (token_.tag) {
        case Tag::form: html_.has_form = true; break;
        case Tag::script: html_.has_script = true; break;
        case Tag::base: html_.has_base = true; break;
        case Tag::iframe:
        case Tag::frame: html_.has_iframe = true; break;
        case Tag::object:
        case Tag::embed:
        case Tag::applet: html_.has_object = true; break;
        case Tag::meta: note_meta(); break;
        case Tag::input: note_input(); break;
        default: break;
    }
}

void HtmlReader::note_input() {
    std::string buffer;
    const auto type = trim(decoded(token_.raw(Attribute::type), buffer));
    if (iequals(type, "password")) html_.has_password_field = true;
    if (iequals(type, "submit") || iequals(type, "button") || iequals(type, "reset")) {
        text(token_.raw(Attribute::value));
    }
}

void HtmlReader::note_meta() {
    std::string buffer;
    if (!iequals(trim(decoded(token_.raw(Attribute::http_equiv), buffer)), "refresh")) return;
    html_.has_meta_refresh = true;
    const auto target = refresh_target(decoded(token_.raw(Attribute::content), buffer));
    if (!target.empty()) add_link(target, LinkSource::refresh, false);
}

void HtmlReader::note_image(const Style& style, bool is_remote) {
    ++html_.images;
    if (is_remote) ++html_.remote_images;
    if (is_tiny(token_, style)) ++html_.tiny_images;
    const auto alt = token_.raw(Attribute::alt);
    if (is_blank_html(alt) || html_.alt_text.size() >= limits_.text_bytes) return;
    HtmlText line(kTitleBytes);
    line.append(alt, Blanks::fold);
    if (!html_.alt_text.empty()) html_.alt_text += '\n';
    html_.alt_text += line.take();
}

/// The place of the link that a click on the element follows, -1 without one.
int HtmlReader::add_links(const HtmlToken& tag, bool is_hidden) {
    tag_links_.clear();
    links_of(tag, tag_links_);
    int clicked = -1;
    for (const TagLink& link : tag_links_) {
        std::string buffer;
        const auto value = decoded(link.written, buffer);
        if (link.is_css) {
            add_css_links(value);
            continue;
        }
        const int place = add_link(value, link.source, is_hidden);
        if (clicked < 0 && link.source == LinkSource::anchor) clicked = place;
        if (link.source == LinkSource::base && place >= 0 && !base_) {
            base_ = html_.links[static_cast<std::size_t>(place)].url;
        }
    }
    return clicked;
}

void HtmlReader::add_css_links(std::string_view css) {
    for (const auto target : css_urls(css, limits_.urls)) {
        add_link(target, LinkSource::style, false);
    }
}

int HtmlReader::add_link(std::string_view value, LinkSource source, bool is_hidden) {
    if (html_.links.size() >= limits_.urls) {
        html_.over_limit = true;
        return -1;
    }
    Link link;
    link.url = parse_url(value);
    if (link.url.raw.empty()) return -1;
    link.source = source;
    link.hidden = is_hidden;
    html_.links.push_back(std::move(link));
    return static_cast<int>(html_.links.size()) - 1;
}

}  // namespace cordon
