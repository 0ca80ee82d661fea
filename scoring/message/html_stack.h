// SPDX-License-Identifier: GPL-2.0-only
// The open elements of an HTML document and what text inside them looks like: implied end tags,
// formatting that goes on behind a block, tables and what falls out of them, after the tree
// construction of the HTML standard (section 13.2.6) as far as it decides who sees what.
// At most `limit` elements; each operation costs at most as much as that.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "scoring/message/html_names.h"
#include "scoring/message/style.h"

namespace cordon {

bool is_void_element(Tag tag);
/// Begins and ends a line.
bool is_block_element(Tag tag);

class HtmlStack {
 public:
    explicit HtmlStack(std::size_t limit) : limit_(limit) { elements_.reserve(64); }

    /// Opens an element with its own style; `link` is its place among the links, -1 without one.
    void open(Tag tag, std::string_view name, const Style& style, int link);
    void close(Tag tag, std::string_view name);

    /// Why text at this place is hidden, 0 when it is seen.
    std::uint16_t text_hiding() const;
    /// The link that text at this place belongs to, -1 without one.
    int link() const { return elements_.empty() ? -1 : elements_.back().link; }
    bool is_foreign() const { return count(Tag::svg) + count(Tag::math) > 0; }
    bool is_preformatted() const { return count(Tag::pre) + count(Tag::listing) > 0; }
    bool is_over_limit() const { return is_over_limit_; }

 private:
    struct Element {
        Tag tag = Tag::unknown;
        std::uint32_t name = 0;  // hash, to tell unknown elements apart
        Style style;
        int own_link = -1;
        int link = -1;
        Look look;
        std::uint16_t hiding = 0;
    };

    static constexpr std::size_t kNone = SIZE_MAX;

    std::size_t count(Tag tag) const { return counts_[static_cast<std::size_t>(tag)]; }
    std::size_t find_open(Tag tag, std::uint32_t name, std::uint32_t barrier) const;
    std::size_t foster_parent() const;
    void imply_ends(Tag tag);
    void close_within(Tag tag, std::uint32_t barrier);
    void close_at(std::size_t place);
    void settle(Element& element, std::size_t parent_count);
    bool is_repeated(const Element& element) const;

    std::size_t limit_;
    std::size_t unpushed_ = 0;
    bool is_over_limit_ = false;
    std::vector<Element> elements_;
    std::vector<Tag> tags_;      // of elements_, close together: searches walk over all of them
    std::vector<Element> kept_;  // scratch of close_at
    std::array<std::uint16_t, 256> counts_{};
};

}  // namespace cordon
