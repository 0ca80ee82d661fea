// SPDX-License-Identifier: GPL-2.0-only
// What HTML hides from people and shows to filters, or the other way round.
#include <algorithm>
#include <array>

#include "scoring/analysis/facts.h"
#include "scoring/checks/check.h"

namespace cordon {

namespace {

constexpr std::array kRules = {
    CheckRule{"HTML_HIDDEN_TEXT", 1.5, "The HTML hides much text from the reader"},
    CheckRule{"HTML_HIDDEN_MOST", 2.0, "The HTML hides more text than it shows"},
    CheckRule{"HTML_IMAGE_ONLY", 1.5, "Images and links, but hardly any text"},
    CheckRule{"HTML_COMMENTS", 1.0, "The HTML consists mostly of comments"},
    CheckRule{"HTML_TRACKING", 0.0, "The HTML loads an image too small to be seen"},
    CheckRule{"HTML_FORM", 0.0, "The message asks to fill in a form"},
    CheckRule{"HTML_PASSWORD", 3.0, "The message asks to type in a password"},
    CheckRule{"HTML_SCRIPT", 0.0, "The message carries a script"},
    CheckRule{"HTML_REFRESH", 2.0, "The message moves the reader on to another page"},
    CheckRule{"HTML_IFRAME", 0.0, "The message shows another page inside itself"},
    CheckRule{"BODY_EMPTY", 2.7, "The message has no text at all"},
};

std::size_t letters_of(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) > ' '; }));
}

/// A preheader, which newsletters hide on purpose, is short but for invisible characters.
void check_hidden(const Html& html, std::size_t visible, Hits& hits) {
    const std::size_t hidden = letters_of(fold_text(html.hidden_text));
    const std::string detail =
        std::to_string(hidden) + " hidden, " + std::to_string(visible) + " shown";
    if (hidden > 400) hits.add("HTML_HIDDEN_TEXT", detail);
    if (hidden > 400 && hidden > visible) hits.add("HTML_HIDDEN_MOST", detail);
}

void check_source(const BodyText& text, Hits& hits) {
    const Html& html = text.html;
    if (html.has_form) hits.add("HTML_FORM");
    if (html.has_password_field) hits.add("HTML_PASSWORD");
    if (html.has_script) hits.add("HTML_SCRIPT");
    if (html.has_meta_refresh) hits.add("HTML_REFRESH");
    if (html.has_iframe) hits.add("HTML_IFRAME");
    if (html.tiny_images > 0 && html.remote_images > 0) hits.add("HTML_TRACKING");
    // Conditional comments for one mail client are long too, but come with as much text.
    if (html.comments_bytes > 3000 && html.comments_bytes > 8 * text.text.size())
        hits.add("HTML_COMMENTS");
}

bool has_content(const Message& message) {
    const auto& parts = message.parts();
    return std::any_of(parts.begin(), parts.end(), [](const Part& part) {
        return part.is_attachment() || part.type.starts_with("message/") ||
               part.type.starts_with("image/") || part.type.starts_with("application/");
    });
}

void run(const CheckInput& input, Hits& hits) {
    std::size_t visible = 0;
    std::size_t images = 0;
    for (const auto& text : input.message.texts()) {
        const std::size_t letters = letters_of(text.text);
        visible += letters;
        images += text.html.images;
        if (!text.is_html) continue;
        check_hidden(text.html, letters, hits);
        check_source(text, hits);
    }
    const bool has_anchor =
        std::any_of(input.message.links().begin(), input.message.links().end(),
                    [](const Link& link) { return link.source == LinkSource::anchor; });
    if (images > 0 && has_anchor && visible < 100) hits.add("HTML_IMAGE_ONLY");
    if (visible == 0 && images == 0 && !has_content(input.message)) hits.add("BODY_EMPTY");
}

}  // namespace

extern const Check check_html_hiding;
const Check check_html_hiding = {"html_hiding", kRules, run};

}  // namespace cordon
