// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/lookups/dns_message.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#include "conf/base/text.h"

namespace cordon {

namespace {

constexpr std::size_t kHeaderBytes = 12;
constexpr std::size_t kMaxRecords = 500;  // of one answer; a message of 64 KB could hold thousands
constexpr std::size_t kMaxAliases = 16;
constexpr std::uint16_t kPayload = 1232;  // fits any path unfragmented
constexpr std::uint16_t kClassIn = 1;
constexpr std::uint16_t kTypeSoa = 6;
constexpr std::uint16_t kTypeOpt = 41;

std::uint8_t byte_at(std::string_view bytes, std::size_t at) {
    return static_cast<std::uint8_t>(bytes[at]);
}

void put_u16(std::string& out, unsigned value) {
    out += static_cast<char>(value >> 8U & 0xFFU);
    out += static_cast<char>(value & 0xFFU);
}

/// Reads forward through a message; after the first read beyond its end it is not good.
class Cursor {
 public:
    Cursor(std::string_view message, std::size_t at) : message_(message), at_(at) {}

    std::uint16_t u16() {
        const auto two = bytes(2);
        return two.size() < 2 ? std::uint16_t{0}
                              : static_cast<std::uint16_t>(byte_at(two, 0) << 8U | byte_at(two, 1));
    }
    std::uint32_t u32() {
        const std::uint32_t high = u16();
        return high << 16U | u16();
    }
    std::string_view bytes(std::size_t size) {
        if (!good_ || size > message_.size() - std::min(at_, message_.size())) {
            good_ = false;
            return {};
        }
        at_ += size;
        return message_.substr(at_ - size, size);
    }
    std::string name();
    std::size_t at() const { return at_; }
    bool is_good() const { return good_; }

 private:
    std::string_view message_;
    std::size_t at_;
    bool good_ = true;
};

// Pointers only ever lead backwards, so that a name ends; a dot inside a label can't be told from
// one between labels and makes the name one that nothing matches.
std::string Cursor::name() {
    std::string out;
    std::size_t at = at_;
    std::optional<std::size_t> after;
    std::size_t lowest = at_;
    while (at < message_.size() && out.size() <= 255) {
        const std::size_t length = byte_at(message_, at);
        if (length == 0) {
            at_ = after.value_or(at + 1);
            return lower(out);
        }
        if (length >= 0xC0) {
            if (at + 1 >= message_.size()) break;
            if (!after) after = at + 2;
            const std::size_t target = (length & 0x3FU) << 8U | byte_at(message_, at + 1);
            if (target >= lowest) break;
            lowest = at = target;
            continue;
        }
        if (length > 63 || at + 1 + length > message_.size()) break;
        if (!out.empty()) out += '.';
        const auto label = message_.substr(at + 1, length);
        out += label.find('.') == std::string_view::npos ? label : std::string_view("?.?");
        at += 1 + length;
    }
    good_ = false;
    return {};
}

struct ResourceRecord {
    std::string owner;
    std::uint16_t type = 0;
    std::uint32_t ttl = 0;
    std::size_t begin = 0;  // of the data in the message
    std::size_t size = 0;
};

ResourceRecord read_record(Cursor& in) {
    ResourceRecord out;
    out.owner = in.name();
    out.type = in.u16();
    if (in.u16() != kClassIn && out.type != kTypeOpt) out.type = 0;
    out.ttl = std::min(in.u32(), 0x7FFFFFFFU);
    out.size = in.u16();
    out.begin = in.at();
    in.bytes(out.size);
    return out;
}

/// Character strings of TXT joined; nothing when one is cut.
std::optional<std::string> joined_text(std::string_view data) {
    std::string out;
    while (!data.empty()) {
        const std::size_t length = byte_at(data, 0);
        if (length + 1 > data.size()) return std::nullopt;
        out += data.substr(1, length);
        data.remove_prefix(length + 1);
    }
    return out;
}

std::optional<IpAddress> address_of(std::string_view data, DnsType type) {
    std::string text;
    if (data.size() != (type == DnsType::a ? 4U : 16U)) return std::nullopt;
    for (std::size_t i = 0; i < data.size(); ++i) {
        if (type == DnsType::a)
            text += (i == 0 ? "" : ".") + std::to_string(byte_at(data, i));
        else
            text += (i > 0 && i % 2 == 0 ? ":" : "") + to_hex(data.substr(i, 1));
    }
    return IpAddress::parse(text);
}

using Exchange = std::pair<std::uint16_t, std::string>;  // preference, host

/// Adds what one record of the wanted type says; false when it is damaged.
bool add_record(DnsAnswer& out, std::vector<Exchange>& exchanges, std::string_view message,
                const ResourceRecord& record) {
    const auto data = message.substr(record.begin, record.size);
    const auto type = static_cast<DnsType>(record.type);
    Cursor in(message.substr(0, record.begin + record.size), record.begin);
    if (type == DnsType::txt) {
        auto text = joined_text(data);
        if (text) out.texts.push_back(std::move(*text));
        return text.has_value();
    }
    if (type == DnsType::a || type == DnsType::aaaa) {
        const auto address = address_of(data, type);
        if (address) out.addresses.push_back(*address);
        return address.has_value();
    }
    const std::uint16_t preference = type == DnsType::mx ? in.u16() : std::uint16_t{0};
    auto name = in.name();
    exchanges.emplace_back(preference, std::move(name));
    return in.is_good();
}

DnsAnswer failure(std::string reason) {
    DnsAnswer out;
    out.reason = std::move(reason);
    return out;
}

/// The name at the end of the chain of aliases that begins at `name`; nothing for a loop.
std::optional<std::string> end_of_aliases(std::string_view message,
                                          const std::vector<ResourceRecord>& records,
                                          std::string name) {
    for (std::size_t steps = 0; steps <= kMaxAliases; ++steps) {
        const auto alias = std::find_if(records.begin(), records.end(), [&](const auto& record) {
            return record.type == static_cast<std::uint16_t>(DnsType::cname) &&
                   record.owner == name;
        });
        if (alias == records.end()) return name;
        Cursor in(message.substr(0, alias->begin + alias->size), alias->begin);
        name = in.name();
        if (!in.is_good()) return std::nullopt;
    }
    return std::nullopt;
}

/// How long "there is none" holds: the SOA's own TTL and its last field (RFC 2308 section 5).
std::uint32_t negative_ttl(std::string_view message, Cursor& in, std::size_t authorities) {
    for (std::size_t i = 0; i < authorities && in.is_good(); ++i) {
        const auto record = read_record(in);
        if (!in.is_good() || record.type != kTypeSoa || record.size < 20) continue;
        Cursor last(message, record.begin + record.size - 4);
        return std::min(record.ttl, last.u32());
    }
    return 0;
}

std::string failure_of(unsigned code) {
    switch (code) {
        case 1: return "FORMERR";
        case 2: return "SERVFAIL";
        case 4: return "NOTIMP";
        case 5: return "REFUSED";
        default: return "response code " + std::to_string(code);
    }
}

}  // namespace

std::string encode_query(const DnsQuestion& question, std::uint16_t id) {
    std::string out;
    put_u16(out, id);
    put_u16(out, 0x0100);  // recursion desired
    for (const unsigned count : {1U, 0U, 0U, 1U}) put_u16(out, count);
    if (!question.name.empty()) {
        for (const auto label : split(question.name, '.')) {
            out += static_cast<char>(label.size());
            out += label;
        }
    }
    out += '\0';
    put_u16(out, static_cast<unsigned>(question.type));
    put_u16(out, kClassIn);
    out += '\0';  // OPT: the root's name, type, payload size, no flags, no data
    put_u16(out, kTypeOpt);
    put_u16(out, kPayload);
    for (int i = 0; i < 3; ++i) put_u16(out, 0);
    return out;
}

DnsAnswer parse_answer(std::string_view message, const DnsQuestion& question) {
    if (message.size() < kHeaderBytes) return failure("an answer that is cut");
    Cursor in(message, 2);
    const unsigned flags = in.u16();
    const unsigned questions = in.u16();
    const unsigned answers = in.u16();
    const unsigned authorities = in.u16();
    in.u16();
    const unsigned code = flags & 0x0FU;
    if ((flags & 0x8000U) == 0) return failure("an answer that is none");
    if (code != 0 && code != 3) return failure(failure_of(code));
    if ((flags & 0x0200U) != 0) return failure("an answer that is cut");
    if (questions != 1 || in.name() != question.name ||
        in.u16() != static_cast<std::uint16_t>(question.type) || in.u16() != kClassIn)
        return failure("an answer to another question");
    if (answers > kMaxRecords) return failure("an answer with too many records");

    std::vector<ResourceRecord> records;
    for (unsigned i = 0; i < answers && in.is_good(); ++i) records.push_back(read_record(in));
    if (!in.is_good()) return failure("an answer that is damaged");
    const auto owner = end_of_aliases(message, records, question.name);
    if (!owner) return failure("a loop of CNAMEs");

    DnsAnswer out;
    std::vector<Exchange> exchanges;
    std::uint32_t ttl = 0x7FFFFFFFU;
    bool found = false;
    for (const auto& record : records) {
        ttl = std::min(ttl, record.ttl);
        if (record.type != static_cast<std::uint16_t>(question.type) || record.owner != *owner)
            continue;
        if (!add_record(out, exchanges, message, record)) return failure("a damaged record");
        found = true;
    }
    std::stable_sort(exchanges.begin(), exchanges.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    for (auto& exchange : exchanges) out.names.push_back(std::move(exchange.second));
    if (found && code == 0) {
        out.status = DnsAnswer::Status::found;
        out.ttl = ttl;
        return out;
    }
    out = {};
    out.status = code == 3 ? DnsAnswer::Status::no_name : DnsAnswer::Status::no_data;
    out.ttl = negative_ttl(message, in, authorities);
    return out;
}

}  // namespace cordon
