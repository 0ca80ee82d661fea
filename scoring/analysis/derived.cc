// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/analysis/derived.h"

#include <optional>
#include <string>

#include "scoring/analysis/facts.h"

namespace cordon {

struct Derived {
    std::optional<std::vector<Hop>> trail;
    std::optional<std::vector<Mailbox>> authors;
    std::vector<std::optional<std::string>> folded;  // by number of the text
};

std::shared_ptr<Derived> make_derived() {
    return std::make_shared<Derived>();
}

const std::vector<Hop>& trail_of(const CheckInput& input) {
    auto& trail = input.derived->trail;
    if (!trail) trail = read_trail(input.message.headers());
    return *trail;
}

const std::vector<Mailbox>& authors_of(const CheckInput& input) {
    constexpr std::size_t kMostAuthors = 10;
    auto& authors = input.derived->authors;
    if (!authors) {
        const HeaderField* field = input.message.headers().first("From");
        authors =
            field == nullptr ? std::vector<Mailbox>() : parse_mailboxes(field->value, kMostAuthors);
    }
    return *authors;
}

std::string_view folded_text(const CheckInput& input, const BodyText& text) {
    const auto& texts = input.message.texts();
    auto& all = input.derived->folded;
    if (all.size() != texts.size()) all.resize(texts.size());
    auto& folded = all.at(static_cast<std::size_t>(&text - texts.data()));
    if (!folded) folded = fold_text(text.text);
    return *folded;
}

}  // namespace cordon
