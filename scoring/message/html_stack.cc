// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/message/html_stack.h"

#include <algorithm>

#include "conf/base/text.h"

namespace cordon {
namespace {

enum : std::uint32_t {
    kVoid = 1,        // has no end tag
    kBlock = 2,       // a line of its own; inline elements end with it
    kFormatting = 4,  // goes on behind the end of a block
    kEndsP = 8,       // its start tag ends an open <p>
    kCell = 16,       // td, th, caption, object: formatting stays inside
    kTable = 32,
    kTablePart = 64,  // table, tbody, tr: text does not live here
    kListing = 128,   // ul, ol, dl: an inner <li> does not end an outer one
    kInTable = 256,   // belongs into a table, ignored outside of one
};

constexpr std::array<std::uint32_t, 256> make_traits() {
    std::array<std::uint32_t, 256> traits{};
    const auto add = [&traits](std::uint32_t bits, std::initializer_list<Tag> tags) {
        for (const Tag tag : tags) traits[static_cast<std::size_t>(tag)] |= bits;
    };
    add(kVoid, {Tag::area, Tag::base, Tag::basefont, Tag::bgsound, Tag::br, Tag::col, Tag::embed,
                Tag::frame, Tag::hr, Tag::img, Tag::image, Tag::input, Tag::link, Tag::meta,
                Tag::param, Tag::source, Tag::track, Tag::wbr});
    add(kFormatting, {Tag::a, Tag::b, Tag::big, Tag::code, Tag::em, Tag::font, Tag::i, Tag::nobr,
                      Tag::s, Tag::small, Tag::strike, Tag::strong, Tag::tt, Tag::u});
    add(kBlock | kEndsP,
        {Tag::address,   Tag::article, Tag::aside,  Tag::blockquote, Tag::center,   Tag::details,
         Tag::dialog,    Tag::dir,     Tag::div,    Tag::dl,         Tag::fieldset, Tag::figcaption,
         Tag::figure,    Tag::footer,  Tag::header, Tag::h1,         Tag::h2,       Tag::h3,
         Tag::h4,        Tag::h5,      Tag::h6,     Tag::hr,         Tag::main,     Tag::menu,
         Tag::nav,       Tag::ol,      Tag::p,      Tag::pre,        Tag::section,  Tag::summary,
         Tag::ul,        Tag::form,    Tag::li,     Tag::dd,         Tag::dt,       Tag::listing,
         Tag::plaintext, Tag::xmp});
    add(kBlock, {Tag::body, Tag::html, Tag::table, Tag::tbody, Tag::thead, Tag::tfoot, Tag::tr,
                 Tag::caption, Tag::legend, Tag::option, Tag::optgroup, Tag::select, Tag::frameset,
                 Tag::iframe, Tag::br, Tag::textarea});
    add(kCell, {Tag::td, Tag::th, Tag::caption, Tag::object, Tag::applet, Tag::template_});
    add(kTable, {Tag::table});
    add(kTablePart, {Tag::table, Tag::tbody, Tag::thead, Tag::tfoot, Tag::tr});
    add(kListing, {Tag::ul, Tag::ol, Tag::dl, Tag::menu, Tag::dir});
    add(kInTable, {Tag::tbody, Tag::thead, Tag::tfoot, Tag::tr, Tag::td, Tag::th, Tag::caption,
                   Tag::col, Tag::colgroup});
    return traits;
}

constexpr auto kTraits = make_traits();

bool has(Tag tag, std::uint32_t bits) {
    return (kTraits[static_cast<std::size_t>(tag)] & bits) != 0;
}

std::uint32_t hash_of(std::string_view name) {
    std::uint32_t hash = 2166136261U;
    for (const char c : name) hash = (hash ^ static_cast<std::uint8_t>(ascii_lower(c))) * 16777619U;
    return hash;
}

/// What an end tag does not reach across.
std::uint32_t barrier_for(Tag tag) {
    if (has(tag, kInTable | kTable)) return kTable;
    if (has(tag, kBlock | kFormatting | kCell)) return kCell | kTable;
    return kCell | kTable | kBlock;
}

}  // namespace

bool is_void_element(Tag tag) {
    return has(tag, kVoid);
}
bool is_block_element(Tag tag) {
    return has(tag, kBlock);
}

std::uint16_t HtmlStack::text_hiding() const {
    if (elements_.empty()) return 0;
    if (!has(elements_.back().tag, kTablePart)) return elements_.back().hiding;
    const auto parents = foster_parent();
    return parents == 0 ? std::uint16_t{0} : elements_[parents - 1].hiding;
}

/// How many elements stand below the innermost table: what does not belong into a table is moved
/// before it.
std::size_t HtmlStack::foster_parent() const {
    auto place = elements_.size();
    while (place > 0 && !has(tags_[place - 1], kTable)) --place;
    return place == 0 ? elements_.size() : place - 1;
}

std::size_t HtmlStack::find_open(Tag tag, std::uint32_t name, std::uint32_t barrier) const {
    if (count(tag) == 0) return kNone;
    for (auto place = elements_.size(); place-- > 0;) {
        const Tag open = tags_[place];
        if (open == tag && (tag != Tag::unknown || elements_[place].name == name)) return place;
        if (has(open, barrier)) return kNone;
    }
    return kNone;
}

void HtmlStack::close_within(Tag tag, std::uint32_t barrier) {
    const auto place = find_open(tag, 0, barrier);
    if (place != kNone) close_at(place);
}

/// The end tags that a start tag makes unnecessary.
void HtmlStack::imply_ends(Tag tag) {
    if (has(tag, kEndsP)) close_within(Tag::p, kCell | kTable);
    switch (tag) {
        case Tag::a:
        case Tag::nobr:
        case Tag::button: close_within(tag, kCell | kTable); break;
        case Tag::li: close_within(tag, kCell | kTable | kListing); break;
        case Tag::dd:
        case Tag::dt:
            close_within(Tag::dd, kCell | kTable | kListing);
            close_within(Tag::dt, kCell | kTable | kListing);
            break;
        case Tag::option: close_within(tag, kCell | kTable); break;
        case Tag::tbody:
        case Tag::thead:
        case Tag::tfoot:
            for (const Tag part : {Tag::tbody, Tag::thead, Tag::tfoot}) close_within(part, kTable);
            [[fallthrough]];
        case Tag::tr: close_within(Tag::tr, kTable); [[fallthrough]];
        case Tag::td:
        case Tag::th:
        case Tag::caption:
            for (const Tag cell : {Tag::td, Tag::th, Tag::caption}) close_within(cell, kTable);
            break;
        default: break;
    }
}

void HtmlStack::open(Tag tag, std::string_view name, const Style& style, int link) {
    if (has(tag, kInTable) && count(Tag::table) == 0) return;
    if ((tag == Tag::body || tag == Tag::html) && count(tag) > 0) return;
    imply_ends(tag);
    if (elements_.size() >= limit_) {
        ++unpushed_;
        is_over_limit_ = true;
        return;
    }
    const bool is_fostered = !elements_.empty() && has(elements_.back().tag, kTablePart) &&
                             !has(tag, kInTable) && tag != Tag::form;
    const auto parents = is_fostered ? foster_parent() : elements_.size();
    tags_.push_back(tag);
    Element& element = elements_.emplace_back();
    element.tag = tag;
    if (tag == Tag::unknown) element.name = hash_of(name);
    if (!style.is_empty()) element.style = style;
    element.own_link = link;
    settle(element, parents);
}

/// Gives the element just added the look of a child of the one below `parent_count`.
void HtmlStack::settle(Element& element, std::size_t parent_count) {
    const Element* const parent = parent_count == 0 ? nullptr : &elements_[parent_count - 1];
    const int outer = parent == nullptr ? -1 : parent->link;
    element.look = look_within(parent == nullptr ? Look{} : parent->look, element.style);
    if (element.tag == Tag::a && element.own_link >= 0 && !element.style.says(Property::colour)) {
        element.look.colour = 0x0000EE;  // links are blue, whatever stands around them
        element.look.is_coloured = false;
    }
    element.hiding = element.look.hiding();
    element.link = element.own_link >= 0 ? element.own_link : outer;
    ++counts_[static_cast<std::size_t>(element.tag)];
}

/// Browsers keep at most three equal formatting elements alive; mail that never closes <font>
/// would fill the stack. Only the innermost elements are compared.
bool HtmlStack::is_repeated(const Element& element) const {
    constexpr std::size_t kCompared = 12;
    std::size_t equal = 0;
    for (auto place = elements_.size(); place-- > 0 && elements_.size() - place <= kCompared;) {
        const Element& other = elements_[place];
        if (other.tag == element.tag && other.own_link == element.own_link &&
            other.style == element.style && ++equal == 3) {
            return true;
        }
    }
    return false;
}

void HtmlStack::close_at(std::size_t place) {
    constexpr std::size_t kMostKept = 16;
    const Tag tag = elements_[place].tag;
    const bool keeps_all = has(tag, kFormatting);
    const bool keeps_none = has(tag, kCell | kTable);
    kept_.clear();
    for (auto i = place; i < elements_.size(); ++i) {
        --counts_[static_cast<std::size_t>(elements_[i].tag)];
        const bool stays = keeps_all || (!keeps_none && kept_.size() < kMostKept &&
                                         has(elements_[i].tag, kFormatting));
        if (i > place && stays) kept_.push_back(elements_[i]);
    }
    elements_.resize(place);
    tags_.resize(place);
    for (Element& element : kept_) {
        if (!keeps_all && is_repeated(element)) continue;
        const auto parents = elements_.size();
        tags_.push_back(element.tag);
        settle(elements_.emplace_back(element), parents);
    }
}

void HtmlStack::close(Tag tag, std::string_view name) {
    if (tag == Tag::body || tag == Tag::html) return;  // what follows still belongs to them
    if (unpushed_ > 0) {
        --unpushed_;
        return;
    }
    const auto place = find_open(tag, tag == Tag::unknown ? hash_of(name) : 0, barrier_for(tag));
    if (place != kNone) close_at(place);
}

}  // namespace cordon
