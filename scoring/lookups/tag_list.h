// SPDX-License-Identifier: GPL-2.0-only
// Tag lists (RFC 6376 section 3.2), the syntax of DKIM and ARC signatures, key records and DMARC
// policies; and base64 as it stands in them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cordon {

class TagList {
 public:
    struct Tag {
        std::string_view name;
        std::string_view value;  // without surrounding blanks and folds
        std::size_t begin = 0;   // of what stands between "=" and ";" in the text
        std::size_t end = 0;
    };

    /// Nothing for a syntax error, which a repeated tag is too. The text must outlive the list.
    static std::optional<TagList> parse(std::string_view text);

    const Tag* tag(std::string_view name) const;  // names compare with case
    bool has(std::string_view name) const { return tag(name) != nullptr; }
    /// The value, or `otherwise` when there is no such tag.
    std::string_view value(std::string_view name, std::string_view otherwise = {}) const;
    const std::vector<Tag>& tags() const { return tags_; }

 private:
    std::vector<Tag> tags_;
};

/// The items of a list between colons, without blanks.
std::vector<std::string> colon_list(std::string_view value);

/// Blanks and folds inside are passed over, padding may be missing; nothing for other bytes.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace cordon
