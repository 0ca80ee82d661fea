// SPDX-License-Identifier: GPL-2.0-only
// The work list, entities and multiparts; leaves are in message_leaf.cc, texts in message_texts.cc.
#include "scoring/message/message_parser.h"

#include <algorithm>

#include "conf/base/text.h"
#include "scoring/message/parser_error.h"

namespace cordon {

namespace {

// Reading the same bytes again in other ways may cost so many times what one reading costs.
constexpr std::size_t kMostRereads = 24;

}  // namespace

MessageParser::MessageParser(std::string_view bytes, const Limits& limits)
    : limits_(limits),
      decoded_left_(limits.decoded_bytes),
      work_left_(bytes.size() * kMostRereads + 65536),
      text_left_(limits.text_bytes) {
    message_.raw_ = bytes;
    message_.limits_ = limits;
}

Message MessageParser::run() {
    auto text = std::make_unique<DashedText>();
    text->bytes = message_.raw_;
    text->lines = find_dash_lines(text->bytes);
    Job first;
    first.text = text.get();
    first.range = {0, text->bytes.size()};
    texts_.push_back(std::move(text));
    stack_.push_back(first);
    while (!stack_.empty() || !later_.empty()) {
        if (stack_.empty()) {
            stack_.push_back(later_.front());
            later_.pop_front();
        }
        const Job job = stack_.back();
        stack_.pop_back();
        if (!begin_job(job)) continue;
        in_part(message_.parts_.size(), "its structure",
                [&] { job.is_region ? read_region(job) : read_entity(job); });
    }
    if (message_.parts_.empty()) message_.parts_.emplace_back();
    collect_texts();
    return std::move(message_);
}

/// Whether the part is in what a report returns: often cut off, and nobody's mail any more.
bool MessageParser::is_returned(int part) const {
    while (part >= 0) {
        part = message_.parts_[static_cast<std::size_t>(part)].parent;
        if (part >= 0 && message_.parts_[static_cast<std::size_t>(part)].type == "multipart/report")
            return true;
    }
    return false;
}

void MessageParser::note(std::string_view rule, std::string_view detail, int part) {
    const bool is_from_cutting =
        rule == "MIME_BOUNDARY_GUESSED" || rule == "MIME_PART_IN_EPILOGUE" ||
        rule == "MIME_MESSAGE_PARTIAL" || rule == "MIME_ENCODING_UNDECLARED";
    if (is_from_cutting && is_returned(part)) return;
    // Once a rule: the first place is enough for a hit, and a thousand parts are no thousand hits.
    const bool is_known = std::any_of(message_.oddities_.begin(), message_.oddities_.end(),
                                      [rule](const Oddity& o) { return o.rule == rule; });
    if (!is_known) message_.oddities_.push_back({std::string(rule), printable(detail, 160), part});
}

int MessageParser::reading_for(Way way) {
    if (way == Way::usual) return 0;
    int& reading = readings_[static_cast<std::size_t>(way)];
    if (reading == 0) reading = message_.readings_++;
    return reading;
}

void MessageParser::later(Job job, Way way) {
    const auto next = static_cast<std::size_t>(message_.readings_);
    if (readings_[static_cast<std::size_t>(way)] == 0 && next >= limits_.readings) {
        note("LIMIT_READINGS", "", job.parent);
        return;
    }
    job.way = way;
    later_.push_back(job);
}

/// False for what was read before in the same manner, and when the work allowed is done.
bool MessageParser::begin_job(const Job& job) {
    const JobKey key{job.text,
                     job.range.begin,
                     job.range.end,
                     job.type_choice,
                     job.boundary_choice,
                     static_cast<std::size_t>(job.header_reading) * 2 + (job.is_region ? 1U : 0U)};
    if (!seen_jobs_.insert(key).second) return false;
    if (job.way == Way::usual) return true;
    const std::size_t size = job.range.empty() ? 0 : job.range.end - job.range.begin;
    if (size > work_left_) {
        note("LIMIT_READINGS", "", job.parent);
        return false;
    }
    work_left_ -= size;
    return true;
}

bool MessageParser::has_room(int part) {
    if (message_.parts_.size() < limits_.parts) return true;
    note("LIMIT_PARTS", std::to_string(limits_.parts), part);
    return false;
}

int MessageParser::add_part(Part part) {
    message_.parts_.push_back(std::move(part));
    notes_.emplace_back();
    return static_cast<int>(message_.parts_.size() - 1);
}

void MessageParser::read_region(const Job& job) {
    const GuessedSplit split = split_by_guess(*job.text, job.range, limits_.parts);
    if (split.has_lone_cr) note("MIME_BOUNDARY_LONE_CR", "", job.parent);
    push_children(job, job.parent, split.parts);
}

void MessageParser::read_entity(const Job& job) {
    if (!has_room(job.parent)) return;
    Part part;
    part.reading = reading_for(job.way);
    part.depth = job.depth;
    part.parent = job.parent;
    const std::string_view entity = job.text->view(job.range);
    part.headers = HeaderBlock::parse(entity, limits_, job.header_reading);
    const Declaration declared =
        read_declaration(part.headers, job.is_in_digest ? "message/rfc822" : "text/plain", limits_);
    const ContentType& type = declared.types[std::min(job.type_choice, declared.types.size() - 1)];
    part.type = type.type;
    part.charset = type.charset;
    part.encoding = declared.encodings.front().token;
    part.has_attachment_disposition = declared.is_attachment;
    if (!declared.names.empty()) part.name = declared.names.front();
    part.encoded = entity.substr(std::min(part.headers.body_offset, entity.size()));
    // Without an empty line further on, that client sees an empty body: nothing to add.
    const bool is_rereading = job.header_reading == HeaderReading::past_junk;
    if (is_rereading && part.encoded.empty()) return;
    const bool is_multipart = part.is_multipart();
    const int index = add_part(std::move(part));
    for (const DeclaredOddity& oddity : declared.oddities) note(oddity.rule, oddity.detail, index);
    schedule_other_headers(job, message_.parts_[static_cast<std::size_t>(index)], declared);
    if (is_multipart)
        read_multipart(job, index, declared);
    else
        read_leaf(job, index, declared);
}

void MessageParser::schedule_other_headers(const Job& job, const Part& part,
                                           const Declaration& declared) {
    const bool is_first_look = job.header_reading == HeaderReading::strict;
    if (is_first_look && part.headers.has_lone_cr) {
        Job other = job;
        other.header_reading = HeaderReading::cr_too;
        later(other, Way::cr_ends_lines);
    }
    if (!part.headers.clean_end && !part.headers.fields().empty()) {
        note("MIME_HEADER_NO_END", part.encoded.substr(0, 60), -1);
    }
    const bool begins_like_one =
        !part.headers.fields().empty() || begins_with_mime_field(part.encoded);
    if (is_first_look && !part.headers.clean_end && begins_like_one) {
        Job other = job;
        other.header_reading = HeaderReading::past_junk;
        later(other, Way::passes_junk_in_header);
    }
    if (job.type_choice != 0) return;
    for (std::size_t i = 1; i < declared.types.size(); ++i) {
        Job other = job;
        other.type_choice = i;
        later(other, Way::other_type);
    }
}

void MessageParser::push_children(const Job& job, int index, const std::vector<Range>& parts) {
    const bool is_digest =
        index >= 0 && message_.parts_[static_cast<std::size_t>(index)].type == "multipart/digest";
    // The stack gives back the last one first.
    for (auto range = parts.rbegin(); range != parts.rend(); ++range) {
        Job child;
        child.text = job.text;
        child.range = *range;
        child.parent = index;
        child.depth = index < 0 ? 0 : message_.parts_[static_cast<std::size_t>(index)].depth + 1;
        child.way = job.way;
        child.is_in_digest = is_digest;
        stack_.push_back(child);
    }
}

void MessageParser::read_multipart(const Job& job, int index, const Declaration& declared) {
    const auto at = static_cast<std::size_t>(index);
    const std::string_view encoded = message_.parts_[at].encoded;
    const Range body{job.range.end - encoded.size(), job.range.end};
    if (static_cast<std::size_t>(job.depth) >= limits_.depth) {
        note("LIMIT_DEPTH", std::to_string(limits_.depth), index);
        message_.parts_[at].is_identity = true;
        return;
    }
    const ContentType& type = declared.types[std::min(job.type_choice, declared.types.size() - 1)];
    if (declared.encodings.front().encoding != TransferEncoding::identity) {
        note("MIME_ENCODING_MULTIPART", declared.encodings.front().token, index);
    }
    const std::string boundary = choose_boundary(job, index, type, body);
    if (boundary.empty()) {
        read_encoded_multipart(job, index, declared);
        read_without_boundary(job, index, declared, body);
        return;
    }
    notes_[at].boundary = boundary;
    for (int outer = message_.parts_[at].parent; outer >= 0;
         outer = message_.parts_[static_cast<std::size_t>(outer)].parent) {
        if (notes_[static_cast<std::size_t>(outer)].boundary == boundary) {
            note("MIME_BOUNDARY_REUSED", boundary, index);
        }
    }
    const Split split = split_at_boundary(*job.text, body, boundary, limits_.parts);
    if (!split.has_end) note("MIME_BOUNDARY_NO_END", boundary, index);
    read_around_parts(job, index, split);
    push_children(job, index, split.parts);
}

/// The first declared boundary that appears; others that appear too are other readings.
std::string MessageParser::choose_boundary(const Job& job, int index, const ContentType& type,
                                           Range body) {
    std::string chosen;
    std::size_t seen = 0;
    for (const std::string& boundary : type.boundaries) {
        if (!has_boundary(*job.text, body, boundary)) continue;
        if (seen == job.boundary_choice) chosen = boundary;
        if (seen > 0 && job.boundary_choice == 0) {
            note("MIME_BOUNDARY_CONFLICT", boundary, index);
            Job other = job;
            other.boundary_choice = seen;
            later(other, Way::other_boundary);
        }
        ++seen;
    }
    if (seen == 0 && type.boundaries.empty()) note("MIME_BOUNDARY_MISSING", type.type, index);
    if (seen == 0 && !type.boundaries.empty()) {
        note("MIME_BOUNDARY_NOT_FOUND", type.boundaries.front(), index);
    }
    return chosen;
}

/// No boundary in sight: RFC 2045 allows no encoding around parts, but some clients undo one.
void MessageParser::read_encoded_multipart(const Job& job, int index, const Declaration& declared) {
    for (const DeclaredEncoding& way : declared.encodings) {
        if (way.encoding == TransferEncoding::identity) continue;
        const std::string_view encoded = message_.parts_[static_cast<std::size_t>(index)].encoded;
        Decoded decoded = decode(way.encoding, encoded);
        if (decoded.bytes.empty() || decoded.bytes.size() > decoded_left_) continue;
        decoded_left_ -= decoded.bytes.size();
        Job inner = job;
        inner.text = own_text(std::move(decoded.bytes));
        inner.range = {0, inner.text->bytes.size()};
        inner.parent = index;
        inner.depth = job.depth + 1;
        inner.type_choice = inner.boundary_choice = 0;
        inner.header_reading = HeaderReading::strict;
        inner.is_region = true;
        later(inner, Way::other_encoding);
    }
}

/// Bytes that no part holds: the message does, since parts are views into them.
const DashedText* MessageParser::own_text(std::string bytes) {
    message_.unpacked_.push_back(std::make_unique<std::string>(std::move(bytes)));
    auto text = std::make_unique<DashedText>();
    text->bytes = *message_.unpacked_.back();
    text->lines = find_dash_lines(text->bytes);
    texts_.push_back(std::move(text));
    return texts_.back().get();
}

/// A multipart without parts: cut by guessing, else its body is one text.
void MessageParser::read_without_boundary(const Job& job, int index, const Declaration& declared,
                                          Range body) {
    const GuessedSplit split = split_by_guess(*job.text, body, limits_.parts);
    if (!split.parts.empty()) {
        note("MIME_BOUNDARY_GUESSED", "", index);
        push_children(job, index, split.parts);
        return;
    }
    if (body.empty() || !has_room(index)) return;
    const Part& outer = message_.parts_[static_cast<std::size_t>(index)];
    Part inner;
    inner.reading = outer.reading;
    inner.depth = outer.depth + 1;
    inner.parent = index;
    inner.type = "text/plain";
    inner.encoding = outer.encoding;
    inner.name = outer.name;
    inner.has_attachment_disposition = outer.has_attachment_disposition;
    inner.encoded = outer.encoded;
    Job child = job;
    child.depth = inner.depth;
    read_leaf(child, add_part(std::move(inner)), declared);
}

void MessageParser::read_around_parts(const Job& job, int index, const Split& split) {
    struct Region {
        Range range;
        std::string_view rule;
    };
    for (const Region& region : {Region{split.preamble, "MIME_PART_IN_PREAMBLE"},
                                 Region{split.epilogue, "MIME_PART_IN_EPILOGUE"}}) {
        if (region.range.empty()) continue;
        Job other = job;
        other.parent = index;
        other.depth = job.depth + 1;
        other.range = region.range;
        other.type_choice = other.boundary_choice = 0;
        other.header_reading = HeaderReading::strict;
        if (has_guessable_part(*job.text, region.range)) {
            note(region.rule, "", index);
            other.is_region = true;
            later(other, Way::guesses_boundary);
        } else if (begins_with_mime_field(job.text->view(region.range))) {
            note(region.rule, "", index);
            later(other, Way::header_in_body);
        } else if (has_bare_part(*job.text, region.range)) {
            note(region.rule, "", index);
            other.is_region = true;
            later(other, Way::guesses_boundary);
        }
    }
}

}  // namespace cordon
