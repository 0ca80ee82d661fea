// SPDX-License-Identifier: GPL-2.0-only
// OneNote notebooks that carry files behind a picture of a button (MS-ONESTORE section 2.6.13,
// FileDataStoreObject): found by their mark, wherever they stand.
#include <array>

#include "conf/base/text.h"
#include "scoring/analysis/content_type.h"
#include "scoring/checks/check.h"

namespace cordon {

namespace {

using namespace std::string_view_literals;

constexpr std::array kRules = {
    CheckRule{"FILE_ONENOTE", 0.5, "An attached OneNote notebook"},
    CheckRule{"FILE_ONENOTE_CARRIES", 4.0,
              "An attached OneNote notebook holds a program, script, shortcut or web page"},
};

constexpr std::string_view kNotebook =
    "\xE4\x52\x5C\x7B\x8C\xD8\xA7\x4D\xAE\xB1\x53\x78\xD0\x29\x96\xD3"sv;
constexpr std::string_view kFileData =
    "\xE7\x16\xE3\xBD\x65\x26\x11\x45\xA4\xC4\x8D\x4D\x0B\x7A\x9E\xAC"sv;
constexpr std::size_t kHeaderBytes = 36;  // mark, length, unused, reserved
constexpr std::size_t kHeadBytes = 4096;  // of the file, to know it by
constexpr int kMaxFiles = 200;

bool is_harmful(std::string_view head) {
    switch (content_type_of(head).kind) {
        case ContentKind::program:
        case ContentKind::script:
        case ContentKind::shortcut:
        case ContentKind::disk_image:
        case ContentKind::help:
        case ContentKind::html: return true;
        default: break;
    }
    // Batch files, VBScript, JScript and HTA have no mark of their own.
    constexpr std::array<std::string_view, 7> kWords = {
        "<script", "wscript.", "createobject(", "powershell", "@echo off", "cmd /c", "cmd.exe"};
    for (const auto word : kWords)
        if (icontains(head, word)) return true;
    return false;
}

void run(const CheckInput& input, Hits& hits) {
    for (const auto& part : input.message.parts()) {
        const std::string_view bytes = part.bytes();
        if (part.is_multipart() || !bytes.starts_with(kNotebook)) continue;
        hits.add("FILE_ONENOTE", part.name);
        int files = 0;
        for (auto at = bytes.find(kFileData); at != std::string_view::npos && files < kMaxFiles;
             at = bytes.find(kFileData, at + kFileData.size())) {
            ++files;
            if (bytes.size() - at <= kHeaderBytes) break;
            if (is_harmful(bytes.substr(at + kHeaderBytes, kHeadBytes)))
                hits.add("FILE_ONENOTE_CARRIES", part.name);
        }
    }
}

}  // namespace

extern const Check check_onenote;
const Check check_onenote = {"onenote", kRules, run};

}  // namespace cordon
