// SPDX-License-Identifier: GPL-2.0-only
// Reads and hashes one signature after the other over the same message.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "scoring/analysis/analysis.h"
#include "scoring/analysis/canonical.h"
#include "scoring/lookups/tag_list.h"

namespace cordon {

/// The value behind the colon of a field.
std::string_view value_of(std::string_view field);

class SignatureReader {
 public:
    enum class Kind : std::uint8_t { dkim, arc_message, arc_seal };

    explicit SignatureReader(const RawMessage& message);

    /// A DKIM-Signature or ARC-Message-Signature.
    SignatureFact read(const RawField& field, Kind kind);
    /// An ARC-Seal over `covered`, the fields of all sets up to its own in their order, itself
    /// last.
    SignatureFact read_seal(const std::vector<const RawField*>& covered);

 private:
    std::string read_common(SignatureFact& out, const TagList& tags, Kind kind) const;
    std::string read_times(SignatureFact& out, const TagList& tags) const;
    std::string read_body(SignatureFact& out, const TagList& tags, bool is_relaxed);
    std::string hash_header(const RawField& field, const TagList& tags, bool is_relaxed) const;
    const BodyHash& body_hash(bool is_relaxed, std::uint64_t limit);

    const RawMessage& message_;
    std::map<std::string, std::vector<std::size_t>, std::less<>> places_;  // by lower-case name
    std::map<std::pair<bool, std::uint64_t>, BodyHash> bodies_;
};

}  // namespace cordon
