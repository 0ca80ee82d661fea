// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/message/tnef.h"

#include <algorithm>
#include <cstdint>

#include "conf/base/text.h"
#include "scoring/message/charset.h"

namespace cordon {

namespace {

using namespace std::string_view_literals;

constexpr std::size_t kAttributeHeader = 9;
constexpr std::size_t kHeader = 6;  // signature and key
constexpr std::uint32_t kAttachRendData = 0x9002;
constexpr std::uint32_t kAttachTitle = 0x8010;
constexpr std::uint32_t kAttachData = 0x800f;
constexpr std::uint32_t kAttachment = 0x9005;
constexpr std::uint32_t kMapiProps = 0x9003;
constexpr std::uint32_t kBody = 0x800c;

constexpr unsigned kUnicode = 0x1f;
constexpr unsigned kString8 = 0x1e;
constexpr unsigned kBinary = 0x102;
constexpr unsigned kObject = 0x0d;
constexpr unsigned kAttachDataProperty = 0x3701;
constexpr unsigned kLongFilename = 0x3707;
constexpr unsigned kFilename = 0x3704;
constexpr unsigned kHtml = 0x1013;
constexpr unsigned kPlainBody = 0x1000;
constexpr unsigned kPackedRtf = 0x1009;
constexpr std::size_t kGuid = 16;

/// Reads numbers, the lowest byte first; beyond the end everything is zero and `is_over`.
class Cursor {
 public:
    explicit Cursor(std::string_view bytes) : bytes_(bytes) {}

    std::uint32_t number(unsigned width) {
        const std::string_view taken = take(width);
        std::uint32_t value = 0;
        for (std::size_t i = 0; i < taken.size(); ++i)
            value |= std::uint32_t{static_cast<unsigned char>(taken[i])} << (8U * i);
        return value;
    }

    std::string_view take(std::size_t size) {
        if (size > bytes_.size()) is_over_ = true;
        const std::string_view taken = bytes_.substr(0, size);
        bytes_.remove_prefix(taken.size());
        return taken;
    }

    void skip_to_four(std::size_t size) { take((4 - size % 4) % 4); }
    bool is_over() const { return is_over_; }
    bool is_empty() const { return bytes_.empty(); }
    std::size_t left() const { return bytes_.size(); }

 private:
    std::string_view bytes_;
    bool is_over_ = false;
};

/// Bytes of one value for types of fixed size; 0 for those with a length.
std::size_t fixed_size(unsigned type) {
    switch (type) {
        case 0x02:
        case 0x03:
        case 0x04:
        case 0x0a:
        case 0x0b: return 4;
        case 0x05:
        case 0x06:
        case 0x07:
        case 0x14:
        case 0x40: return 8;
        case 0x48: return kGuid;
        default: return 0;
    }
}

std::string text_of(unsigned type, std::string_view bytes) {
    std::string text =
        type == kUnicode ? to_utf8(bytes, "utf-16le", 4096).text : to_valid_utf8(bytes);
    text.resize(std::min(text.find('\0'), text.size()));
    return std::string(utf8_prefix(text, 1024));
}

class TnefReader {
 public:
    TnefReader(std::string_view bytes, std::size_t limit) : cursor_(bytes), limit_(limit) {}

    TnefContent run() {
        cursor_.take(kHeader);
        // What is shorter than an attribute's header is padding.
        while (cursor_.left() >= kAttributeHeader && out_.files.size() < limit_) {
            cursor_.take(1);  // of the message, or of an attachment
            const std::uint32_t attribute = cursor_.number(4) & 0xffffU;
            const std::uint32_t length = cursor_.number(4);
            const std::string_view value = cursor_.take(length);
            take_attribute(attribute, value);
            if (cursor_.is_over()) break;
            cursor_.take(2);  // checksum
        }
        end_attachment();
        const bool is_cut = cursor_.is_over() || cursor_.left() >= kAttributeHeader;
        out_.is_damaged = out_.is_damaged || is_cut;
        return std::move(out_);
    }

 private:
    void take_attribute(std::uint32_t attribute, std::string_view value) {
        switch (attribute) {
            case kAttachRendData: end_attachment(); break;
            case kAttachTitle:
                if (current_.name.empty()) current_.name = text_of(kString8, value);
                break;
            case kAttachData: current_.bytes = value; break;
            case kAttachment: take_properties(value); break;
            case kMapiProps: take_properties(value); break;
            case kBody: add_body("text/plain", value); break;
            default: break;
        }
    }

    void end_attachment() {
        if (!current_.bytes.empty()) {
            current_.type = "application/octet-stream";
            out_.files.push_back(std::move(current_));
        }
        current_ = TnefFile{};
    }

    void add_body(std::string_view type, std::string_view bytes) {
        if (!bytes.empty()) out_.files.push_back({{}, type, bytes});
    }

    /// MS-OXTNEF 2.1.3.4: a count, then type, name and value of each property.
    void take_properties(std::string_view bytes) {
        Cursor cursor(bytes);
        const std::uint32_t count = cursor.number(4);
        for (std::uint32_t i = 0; i < count && !cursor.is_over() && !cursor.is_empty(); ++i) {
            const unsigned type = cursor.number(2);
            const unsigned property = cursor.number(2);
            if (property >= 0x8000) skip_name(cursor);
            take_values(cursor, type, property);
        }
        if (cursor.is_over()) out_.is_damaged = true;
    }

    /// Of a named property: the set it belongs to, then a number or a name in UTF-16.
    static void skip_name(Cursor& cursor) {
        cursor.take(kGuid);
        if (cursor.number(4) == 0) {
            cursor.take(4);
            return;
        }
        const std::uint32_t size = cursor.number(4);
        cursor.take(size);
        cursor.skip_to_four(size);
    }

    void take_values(Cursor& cursor, unsigned type, unsigned property) {
        constexpr unsigned kMultiple = 0x1000;
        const std::size_t fixed = fixed_size(type & ~kMultiple);
        const bool has_count = (type & kMultiple) != 0 || fixed == 0;
        const std::uint32_t values = has_count ? cursor.number(4) : 1;
        for (std::uint32_t i = 0; i < values && !cursor.is_over() && !cursor.is_empty(); ++i) {
            if (fixed > 0) {
                cursor.take(fixed == 2 ? 4 : fixed);
                continue;
            }
            const std::uint32_t size = cursor.number(4);
            const std::string_view value = cursor.take(size);
            cursor.skip_to_four(size);
            take_value(type & ~kMultiple, property, value);
        }
    }

    void take_value(unsigned type, unsigned property, std::string_view value) {
        const bool is_text = type == kUnicode || type == kString8;
        if (property == kLongFilename && is_text) {
            current_.name = text_of(type, value);
        } else if (property == kFilename && is_text && current_.name.empty()) {
            current_.name = text_of(type, value);
        } else if (property == kAttachDataProperty && (type == kBinary || type == kObject)) {
            // An object begins with the identifier of its interface; a message is TNEF again.
            const bool is_object = type == kObject && value.size() > kGuid;
            current_.bytes = is_object ? value.substr(kGuid) : value;
            current_.is_tnef = is_tnef(current_.bytes);
        } else if (property == kHtml && (is_text || type == kBinary)) {
            add_body("text/html", value);
        } else if (property == kPlainBody && type == kString8) {
            add_body("text/plain", value);
        } else if (property == kPackedRtf && type == kBinary) {
            add_body("application/rtf", value);
            if (!value.empty()) out_.files.back().is_packed_rtf = true;
        }
    }

    Cursor cursor_;
    std::size_t limit_;
    TnefContent out_;
    TnefFile current_;
};

}  // namespace

bool is_tnef(std::string_view bytes) {
    return bytes.starts_with("\x78\x9f\x3e\x22"sv);
}

TnefContent read_tnef(std::string_view bytes, std::size_t file_limit) {
    return TnefReader(bytes, file_limit).run();
}

}  // namespace cordon
