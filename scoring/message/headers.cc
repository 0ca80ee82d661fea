// SPDX-License-Identifier: GPL-2.0-only
// One pass over the lines of a header block. What counts as a field is what the common MTAs and
// clients take for one: a name without blanks inside, blanks before the colon allowed.
#include "scoring/message/headers.h"

#include <algorithm>

#include "conf/base/text.h"
#include "scoring/message/mime.h"
#include "scoring/message/url_bytes.h"

namespace cordon {

namespace {

constexpr ByteSet kLineEnds("\r\n");

struct Line {
    std::string_view text;  // without its end
    std::size_t next = 0;   // where the next line begins
    bool ended = false;     // false for the last line of the bytes without a line end
};

Line line_at(std::string_view bytes, std::size_t begin, bool cr_too) {
    const std::string_view rest = bytes.substr(begin);
    const std::size_t newline = rest.find('\n');
    std::string_view text = rest.substr(0, newline);
    std::size_t next = newline == std::string_view::npos ? bytes.size() : begin + newline + 1;
    if (cr_too) {
        const std::size_t cr = text.find('\r');
        if (cr != std::string_view::npos && cr + 1 < text.size()) {
            return {text.substr(0, cr), begin + cr + 1, true};
        }
    }
    if (!text.empty() && text.back() == '\r') text.remove_suffix(1);
    return {text, next, newline != std::string_view::npos};
}

bool is_all_blank(std::string_view line) {
    return std::all_of(line.begin(), line.end(), [](char c) { return is_blank(c) || c == '\r'; });
}

bool is_below_name(char c) {
    return static_cast<unsigned char>(c) <= ' ' || c == '\x7f';
}

/// Length of the field name, or 0 when the line is no field. An empty name before the colon counts
/// as one: clients pass over such a line without ending the header.
bool is_field_line(std::string_view line, std::size_t& name_length) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return false;
    std::size_t begin = 0;
    std::size_t end = colon;
    while (begin < end && is_below_name(line[begin])) ++begin;
    while (end > begin && is_below_name(line[end - 1])) --end;
    for (std::size_t i = begin; i < end; ++i) {
        if (line[i] == ' ' || line[i] == '\t') return false;
    }
    name_length = colon;
    return true;
}

}  // namespace

/// Keeps the state of one pass; friend of HeaderBlock.
class HeaderReader {
 public:
    HeaderReader(std::string_view bytes, const Limits& limits, HeaderReading reading)
        : bytes_(bytes), limits_(limits), reading_(reading) {}

    HeaderBlock run() {
        block_.body_offset = bytes_.size();
        while (at_ < bytes_.size()) {
            const Line line = line_at(bytes_, at_, reading_ != HeaderReading::strict);
            if (!take(line)) break;
        }
        const std::string_view header = bytes_.substr(0, block_.body_offset);
        block_.has_nul = header.find('\0') != std::string_view::npos;
        return std::move(block_);
    }

 private:
    bool take(const Line& line) {
        if (line.text.empty() || (line.text == "\r" && reading_ == HeaderReading::strict)) {
            block_.body_offset = line.next;
            return false;
        }
        if (line.text.find('\r') != std::string_view::npos) block_.has_lone_cr = true;
        std::size_t name_length = 0;
        if (!split_name_.empty() && trim(line.text).starts_with(':')) {
            add_split(line);
        } else if (is_blank(line.text[0])) {
            if (is_all_blank(line.text) && !header_goes_on(line.next)) {
                block_.body_offset = line.next;
                return false;
            }
            extend(line);
        } else if (is_field_line(line.text, name_length)) {
            add(line, name_length);
        } else if (at_ == 0 && is_mbox_line(line.text)) {
            // An mbox separator that a mail store left in front.
        } else if (!may_pass_over(line)) {
            block_.body_offset = at_;
            block_.clean_end = false;
            return false;
        } else {
            split_name_ = line.text;
            at_ = line.next;
            return true;
        }
        split_name_ = {};
        at_ = line.next;
        return true;
    }

    /// A line that is no field: junk between fields, or something like a MIME field at the top.
    bool may_pass_over(const Line& line) const {
        if (reading_ != HeaderReading::past_junk) return false;
        return !block_.fields_.empty() || at_ > 0 || begins_with_mime_field(line.text);
    }

    static bool is_mbox_line(std::string_view line) {
        return line.starts_with("From ") || line.starts_with(">From ");
    }

    /// After a line of blanks: does what follows still look like a header?
    bool header_goes_on(std::size_t offset) {
        const Line next = line_at(bytes_, offset, reading_ != HeaderReading::strict);
        std::size_t name_length = 0;
        const bool goes_on = !block_.fields_.empty() && !next.text.empty() &&
                             ((is_blank(next.text[0]) && !is_all_blank(next.text)) ||
                              is_field_line(next.text, name_length));
        if (goes_on) block_.has_blank_fold = true;
        return goes_on;
    }

    void add(const Line& line, std::size_t name_length) {
        if (line.text.size() > limits_.header_bytes) block_.over_limit = true;
        if (block_.fields_.size() >= limits_.header_fields || at_ >= limits_.header_bytes) {
            block_.over_limit = true;
            return;
        }
        if (block_.fields_.empty()) block_.fields_.reserve(4);
        block_.fields_.push_back(
            {line.text.substr(0, name_length), line.text.substr(name_length + 1)});
    }

    /// "NAME" and ": value" on two lines: some readers unfold before they look for the colon.
    void add_split(const Line& line) {
        if (block_.fields_.size() >= limits_.header_fields) return;
        const std::size_t colon = line.text.find(':');
        block_.fields_.push_back({split_name_, line.text.substr(colon + 1)});
    }

    void extend(const Line& line) {
        if (block_.fields_.empty() || block_.over_limit) return;
        if (line.next > limits_.header_bytes) {
            block_.over_limit = true;
            return;
        }
        std::string_view& value = block_.fields_.back().value;
        const auto begin = static_cast<std::size_t>(value.data() - bytes_.data());
        const auto end =
            static_cast<std::size_t>(line.text.data() - bytes_.data()) + line.text.size();
        value = bytes_.substr(begin, end - begin);
    }

    std::string_view bytes_;
    const Limits& limits_;
    HeaderReading reading_;
    std::size_t at_ = 0;
    std::string_view split_name_;  // a line passed over that may be a name without its colon
    HeaderBlock block_;
};

HeaderBlock HeaderBlock::parse(std::string_view bytes, const Limits& limits,
                               HeaderReading reading) {
    return HeaderReader(bytes, limits, reading).run();
}

bool is_field(const HeaderField& field, std::string_view name) {
    std::string_view seen = field.name;
    if (seen.size() < name.size()) return false;
    while (!seen.empty() && is_below_name(seen.front())) seen.remove_prefix(1);
    while (!seen.empty() && is_below_name(seen.back())) seen.remove_suffix(1);
    return seen.size() == name.size() && iequals(seen, name);
}

const HeaderField* HeaderBlock::first(std::string_view name) const {
    for (const HeaderField& field : fields_) {
        if (is_field(field, name)) return &field;
    }
    return nullptr;
}

std::size_t HeaderBlock::count(std::string_view name) const {
    return static_cast<std::size_t>(std::count_if(
        fields_.begin(), fields_.end(), [&](const HeaderField& f) { return is_field(f, name); }));
}

std::string unfold(std::string_view value) {
    value = trim(value);
    std::string out;
    out.reserve(value.size());
    while (!value.empty()) {
        const std::size_t end = kLineEnds.find_in(value);
        out.append(value.substr(0, end));
        if (end == value.size()) break;
        // A CR that is no part of a line end separates words for most readers.
        if (value[end] == '\r' && (end + 1 >= value.size() || value[end + 1] != '\n')) out += ' ';
        value.remove_prefix(end + 1);
    }
    return out;
}

}  // namespace cordon
