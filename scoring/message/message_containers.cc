// SPDX-License-Identifier: GPL-2.0-only
// Attachments that clients open without being asked, because they are mail in another shape: TNEF
// and opaque S/MIME.
#include <algorithm>

#include "conf/base/text.h"
#include "scoring/message/message_parser.h"
#include "scoring/message/packed_rtf.h"
#include "scoring/message/signed_data.h"
#include "scoring/message/tnef.h"

namespace cordon {

namespace {

bool is_signed_type(const Part& part) {
    const std::string name = lower(part.name);
    return part.type == "application/pkcs7-mime" || part.type == "application/x-pkcs7-mime" ||
           name.ends_with(".p7m") || name.ends_with(".p7z") || is_signed_data(part.bytes());
}

}  // namespace

void MessageParser::open_container(int index) {
    const Part& part = message_.parts_[static_cast<std::size_t>(index)];
    const bool has_tnef = is_tnef(part.bytes());
    if ((!has_tnef && !is_signed_type(part)) || !has_room_inside(index)) return;
    if (has_tnef)
        add_tnef(index);
    else
        add_signed(index);
}

std::string MessageParser::bytes_of(const TnefFile& file, int index) {
    if (!file.is_packed_rtf) return std::string(file.bytes.substr(0, decoded_left_ + 1));
    UnpackedRtf rtf = unpack_rtf(file.bytes, decoded_left_);
    if (rtf.is_damaged) note("MIME_TNEF_DAMAGED", "RTF", index);
    if (rtf.is_over_limit) note("LIMIT_DECODED", std::to_string(limits_.decoded_bytes), index);
    return std::move(rtf.bytes);
}

void MessageParser::add_tnef(int index) {
    const Part outer = message_.parts_[static_cast<std::size_t>(index)];
    // Of messages in messages only those depths are opened that parts may have.
    std::vector<std::pair<std::string, int>> waiting = {{std::string(outer.bytes()), outer.depth}};
    while (!waiting.empty()) {
        const auto [bytes, depth] = std::move(waiting.back());
        waiting.pop_back();
        const TnefContent content = read_tnef(bytes, limits_.parts);
        if (content.is_damaged) note("MIME_TNEF_DAMAGED", outer.name, index);
        for (const TnefFile& file : content.files) {
            if (!has_room(index)) return;
            std::string decoded = bytes_of(file, index);
            if (decoded.size() > decoded_left_) {
                note("LIMIT_DECODED", std::to_string(limits_.decoded_bytes), index);
                return;
            }
            decoded_left_ -= decoded.size();
            if (file.is_tnef && static_cast<std::size_t>(depth) + 1 < limits_.depth)
                waiting.emplace_back(std::string(file.bytes), depth + 1);
            else if (file.is_tnef)
                note("LIMIT_DEPTH", std::to_string(limits_.depth), index);
            Part part;
            part.reading = outer.reading;
            part.depth = depth + 1;
            part.parent = index;
            part.type = file.type;
            part.encoding = "binary";
            part.name = file.name;
            part.has_attachment_disposition = file.type == "application/octet-stream";
            part.decoded = std::move(decoded);
            add_part(std::move(part));
        }
    }
}

void MessageParser::add_signed(int index) {
    const auto at = static_cast<std::size_t>(index);
    std::string entity = content_of_signed_data(message_.parts_[at].bytes(), decoded_left_);
    if (entity.empty()) return;
    decoded_left_ -= entity.size();
    add_signed_file(index, entity);
    Job inner;
    inner.text = own_text(std::move(entity));
    inner.range = {0, inner.text->bytes.size()};
    inner.parent = index;
    inner.depth = message_.parts_[at].depth + 1;
    stack_.push_back(inner);
}

/// Not only mail is signed so: "invoice.pdf.p7m" holds a file as it is.
void MessageParser::add_signed_file(int index, const std::string& content) {
    const Part& outer = message_.parts_[static_cast<std::size_t>(index)];
    Part file;
    file.name = name_of_signed_file(outer.name);
    if (file.name.empty() || begins_with_mime_field(content)) return;
    if (content.size() > decoded_left_) {
        note("LIMIT_DECODED", std::to_string(limits_.decoded_bytes), index);
        return;
    }
    decoded_left_ -= content.size();
    file.reading = outer.reading;
    file.depth = outer.depth + 1;
    file.parent = index;
    file.type = "application/octet-stream";
    file.encoding = "binary";
    file.has_attachment_disposition = true;
    file.decoded = content;
    add_part(std::move(file));
}

}  // namespace cordon
