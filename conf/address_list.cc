// SPDX-License-Identifier: GPL-2.0-only
#include "conf/address_list.h"

#include <fmt/format.h>

#include <algorithm>

#include "conf/base/file_descriptor.h"
#include "conf/base/mail_address.h"
#include "conf/base/text.h"
#include "conf/values.h"

namespace cordon {

namespace {

constexpr std::string_view kFilePrefix = "file:";
constexpr std::size_t kMaxListBytes = 64U << 20U;

bool is_domain_text(std::string_view text) {
    return !text.empty() && text.size() <= 255 &&
           std::none_of(text.begin(), text.end(), [](char c) {
               return static_cast<unsigned char>(c) <= ' ' || c == 0x7F || c == '/' || c == ':' ||
                      c == '<' || c == '>' || c == '"' || c == '*';
           });
}

std::string_view without_remark(std::string_view line) {
    return line.substr(0, line.find('#'));
}

}  // namespace

std::string address_entry_key(std::string_view word) {
    const auto at = word.rfind('@');
    if (at != std::string_view::npos && at != 0)
        return is_mailbox(word) ? mailbox_key(word) : std::string();
    const bool is_below = word.starts_with('.');
    if (at == 0 || is_below) word.remove_prefix(1);
    if (!is_domain_text(word)) return {};
    return (is_below ? "." : "") + domain_key(word);
}

bool AddressList::contains(std::string_view address) const {
    if (sets.empty() || address.empty()) return false;
    const std::string key = mailbox_key(address);
    const auto at = key.rfind('@');
    const std::string domain = at == std::string::npos ? "" : key.substr(at + 1);
    const auto any = [this](const std::string& wanted) {
        return std::any_of(sets.begin(), sets.end(),
                           [&](const auto& set) { return set->contains(wanted); });
    };
    if (any(key)) return true;
    if (domain.empty()) return false;
    if (any(domain)) return true;
    for (auto dot = domain.find('.'); dot != std::string::npos; dot = domain.find('.', dot + 1))
        if (any(domain.substr(dot))) return true;
    return false;
}

std::vector<std::string> AddressList::files() const {
    std::vector<std::string> out;
    for (const auto& entry : entries)
        if (entry.starts_with(kFilePrefix)) out.push_back(entry.substr(kFilePrefix.size()));
    return out;
}

Result<std::vector<std::string>> read_address_file(const std::string& path) {
    const auto text = read_file(path, kMaxListBytes);
    if (!text) return tl::unexpected(text.error());
    std::vector<std::string> out;
    unsigned number = 0;
    for (const auto line : split(*text, '\n')) {
        ++number;
        for (auto& word : words(without_remark(line))) {
            if (address_entry_key(word).empty())
                return fail(fmt::format("{}:{}: '{}' is no address and no domain", path, number,
                                        printable(word, 60)));
            out.push_back(std::move(word));
        }
    }
    return out;
}

template <>
Result<AddressList> parse_value(const std::string& text) {
    AddressList out;
    auto own = std::make_shared<AddressSet>();
    for (auto& word : words(text)) {
        if (word.starts_with(kFilePrefix)) {
            if (word.size() == kFilePrefix.size() || word[kFilePrefix.size()] != '/')
                return fail(
                    fmt::format("'{}' wants a full path: file:/path", printable(word, 100)));
        } else {
            auto key = address_entry_key(word);
            if (key.empty())
                return fail(fmt::format("'{}' is no address and no domain", printable(word, 60)));
            own->insert(std::move(key));
        }
        out.entries.push_back(std::move(word));
    }
    if (!own->empty()) out.sets.push_back(std::move(own));
    return out;
}

std::string to_text(const AddressList& value) {
    return to_text(WordList{value.entries});
}

}  // namespace cordon
