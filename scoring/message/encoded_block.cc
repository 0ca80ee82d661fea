// SPDX-License-Identifier: GPL-2.0-only
// Files inside texts: what the readers of news, and some of mail, show as attachments.
#include <algorithm>
#include <array>

#include "conf/base/text.h"
#include "scoring/message/transfer_encoding.h"

namespace cordon {

namespace {

struct Kind {
    TransferEncoding encoding;
    std::string_view token;
    std::string_view begin;  // of the line before the data
    std::string_view end;    // of the line behind them
};

constexpr std::array kKinds = {
    Kind{TransferEncoding::base64, "base64", "begin-base64 ", "===="},
    Kind{TransferEncoding::yenc, "x-yenc", "=ybegin ", "=yend"},
    Kind{TransferEncoding::binhex, "binhex", "(This file must be converted with BinHex", ":"},
};

std::size_t after_line(std::string_view text, std::size_t at) {
    const std::size_t newline = text.find('\n', at);
    return newline == std::string_view::npos ? text.size() : newline + 1;
}

/// The next line that begins so.
std::size_t find_line(std::string_view text, std::string_view begin, std::size_t from) {
    while ((from = text.find(begin, from)) != std::string_view::npos) {
        if (from == 0 || text[from - 1] == '\n') return from;
        from += begin.size();
    }
    return from;
}

/// yEnc has "name=" last; uuencode a mode and then the name.
std::string_view name_in(const Kind& kind, std::string_view line) {
    if (kind.encoding == TransferEncoding::binhex) return {};
    line = trim(line);
    const std::size_t at = kind.encoding == TransferEncoding::yenc
                               ? line.find("name=")
                               : line.find(' ', kind.begin.size());
    if (at == std::string_view::npos) return {};
    return trim(line.substr(at + (kind.encoding == TransferEncoding::yenc ? 5 : 1)));
}

EncodedBlock block_at(const Kind& kind, std::string_view text, std::size_t at) {
    EncodedBlock block{kind.encoding, kind.token, {}, {}, 0};
    const std::size_t data = after_line(text, at);
    block.name = name_in(kind, text.substr(at, data - at));
    std::size_t end = 0;
    if (kind.encoding == TransferEncoding::binhex) {
        // The data stand between two colons, which may be on one line.
        const std::size_t first = text.find(':', data);
        end = first == std::string_view::npos ? first : text.find(':', first + 1);
        if (end != std::string_view::npos) ++end;
    } else {
        end = find_line(text, kind.end, data);
    }
    end = std::min(end, text.size());
    block.data = text.substr(data, end - data);
    block.end = std::max(end, data);
    return block;
}

static_assert(kKinds.size() == EncodedBlocks::kMarkers);

}  // namespace

std::optional<EncodedBlock> EncodedBlocks::next() {
    std::optional<EncodedBlock> found;
    std::size_t first = std::string_view::npos;
    for (std::size_t i = 0; i < kKinds.size(); ++i) {
        // Each marker is looked for once, so that the whole text costs one pass a kind.
        if (!is_known_[i] || (markers_[i] < from_)) {
            markers_[i] = find_line(text_, kKinds[i].begin, from_);
            is_known_[i] = true;
        }
        if (markers_[i] >= first) continue;
        first = markers_[i];
        found = block_at(kKinds[i], text_, first);
    }
    if (const auto block = find_uu_block(text_.substr(0, first), from_)) {
        found = EncodedBlock{TransferEncoding::uuencode, "x-uuencode", block->name, block->data,
                             block->end};
    }
    if (found) from_ = found->end;
    return found;
}

}  // namespace cordon
