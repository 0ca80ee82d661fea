// SPDX-License-Identifier: GPL-2.0-only
// Parts that are no multipart: decoding in all plausible ways, and what may hide inside.
#include <algorithm>

#include "conf/base/text.h"
#include "scoring/message/message_parser.h"
#include "scoring/message/parameters.h"

namespace cordon {

namespace {

bool is_message_type(std::string_view type) {
    return type == "message/rfc822" || type == "message/global" || type == "message/news";
}

/// RFC 2046 section 5.2.2: piece 1 of 1.
bool is_only_piece(const HeaderBlock& headers) {
    const HeaderField* const field = headers.first("Content-Type");
    if (field == nullptr) return false;
    const auto value = parse_parameterized(unfold(field->value), Limits{});
    return std::any_of(value.parameters.begin(), value.parameters.end(),
                       [](const Parameter& p) { return p.name == "total" && p.value == "1"; });
}

std::string_view without_empty_lines(std::string_view text) {
    const std::size_t begin = text.find_first_not_of("\r\n");
    return begin == std::string_view::npos ? std::string_view() : text.substr(begin);
}

}  // namespace

void MessageParser::read_leaf(const Job& job, int index, const Declaration& declared) {
    const auto at = static_cast<std::size_t>(index);
    const TransferEncoding encoding = declared.encodings.front().encoding;
    Decoded decoded = decode(encoding, message_.parts_[at].encoded);
    note_damage(index, encoding, decoded);
    const bool is_damaged = decoded.has_inner_end || decoded.is_unaligned || decoded.junk > 0;
    keep_decoded(message_.parts_[at], encoding, std::move(decoded));
    if (is_message_type(message_.parts_[at].type)) {
        descend(job, index);
    } else {
        if (message_.parts_[at].type == "message/partial") {
            // Clients put pieces together that are messages of their own.
            const bool is_piece = job.parent < 0 && !is_only_piece(message_.parts_[at].headers);
            note(is_piece ? "MIME_MESSAGE_PIECE" : "MIME_MESSAGE_PARTIAL", "", index);
            descend(job, index);
        } else if (message_.parts_[at].type == "message/external-body") {
            note("MIME_MESSAGE_EXTERNAL", "", index);
        }
        look_into_body(job, index);
    }
    add_encoding_variants(index, declared);
    if (is_damaged && encoding == TransferEncoding::base64) add_base64_variants(index);
    if (is_damaged && encoding == TransferEncoding::quoted_printable) {
        add_variant(index, Way::drops_broken_escapes, encoding,
                    decode_quoted_printable(message_.parts_[at].encoded,
                                            QuotedPrintableReading::drop_broken));
    }
    add_without_nul(index, encoding);
    if (is_damaged || encoding != TransferEncoding::base64) add_sniffed_variants(index, encoding);
    add_names(index, declared);
    look_inside(index);
}

/// Things inside the body, as received, that some client takes for parts of their own.
void MessageParser::look_into_body(const Job& job, int index) {
    const Part& part = message_.parts_[static_cast<std::size_t>(index)];
    Job inner = job;
    inner.range = {job.range.end - part.encoded.size(), job.range.end};
    inner.header_reading = HeaderReading::strict;
    inner.type_choice = inner.boundary_choice = 0;
    inner.is_in_digest = false;
    if (static_cast<std::size_t>(job.depth) >= limits_.depth) return;
    const bool is_text = part.type.starts_with("text/") || part.type.starts_with("message/");
    const bool has_dashes = has_guessable_part(*job.text, inner.range);
    if (has_dashes || has_bare_part(*job.text, inner.range)) {
        // Header fields in the middle of something are common in source code and in bounces.
        note(is_text || !has_dashes ? "MIME_PART_IN_TEXT" : "MIME_PART_IN_PART", part.type, index);
        Job region = inner;
        region.parent = index;
        region.is_region = true;
        later(region, Way::guesses_boundary);
    }
    if (!has_dashes && begins_with_mime_field(part.encoded)) {
        note("MIME_HEADER_IN_BODY", without_empty_lines(part.encoded).substr(0, 60), index);
        const std::size_t skipped = part.encoded.size() - without_empty_lines(part.encoded).size();
        inner.range.begin += skipped;
        later(inner, Way::header_in_body);
    }
}

/// The message inside a message/rfc822 part.
void MessageParser::descend(const Job& job, int index) {
    const Part& part = message_.parts_[static_cast<std::size_t>(index)];
    if (static_cast<std::size_t>(job.depth) >= limits_.depth) {
        note("LIMIT_DEPTH", std::to_string(limits_.depth), index);
        return;
    }
    Job inner;
    inner.parent = index;
    inner.depth = part.depth + 1;
    inner.way = job.way;
    if (part.is_identity) {
        const std::string_view body = without_empty_lines(part.encoded);
        inner.text = job.text;
        inner.range = {job.range.end - body.size(), job.range.end};
    } else {
        if (part.decoded.size() < kLeastViewed) return;
        auto text = std::make_unique<DashedText>();
        text->bytes = without_empty_lines(part.decoded);
        text->lines = find_dash_lines(text->bytes);
        inner.text = text.get();
        inner.range = {0, text->bytes.size()};
        texts_.push_back(std::move(text));
    }
    if (!inner.range.empty()) stack_.push_back(inner);
}

Decoded MessageParser::decode(TransferEncoding encoding, std::string_view body) {
    // No decoder but BinHex gives more than it takes.
    if (encoding != TransferEncoding::identity && body.size() > decoded_left_) {
        note("LIMIT_DECODED", std::to_string(limits_.decoded_bytes), -1);
        body = body.substr(0, decoded_left_);
    }
    switch (encoding) {
        case TransferEncoding::base64: return decode_base64(body);
        case TransferEncoding::quoted_printable: return decode_quoted_printable(body);
        case TransferEncoding::uuencode: return decode_uuencode(body);
        case TransferEncoding::yenc: return decode_yenc(body);
        case TransferEncoding::binhex: return decode_binhex(body, decoded_left_);
        case TransferEncoding::identity:
        case TransferEncoding::unknown: break;
    }
    return {};
}

void MessageParser::keep_decoded(Part& part, TransferEncoding encoding, Decoded decoded) {
    part.is_identity =
        encoding == TransferEncoding::identity || encoding == TransferEncoding::unknown;
    if (part.is_identity) return;
    if (decoded.bytes.size() > decoded_left_) {
        note("LIMIT_DECODED", std::to_string(limits_.decoded_bytes), -1);
        decoded.bytes.resize(decoded_left_);
    }
    decoded_left_ -= decoded.bytes.size();
    part.decoded = std::move(decoded.bytes);
}

void MessageParser::note_damage(int index, TransferEncoding encoding, const Decoded& decoded) {
    const std::string junk = decoded.junk > 0 ? std::to_string(decoded.junk) + " bytes" : "";
    if (encoding == TransferEncoding::quoted_printable && decoded.junk > 0) {
        note("MIME_QP_BROKEN", junk, index);
    }
    if (encoding != TransferEncoding::base64) return;
    if (decoded.junk > 0) note("MIME_BASE64_JUNK", junk, index);
    if (decoded.has_inner_end) note("MIME_BASE64_INNER_PADDING", "", index);
    if (decoded.is_unaligned) note("MIME_BASE64_UNALIGNED", "", index);
}

void MessageParser::add_encoding_variants(int index, const Declaration& declared) {
    std::vector<TransferEncoding> tried = {declared.encodings.front().encoding};
    for (const DeclaredEncoding& other : declared.encodings) {
        if (std::find(tried.begin(), tried.end(), other.encoding) != tried.end()) continue;
        tried.push_back(other.encoding);
        const std::string_view body = message_.parts_[static_cast<std::size_t>(index)].encoded;
        add_variant(index, Way::other_encoding, other.encoding, decode(other.encoding, body));
    }
}

void MessageParser::add_base64_variants(int index) {
    struct Variant {
        Way way;
        Base64Reading reading;
        bool is_of_padding = false;
    };
    // Readers of padding differ over padding only.
    const std::string_view encoded = message_.parts_[static_cast<std::size_t>(index)].encoded;
    const bool has_padding = encoded.find('=') != std::string_view::npos;
    for (const Variant& variant : {Variant{Way::padding_stops, Base64Reading::stop, true},
                                   Variant{Way::padding_ignored, Base64Reading::ignore, true},
                                   Variant{Way::groups_per_line, Base64Reading::line_by_line},
                                   Variant{Way::whole_lines, Base64Reading::whole_lines}}) {
        if (variant.is_of_padding && !has_padding) continue;
        add_variant(index, variant.way, TransferEncoding::base64,
                    decode_base64(encoded, variant.reading));
    }
}

/// Encodings that the body itself shows, whatever the header says.
void MessageParser::add_sniffed_variants(int index, TransferEncoding encoding) {
    using enum TransferEncoding;
    const Part& part = message_.parts_[static_cast<std::size_t>(index)];
    const std::string_view body = part.encoded;
    const bool is_text = part.type.starts_with("text/");
    TransferEncoding seen = identity;
    // Escapes of all bytes consist of characters of base64 too, but not the other way round.
    if (encoding != quoted_printable && (encoding == base64 || !is_text) &&
        looks_like_quoted_printable(body))
        seen = quoted_printable;
    else if (encoding != base64 && looks_like_base64(body))
        seen = base64;
    else if (encoding == identity && body.substr(0, 512).find("BinHex 4.0") != body.npos)
        seen = binhex;
    else if ((encoding == base64 || (encoding == identity && !is_text)) &&
             looks_like_uuencode(body))
        seen = uuencode;
    if (seen == identity) return;
    if (!is_message_type(part.type) && seen != binhex)
        note("MIME_ENCODING_UNDECLARED", part.type, index);
    add_variant(index, Way::sniffs_encoding, seen, decode(seen, body));
}

/// Mail has no NUL bytes (RFC 5322 section 3.5), so some programs lose them.
void MessageParser::add_without_nul(int index, TransferEncoding encoding) {
    const Part& part = message_.parts_[static_cast<std::size_t>(index)];
    const bool is_text = encoding == TransferEncoding::quoted_printable ||
                         (part.is_identity && part.type.starts_with("text/"));
    if (!is_text || part.encoded.find('\0') == std::string_view::npos) return;
    note("MIME_BODY_NUL", "", index);
    std::string rest(part.encoded);
    std::erase(rest, '\0');
    Decoded decoded;
    if (encoding == TransferEncoding::quoted_printable)
        decoded = decode(encoding, rest);
    else if (rest.size() <= decoded_left_)
        decoded.bytes = std::move(rest);
    add_variant(index, Way::drops_nul, TransferEncoding::quoted_printable, std::move(decoded));
}

void MessageParser::add_variant(int index, Way way, TransferEncoding encoding, Decoded decoded) {
    const auto at = static_cast<std::size_t>(index);
    const bool is_identity =
        encoding == TransferEncoding::identity || encoding == TransferEncoding::unknown;
    const std::string_view bytes =
        is_identity ? message_.parts_[at].encoded : std::string_view(decoded.bytes);
    if (bytes.empty()) return;
    for (std::size_t i = at; i < message_.parts_.size(); ++i) {
        const Part& known = message_.parts_[i];
        if (known.encoded.data() == message_.parts_[at].encoded.data() && known.bytes() == bytes) {
            return;
        }
    }
    if (!has_room(index)) return;
    Part variant;
    const Part& part = message_.parts_[at];
    variant.reading = reading_for(way);
    variant.depth = part.depth;
    variant.parent = part.parent;
    variant.headers = part.headers;
    variant.type = part.type;
    variant.charset = part.charset;
    variant.encoding = part.encoding;
    variant.name = part.name;
    variant.has_attachment_disposition = part.has_attachment_disposition;
    variant.encoded = part.encoded;
    keep_decoded(variant, encoding, std::move(decoded));
    const int added = add_part(std::move(variant));
    notes_[static_cast<std::size_t>(added)].is_minor_variant =
        way != Way::other_encoding && way != Way::sniffs_encoding;
}

/// One more part for each further name: the same bytes, another type for the person who opens it.
void MessageParser::add_names(int index, const Declaration& declared) {
    for (std::size_t i = 1; i < declared.names.size() && has_room(index); ++i) {
        Part other = message_.parts_[static_cast<std::size_t>(index)];
        if (other.decoded.size() > decoded_left_) {
            note("LIMIT_DECODED", std::to_string(limits_.decoded_bytes), index);
            return;
        }
        decoded_left_ -= other.decoded.size();
        other.reading = reading_for(Way::other_name);
        other.name = declared.names[i];
        const int added = add_part(std::move(other));
        notes_[static_cast<std::size_t>(added)].is_minor_variant = true;
    }
}

}  // namespace cordon
