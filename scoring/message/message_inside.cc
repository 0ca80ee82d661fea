// SPDX-License-Identifier: GPL-2.0-only
// Files that stand encoded in what a part holds, in files found so too: blocks in texts, and the
// attachments of invitations and address cards.
#include "conf/base/text.h"
#include "scoring/message/card_files.h"
#include "scoring/message/message_parser.h"

namespace cordon {

namespace {

/// In files that are no texts a block is only looked for where they begin.
bool begins_with_block(std::string_view bytes) {
    constexpr std::size_t kHead = 1024;
    return EncodedBlocks(bytes.substr(0, kHead)).next().has_value();
}

}  // namespace

/// Each file found is a part behind this one, and looked into in its turn. Variants of the part say
/// much the same, and are not.
void MessageParser::look_inside(int index) {
    for (int i = index; i < static_cast<int>(message_.parts_.size()); ++i) {
        const Part& part = message_.parts_[static_cast<std::size_t>(i)];
        if (i != index && part.parent < index) continue;
        const bool is_text = part.type.starts_with("text/") || part.is_identity;
        if (part.bytes().size() >= kLeastViewed) {
            if (is_text || begins_with_block(part.bytes())) add_text_blocks(i);
            add_card_files(i);
            add_base64_again(i);
        }
        open_container(i);
    }
}

bool MessageParser::has_room_inside(int index) {
    const Part& part = message_.parts_[static_cast<std::size_t>(index)];
    if (static_cast<std::size_t>(part.depth) < limits_.depth) return has_room(index);
    note("LIMIT_DEPTH", std::to_string(limits_.depth), index);
    return false;
}

/// A file that stands encoded in another part: clients show it as an attachment.
void MessageParser::add_file(int index, const EncodedBlock& block, std::string_view type) {
    const Part& outer = message_.parts_[static_cast<std::size_t>(index)];
    Part file;
    file.reading = outer.reading;
    file.depth = outer.depth + 1;
    file.parent = index;
    file.type = type.find('/') == std::string_view::npos ? "application/octet-stream" : type;
    file.encoding = block.token;
    file.name = to_valid_utf8(block.name.substr(0, 255));
    file.has_attachment_disposition = true;
    file.encoded = block.data;
    keep_decoded(file, block.encoding, decode(block.encoding, block.data));
    add_part(std::move(file));
}

void MessageParser::add_text_blocks(int index) {
    EncodedBlocks blocks(message_.parts_[static_cast<std::size_t>(index)].bytes());
    while (const auto block = blocks.next()) {
        if (!has_room_inside(index)) return;
        note("MIME_UUENCODED", block->name, index);
        add_file(index, *block, {});
    }
}

/// What is base64 still when base64 was undone. Each time a quarter of it is lost.
void MessageParser::add_base64_again(int index) {
    const Part& part = message_.parts_[static_cast<std::size_t>(index)];
    if (part.is_identity || part.is_multipart() || !looks_like_base64(part.decoded, kLeastViewed))
        return;
    if (!has_room_inside(index)) return;
    add_file(index, {TransferEncoding::base64, "base64", part.name, part.decoded, 0}, part.type);
}

void MessageParser::add_card_files(int index) {
    const Part& part = message_.parts_[static_cast<std::size_t>(index)];
    if (!is_card(part)) return;
    CardFiles files(part.bytes());
    while (const auto file = files.next()) {
        if (!has_room_inside(index)) return;
        add_file(index, {TransferEncoding::base64, "base64", file->name, file->base64, 0},
                 file->type);
    }
}

}  // namespace cordon
