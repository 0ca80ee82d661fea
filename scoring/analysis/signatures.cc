// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/analysis/signatures.h"

#include <algorithm>
#include <array>

#include "conf/base/text.h"
#include "scoring/analysis/signature_reader.h"
#include "scoring/lookups/result_fields.h"

namespace cordon {

namespace {

constexpr std::size_t kMaxFields = 5000;
constexpr std::size_t kMaxDkim = 20;
constexpr unsigned kMaxInstances = 50;  // RFC 8617 section 5.1.1.1 (b)

/// The three fields of one instance.
struct ArcSet {
    const RawField* results = nullptr;
    const RawField* message = nullptr;
    const RawField* seal = nullptr;
};

/// i= of a field of ARC; 0 for none.
unsigned instance_of(const RawField& field, bool is_results) {
    auto value = value_of(field.text);
    std::string_view text;
    if (is_results) {
        value = value.substr(0, value.find(';'));
        const auto equals = value.find('=');
        if (equals == std::string_view::npos || trim(value.substr(0, equals)) != "i") return 0;
        text = trim(value.substr(equals + 1));
    } else {
        const auto tags = TagList::parse(value);
        if (!tags) return 0;
        text = tags->value("i");
    }
    const auto number = parse_unsigned(text);
    return number && *number <= kMaxInstances ? static_cast<unsigned>(*number) : 0;
}

/// Sorts the fields into sets; a sentence when they are no chain.
std::string sort_sets(const RawMessage& message, std::vector<ArcSet>& sets) {
    struct Place {
        std::string_view name;
        const RawField* ArcSet::*member;
        bool is_results;
    };
    constexpr std::array kPlaces = {
        Place{"ARC-Authentication-Results", &ArcSet::results, true},
        Place{"ARC-Message-Signature", &ArcSet::message, false},
        Place{"ARC-Seal", &ArcSet::seal, false},
    };
    std::array<ArcSet, kMaxInstances + 1> found{};
    unsigned last = 0;
    for (const auto& field : message.fields) {
        for (const auto& place : kPlaces) {
            if (!iequals(field.name, place.name)) continue;
            const auto instance = instance_of(field, place.is_results);
            if (instance == 0) return std::string(place.name) + " without an instance";
            auto& member = found.at(instance).*(place.member);
            if (member != nullptr)
                return std::string(place.name) + " twice for instance " + std::to_string(instance);
            member = &field;
            last = std::max(last, instance);
        }
    }
    for (unsigned i = 1; i <= last; ++i) {
        const auto& set = found.at(i);
        if (set.results == nullptr || set.message == nullptr || set.seal == nullptr)
            return "instance " + std::to_string(i) + " of the chain is not complete";
        sets.push_back(set);
    }
    return {};
}

/// cv= as RFC 8617 section 5.2 wants it at this place.
std::string check_chain_value(const ArcSet& set, std::size_t instance) {
    const auto tags = TagList::parse(value_of(set.seal->text));
    const auto value = tags ? lower(tags->value("cv")) : std::string();
    if (value == "fail") return "seal " + std::to_string(instance) + " says that the chain failed";
    if (value != (instance == 1 ? "none" : "pass"))
        return "seal " + std::to_string(instance) + " with a wrong cv=";
    return {};
}

ArcFacts read_arc(const RawMessage& message, SignatureReader& reader) {
    ArcFacts out;
    std::vector<ArcSet> sets;
    out.problem = sort_sets(message, sets);
    if (!out.problem.empty() || sets.empty()) return out;
    std::vector<const RawField*> covered;
    for (std::size_t i = 0; i < sets.size(); ++i) {
        const auto& set = sets[i];
        if (out.problem.empty()) out.problem = check_chain_value(set, i + 1);
        for (const auto* const field : {set.results, set.message, set.seal})
            covered.push_back(field);
        auto seal = reader.read_seal(covered);
        auto value = value_of(set.results->text);
        value.remove_prefix(std::min(value.find(';') + 1, value.size()));
        seal.passed_domain = dmarc_passed_domain(value);
        out.seals.push_back(std::move(seal));
    }
    out.message_signature = reader.read(*sets.back().message, SignatureReader::Kind::arc_message);
    return out;
}

}  // namespace

SignatureFacts read_signatures(std::string_view message) {
    const auto raw = split_message(message, kMaxFields);
    SignatureReader reader(raw);
    SignatureFacts out;
    for (const auto& field : raw.fields) {
        if (!iequals(field.name, "DKIM-Signature")) continue;
        if (out.dkim.size() == kMaxDkim) {
            SignatureFact beyond;
            beyond.problem = "too many signatures: only the first 20 are verified";
            beyond.is_refused = true;
            out.dkim.push_back(std::move(beyond));
            break;
        }
        out.dkim.push_back(reader.read(field, SignatureReader::Kind::dkim));
    }
    out.arc = read_arc(raw, reader);
    return out;
}

}  // namespace cordon
