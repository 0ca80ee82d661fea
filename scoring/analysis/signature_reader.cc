// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/analysis/signature_reader.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "conf/base/text.h"
#include "scoring/lookups/dns.h"
#include "scoring/lookups/internet_name.h"

namespace cordon {

namespace {

constexpr std::uint64_t kWholeBody = std::numeric_limits<std::uint64_t>::max();
constexpr std::size_t kMaxSignatureBytes = 2048;  // of a key of 16384 bits
constexpr std::size_t kMaxPartialBodies = 8;      // each l= hashes the body again

/// The field with the value of b= taken out.
std::string without_signature(std::string_view field, const TagList& tags) {
    const auto value_begin = field.size() - value_of(field).size();
    const auto* const tag = tags.tag("b");
    std::string out(field);
    if (tag != nullptr) out.erase(value_begin + tag->begin, tag->end - tag->begin);
    return out;
}

/// "relaxed/simple": header and body.
std::optional<std::pair<bool, bool>> parse_forms(std::string_view text) {
    const auto slash = text.find('/');
    const auto header = lower(trim(text.substr(0, slash)));
    const auto body =
        slash == std::string_view::npos ? "simple" : lower(trim(text.substr(slash + 1)));
    for (const auto& form : {header, std::string(body)})
        if (form != "simple" && form != "relaxed") return std::nullopt;
    return std::pair{header == "relaxed", body == "relaxed"};
}

bool is_below(std::string_view name, std::string_view domain) {
    return iequals(name, domain) ||
           (name.size() > domain.size() && name[name.size() - domain.size() - 1] == '.' &&
            iequals(name.substr(name.size() - domain.size()), domain));
}

/// What the DNS could hold, but no host or selector is called: "bank.example(.evil.example" must
/// not stand beside a pass.
bool is_plain_name(std::string_view name) {
    return is_domain_name(name) && std::all_of(name.begin(), name.end(), [](char c) {
               return is_alpha(c) || is_digit(c) || c == '-' || c == '_' || c == '.';
           });
}

std::string without_blanks(std::string_view text) {
    std::string out;
    std::copy_if(text.begin(), text.end(), std::back_inserter(out),
                 [](char c) { return !is_space(c); });
    return out;
}

}  // namespace

std::string_view value_of(std::string_view field) {
    return field.substr(std::min(field.find(':') + 1, field.size()));
}

SignatureReader::SignatureReader(const RawMessage& message) : message_(message) {
    for (std::size_t i = 0; i < message.fields.size(); ++i)
        places_[lower(message.fields[i].name)].push_back(i);
}

const BodyHash& SignatureReader::body_hash(bool is_relaxed, std::uint64_t limit) {
    const auto key = std::pair{is_relaxed, limit};
    const auto found = bodies_.find(key);
    if (found != bodies_.end()) return found->second;
    return bodies_.emplace(key, hash_body(message_.body, is_relaxed, limit)).first->second;
}

std::string SignatureReader::read_common(SignatureFact& out, const TagList& tags, Kind kind) const {
    const auto* const signature = tags.tag("b");
    if (signature != nullptr) out.mark = without_blanks(signature->value).substr(0, 8);
    out.algorithm = lower(tags.value("a"));
    out.domain = ascii_domain(tags.value("d"));
    out.selector = ascii_domain(tags.value("s"));
    out.identity = tags.value("i");
    if (kind == Kind::dkim && tags.value("v") != "1")
        return tags.has("v") ? "incompatible version" : "signature missing required tag v";
    for (const auto* const name : {"a", "b", "d", "s"})
        if (tags.value(name).empty()) return std::string("signature missing required tag ") + name;
    if (out.algorithm == "rsa-sha1") return "rsa-sha1 is not acceptable";
    if (out.algorithm != "rsa-sha256" && out.algorithm != "ed25519-sha256")
        return "unknown algorithm";
    if (!is_plain_name(out.domain) || out.domain.find('.') == std::string::npos)
        return "d= is no domain";
    if (!is_plain_name(out.selector + "._domainkey." + out.domain)) return "s= is no selector";
    auto bytes = decode_base64(signature->value);
    if (!bytes || bytes->empty() || bytes->size() > kMaxSignatureBytes) return "b= is no signature";
    out.signature = std::move(*bytes);
    return read_times(out, tags);
}

std::string SignatureReader::read_times(SignatureFact& out, const TagList& tags) const {
    for (const auto& [name, place] : {std::pair{"t", &out.signed_at}, {"x", &out.expires}}) {
        if (!tags.has(name)) continue;
        const auto text = tags.value(name);
        const bool is_number =
            !text.empty() && text.size() <= 12 && std::all_of(text.begin(), text.end(), is_digit);
        if (!is_number) return std::string(name) + "= is no time";
        *place = static_cast<std::int64_t>(parse_unsigned(text).value_or(0));
    }
    if (out.expires >= 0 && out.signed_at > out.expires) return "x= lies before t=";
    return {};
}

std::string SignatureReader::read_body(SignatureFact& out, const TagList& tags, bool is_relaxed) {
    const auto wanted = decode_base64(tags.value("bh"));
    if (!tags.has("bh")) return "signature missing required tag bh";
    if (!wanted) return "bh= is no hash";
    std::uint64_t limit = kWholeBody;
    if (tags.has("l")) {
        const auto length = parse_unsigned(tags.value("l"));
        if (!length) return "l= is no length";
        limit = *length;
        if (bodies_.size() > kMaxPartialBodies) {
            out.is_refused = true;
            return "too many signatures with l=";
        }
    }
    const auto& hash = body_hash(is_relaxed, limit);
    if (limit != kWholeBody) {
        if (limit > hash.length) return "l= is longer than the body";
        out.unsigned_bytes = hash.length - limit;
    }
    out.is_body_intact = hash.digest == *wanted;
    return {};
}

std::string SignatureReader::hash_header(const RawField& field, const TagList& tags,
                                         bool is_relaxed) const {
    Sha256 hash;
    std::map<std::string, std::size_t> used;  // how many fields of a name, from the last up
    for (const auto& item : colon_list(tags.value("h"))) {
        const auto name = lower(item);
        const auto places = places_.find(name);
        if (places == places_.end()) continue;
        auto& count = used[name];
        if (count >= places->second.size()) continue;
        ++count;
        const auto& signed_field = message_.fields[places->second[places->second.size() - count]];
        hash.add(canonical_field(signed_field.text, is_relaxed));
        hash.add("\r\n");
    }
    hash.add(canonical_field(without_signature(field.text, tags), is_relaxed));
    return hash.finish();
}

SignatureFact SignatureReader::read(const RawField& field, Kind kind) {
    SignatureFact out;
    const auto tags = TagList::parse(value_of(field.text));
    if (!tags) {
        out.problem = "syntax error in the signature";
        return out;
    }
    out.problem = read_common(out, *tags, kind);
    out.is_refused = out.algorithm == "rsa-sha1";
    if (!out.problem.empty()) return out;
    const auto forms = parse_forms(tags->value("c", "simple/simple"));
    const auto names = colon_list(tags->value("h"));
    const auto has = [&names](std::string_view wanted) {
        return std::any_of(names.begin(), names.end(),
                           [wanted](const auto& name) { return iequals(name, wanted); });
    };
    if (!forms) {
        out.problem = "unknown canonicalization";
    } else if (tags->value("h").empty()) {
        out.problem = "signature missing required tag h";
    } else if (kind == Kind::dkim && !has("from")) {
        out.problem = "From field not signed";
    } else if (kind == Kind::arc_message && has("arc-seal")) {
        out.problem = "the message signature covers a seal";
    } else if (kind == Kind::dkim && tags->has("q") && !icontains(tags->value("q"), "dns/txt")) {
        out.problem = "unknown query method";
    }
    if (!out.problem.empty()) return out;
    if (kind == Kind::dkim) {
        if (out.identity.empty()) out.identity = "@" + out.domain;
        const auto at = out.identity.rfind('@');
        if (at == std::string::npos ||
            !is_below(ascii_domain(out.identity.substr(at + 1)), out.domain))
            out.problem = "domain mismatch of i= and d=";
    } else {
        out.identity.clear();
    }
    if (out.problem.empty()) out.problem = read_body(out, *tags, forms->second);
    if (out.problem.empty()) out.digest = hash_header(field, *tags, forms->first);
    return out;
}

SignatureFact SignatureReader::read_seal(const std::vector<const RawField*>& covered) {
    SignatureFact out;
    const auto& field = *covered.back();
    const auto tags = TagList::parse(value_of(field.text));
    if (!tags) {
        out.problem = "syntax error in the seal";
        return out;
    }
    out.problem = read_common(out, *tags, Kind::arc_seal);
    out.identity.clear();
    // Section 4.1.3: a seal covers no body and no chosen fields.
    for (const auto* const name : {"h", "bh"})
        if (out.problem.empty() && tags->has(name))
            out.problem = std::string("a seal with the tag ") + name;
    if (!out.problem.empty()) return out;
    Sha256 hash;
    for (const auto* const one : covered) {
        if (one == &field) break;
        hash.add(canonical_field(one->text, true));
        hash.add("\r\n");
    }
    hash.add(canonical_field(without_signature(field.text, *tags), true));
    out.digest = hash.finish();
    out.is_body_intact = true;  // of which a seal says nothing
    return out;
}

}  // namespace cordon
