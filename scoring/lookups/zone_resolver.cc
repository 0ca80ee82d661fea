// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/lookups/zone_resolver.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>

#include "conf/base/file_descriptor.h"
#include "conf/base/text.h"

namespace cordon {

namespace {

using Json = nlohmann::json;
using Node = ZoneResolver::Node;

constexpr std::size_t kMaxZoneBytes = std::size_t{64} << 20U;
constexpr std::size_t kMaxAliases = 16;

/// "TIMEOUT" and the like in place of records.
bool is_failure_word(const Json& value) {
    constexpr std::array<std::string_view, 5> kWords = {"TIMEOUT", "SERVFAIL", "REFUSED", "FORMERR",
                                                        "TRUNCATED"};
    return value.is_string() && std::find(kWords.begin(), kWords.end(),
                                          value.get_ref<const std::string&>()) != kWords.end();
}

std::optional<DnsType> type_of(std::string_view name) {
    for (const auto type :
         {DnsType::a, DnsType::ns, DnsType::ptr, DnsType::mx, DnsType::txt, DnsType::aaaa})
        if (iequals(name, type_name(type))) return type;
    return std::nullopt;
}

struct Exchange {
    std::uint64_t preference = 0;
    std::string host;
};

/// "10 mx.example.org", "mx.example.org", [10, "mx.example.org"] or an object.
Exchange read_exchange(const Json& value) {
    Exchange out;
    if (value.is_array() && value.size() == 2) {
        out.preference = value[0].is_number_unsigned() ? value[0].get<std::uint64_t>() : 0;
        out.host = value[1].is_string() ? value[1].get<std::string>() : "";
    } else if (value.is_object()) {
        for (const auto& [key, item] : value.items()) {
            if (item.is_number_unsigned()) out.preference = item.get<std::uint64_t>();
            if (item.is_string()) out.host = item.get<std::string>();
        }
    } else if (value.is_string()) {
        const auto parts = words(value.get<std::string>());
        if (!parts.empty()) out.host = parts.back();
        if (parts.size() == 2) out.preference = parse_unsigned(parts[0]).value_or(0);
    }
    return out;
}

std::string read_text(const Json& value) {
    if (value.is_string()) return value.get<std::string>();
    std::string out;  // the strings of one record
    for (const auto& item : value)
        if (item.is_string()) out += item.get<std::string>();
    return out;
}

Result<DnsAnswer> read_records(DnsType type, const Json& value) {
    DnsAnswer out;
    const bool is_list = value.is_array();
    if (is_failure_word(is_list && value.size() == 1 ? value[0] : value)) {
        out.reason = is_list ? value[0].get<std::string>() : value.get<std::string>();
        return out;
    }
    const Json list = is_list ? value : Json::array({value});
    std::vector<Exchange> exchanges;
    for (const auto& item : list) {
        if (type == DnsType::txt) {
            out.texts.push_back(read_text(item));
        } else if (type == DnsType::mx) {
            exchanges.push_back(read_exchange(item));
        } else if (!item.is_string()) {
            return fail(fmt::format("{} wants texts", type_name(type)));
        } else if (type == DnsType::a || type == DnsType::aaaa) {
            const auto address = IpAddress::parse(item.get<std::string>());
            if (!address)
                return fail(
                    fmt::format("'{}' is not an address", printable(item.get<std::string>(), 60)));
            out.addresses.push_back(*address);
        } else {
            out.names.push_back(normal_name(item.get<std::string>()));
        }
    }
    std::stable_sort(exchanges.begin(), exchanges.end(),
                     [](const auto& a, const auto& b) { return a.preference < b.preference; });
    for (const auto& exchange : exchanges) out.names.push_back(normal_name(exchange.host));
    const bool is_empty = out.texts.empty() && out.addresses.empty() && out.names.empty();
    out.status = is_empty ? DnsAnswer::Status::no_data : DnsAnswer::Status::found;
    out.ttl = 3600;
    return out;
}

Result<void> read_node(Node& out, const Json& value) {
    if (value.is_array()) {
        for (const auto& item : value)
            if (auto done = read_node(out, item); !done) return done;
        return {};
    }
    if (is_failure_word(value)) {
        out.failure = value.get<std::string>();
        return {};
    }
    if (value.is_string() && value == "NXDOMAIN") {
        out.is_absent = true;
        return {};
    }
    if (!value.is_object()) return fail("neither records nor TIMEOUT, SERVFAIL or NXDOMAIN");
    for (const auto& [key, item] : value.items()) {
        if (is_failure_word(Json(key))) out.failure = key;
        if (iequals(key, "CNAME"))
            out.alias = normal_name(read_text(item.is_array() && !item.empty() ? item[0] : item));
        const auto type = type_of(key);
        if (!type) continue;  // types that nothing asks for
        auto records = read_records(*type, item);
        if (!records) return wrap(key, records.error());
        out.records.insert_or_assign(*type, std::move(*records));
    }
    return {};
}

}  // namespace

Result<ResolverPtr> ZoneResolver::parse(std::string_view json) {
    const auto document = Json::parse(json.begin(), json.end(), nullptr, false);
    if (!document.is_object()) return fail("not a JSON object of names");
    auto out = std::make_shared<ZoneResolver>();
    for (const auto& [key, value] : document.items()) {
        const auto ip = IpAddress::parse(key);
        const auto name = ip ? reverse_name(*ip) : normal_name(key);
        if (auto done = read_node(out->nodes_[name], value); !done)
            return wrap(printable(key, 100), done.error());
        // What has names below it exists, if only without records (RFC 8020).
        for (auto dot = name.find('.'); dot != std::string::npos; dot = name.find('.', dot + 1))
            out->nodes_.try_emplace(name.substr(dot + 1));
    }
    return ResolverPtr(std::move(out));
}

Result<ResolverPtr> ZoneResolver::load(const std::string& file) {
    const auto text = read_file(file, kMaxZoneBytes);
    if (!text) return tl::unexpected(text.error());
    auto out = parse(*text);
    return out ? out : wrap(file, out.error());
}

const ZoneResolver::Node* ZoneResolver::find(const std::string& name) const {
    if (const auto node = nodes_.find(name); node != nodes_.end())
        return node->second.is_absent ? nullptr : &node->second;
    // RFC 4592: the closest name that exists may have a wildcard below it.
    for (auto dot = name.find('.'); dot != std::string::npos; dot = name.find('.', dot + 1)) {
        const auto parent = name.substr(dot + 1);
        if (const auto node = nodes_.find("*." + parent); node != nodes_.end())
            return &node->second;
        if (nodes_.contains(parent)) return nullptr;
    }
    return nullptr;
}

DnsAnswerPtr ZoneResolver::ask(const DnsQuestion& question, Done) {
    std::string name = question.name;
    for (std::size_t steps = 0; steps <= kMaxAliases; ++steps) {
        const auto* const node = find(name);
        if (node == nullptr) return absent_answer(DnsAnswer::Status::no_name, 3600);
        const auto records = node->records.find(question.type);
        if (records != node->records.end())
            return std::make_shared<const DnsAnswer>(records->second);
        if (!node->failure.empty()) return failed_answer(node->failure);
        if (node->alias.empty()) return absent_answer(DnsAnswer::Status::no_data, 3600);
        name = node->alias;
    }
    return failed_answer("a loop of CNAMEs");
}

}  // namespace cordon
