// SPDX-License-Identifier: GPL-2.0-only
// Attached files: what their name says and what their bytes say. What lies in archives:
// archives.cc.
#include <algorithm>
#include <array>

#include "conf/base/text.h"
#include "scoring/analysis/content_type.h"
#include "scoring/analysis/encryption.h"
#include "scoring/analysis/file_name.h"
#include "scoring/checks/check.h"
#include "scoring/message/html.h"
#include "scoring/message/pdf.h"

namespace cordon {

namespace {

constexpr std::array kRules = {
    CheckRule{"FILE_PROGRAM", 4.0, "An attached program"},
    CheckRule{"FILE_SCRIPT", 3.5, "An attached script that runs when opened"},
    CheckRule{"FILE_DISK_IMAGE", 3.0, "An attached disk image"},
    CheckRule{"FILE_SHORTCUT", 4.0, "An attached shortcut"},
    CheckRule{"FILE_INTERNET_SHORTCUT", 2.0, "An attached shortcut to a place on the network"},
    CheckRule{"FILE_HELP", 2.5, "An attached help file, which can run programs"},
    CheckRule{"FILE_DISGUISED", 3.5, "A program, script or page that poses as document or picture"},
    CheckRule{"FILE_TYPE_DIFFERS", 0.5, "An attachment is not what its name says"},
    CheckRule{"FILE_DOUBLE_EXTENSION", 2.5,
              "An attachment hides its true extension behind another"},
    CheckRule{"FILE_NAME_DIRECTION", 4.0,
              "The name of an attachment overrides the reading direction"},
    CheckRule{"FILE_NAME_PADDED", 2.0, "Blanks push the extension of an attachment out of sight"},
    CheckRule{"FILE_MACROS_NAME", 1.0, "An attached document of a kind that carries macros"},
    CheckRule{"FILE_HTML", 0.2, "An attached web page"},
    CheckRule{"FILE_HTML_FORM", 1.5, "An attached web page asks to fill in a form"},
    CheckRule{"FILE_HTML_SCRIPT", 2.0, "An attached web page runs a script"},
    CheckRule{"FILE_SVG_SCRIPT", 4.0, "An attached picture (SVG) runs a script"},
    CheckRule{"FILE_PDF_ACTION", 1.5, "An attached PDF runs a script or a program"},
    CheckRule{"FILE_PDF_CARRIES", 2.0, "An attached PDF holds a file and acts when it is opened"},
    CheckRule{"FILE_PDF_FORM", 0.5, "A form in an attached PDF is sent over the network"},
    CheckRule{"FILE_PDF_LINK", 0.1, "An attached PDF holds links"},
    CheckRule{"FILE_ENCRYPTED", 1.0, "An attachment is protected by a password"},
};

bool has_macros_name(std::string_view extension) {
    constexpr std::array<std::string_view, 9> kNames = {"docm", "dotm", "xlsm", "xltm", "xlam",
                                                        "xlsb", "pptm", "potm", "ppsm"};
    return std::any_of(kNames.begin(), kNames.end(),
                       [&](std::string_view known) { return iequals(known, extension); });
}

void check_name(const Part& part, Hits& hits) {
    const std::string& name = part.name;
    if (has_double_extension(name)) hits.add("FILE_DOUBLE_EXTENSION", name);
    if (has_direction_override(name)) hits.add("FILE_NAME_DIRECTION", name);
    if (has_padded_extension(name)) hits.add("FILE_NAME_PADDED", name);
    if (has_macros_name(extension_of(name))) hits.add("FILE_MACROS_NAME", name);
}

/// Mail programs attach a page that one sends as .url; a .lnk starts programs.
std::string_view shortcut_rule(const Part& part) {
    const bool is_internet =
        iequals(extension_of(part.name), "url") &&
        content_type_of(part.bytes()).media_type != "application/x-ms-shortcut";
    return is_internet ? "FILE_INTERNET_SHORTCUT" : "FILE_SHORTCUT";
}

/// What the file does when opened: by its name, which decides on Windows, or by its content.
void check_kind(const Part& part, ContentKind by_content, Hits& hits) {
    const ContentKind by_name = kind_of_extension(extension_of(part.name));
    for (const ContentKind kind : {by_name, by_content}) {
        switch (kind) {
            case ContentKind::program: hits.add("FILE_PROGRAM", part.name); break;
            case ContentKind::disk_image: hits.add("FILE_DISK_IMAGE", part.name); break;
            case ContentKind::shortcut: hits.add(shortcut_rule(part), part.name); break;
            case ContentKind::help: hits.add("FILE_HELP", part.name); break;
            default: break;
        }
    }
    // Scripts for Unix (by content) are sent among developers and run nowhere by a click.
    if (by_name == ContentKind::script) hits.add("FILE_SCRIPT", part.name);
    if (!looks_harmless(by_name)) return;
    const bool is_disguised =
        by_content == ContentKind::program || by_content == ContentKind::shortcut ||
        by_content == ContentKind::disk_image ||
        (by_content == ContentKind::html && !iequals(extension_of(part.name), "txt"));
    if (is_disguised) hits.add("FILE_DISGUISED", part.name);
    if (looks_harmless(by_content) && by_content != by_name)
        hits.add("FILE_TYPE_DIFFERS", part.name);
}

void check_page(const Part& part, Hits& hits) {
    hits.add("FILE_HTML", part.name);
    const Html html = parse_html(to_valid_utf8(part.bytes().substr(0, 256U * 1024U)), Limits{});
    if (html.has_form || html.has_password_field) hits.add("FILE_HTML_FORM", part.name);
    if (html.has_script || html.has_event_handler || html.has_meta_refresh) {
        hits.add("FILE_HTML_SCRIPT", part.name);
    }
}

void check_pdf(const Part& part, Hits& hits) {
    const PdfFacts pdf = scan_pdf(part.bytes());
    if (pdf.has_script || pdf.has_launch) hits.add("FILE_PDF_ACTION", part.name);
    if (pdf.has_embedded_file && (pdf.has_open_action || pdf.has_script))
        hits.add("FILE_PDF_CARRIES", part.name);
    if (pdf.has_submit) hits.add("FILE_PDF_FORM", part.name);
    if (!pdf.uris.empty()) hits.add("FILE_PDF_LINK", pdf.uris.front());
}

void check_content(const Part& part, Hits& hits) {
    const std::string_view bytes = part.bytes();
    const ContentType content = content_type_of(bytes);
    check_kind(part, content.kind, hits);
    if (!find_encryption(bytes).empty()) hits.add("FILE_ENCRYPTED", part.name);
    const bool is_page = content.kind == ContentKind::html ||
                         kind_of_extension(extension_of(part.name)) == ContentKind::html;
    if (is_page && part.is_attachment()) check_page(part, hits);
    const bool is_svg = iequals(extension_of(part.name), "svg") || part.type == "image/svg+xml";
    if (is_svg && icontains(bytes.substr(0, 256U * 1024U), "<script"))
        hits.add("FILE_SVG_SCRIPT", part.name);
    if (content.media_type != "application/pdf") return;
    check_pdf(part, hits);
}

void run(const CheckInput& input, Hits& hits) {
    for (const auto& part : input.message.parts()) {
        if (part.is_multipart() || part.type.starts_with("message/")) continue;
        check_name(part, hits);
        const bool is_body = !part.is_attachment() && part.type.starts_with("text/");
        if (!is_body) check_content(part, hits);
    }
}

}  // namespace

extern const Check check_attachments;
const Check check_attachments = {"attachments", kRules, run};

}  // namespace cordon
