// SPDX-License-Identifier: GPL-2.0-only
// A message as a set of readings (RFC 5322, RFC 2045-2049 and what mail clients make of their
// violations). Mail that two clients read differently is read in all plausible ways; the parts of
// all readings stand in one list, and what made it ambiguous is an Oddity. Parsing never fails.
//
// Views point into the bytes given to parse(): the caller keeps them alive. Move-only for that
// reason.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "scoring/message/archive_survey.h"
#include "scoring/message/headers.h"
#include "scoring/message/html.h"
#include "scoring/message/limits.h"
#include "scoring/message/url.h"

namespace cordon {

/// Something that clients may read differently, or a limit that was reached. `rule` is the name of
/// the rule that scores it (MIME_..., LIMIT_...), `detail` what was seen, printable.
struct Oddity {
    std::string rule;
    std::string detail;
    int part = -1;
};

struct Part {
    int reading = 0;  // 0: the reading of most clients
    int depth = 0;    // 0: the message itself
    int parent = -1;  // index of the enclosing part
    HeaderBlock headers;
    std::string type;  // lower case "text/html"; what the rules of RFC 2045 make of a missing one
    std::string charset;   // lower case, empty when not declared
    std::string encoding;  // lower case Content-Transfer-Encoding, "7bit" when missing
    std::string name;      // file name in UTF-8, RFC 2231 and RFC 2047 decoded; empty when none
    bool has_attachment_disposition = false;
    std::string_view encoded;  // body as received
    std::string decoded;       // transfer encoding undone; empty for multiparts (see bytes())
    bool is_identity = false;  // decoded would equal encoded, and is left empty

    bool is_multipart() const { return type.starts_with("multipart/"); }
    bool is_attachment() const { return has_attachment_disposition || !name.empty(); }
    std::string_view bytes() const { return is_identity ? encoded : std::string_view(decoded); }
};

/// The text of one text part as a person reads it.
struct BodyText {
    int part = -1;
    bool is_html = false;
    std::string text;  // UTF-8; of HTML the visible text
    Html html;         // empty unless is_html
};

class Message {
 public:
    /// Reads the message; `bytes` must outlive it.
    static Message parse(std::string_view bytes, const Limits& limits);

    Message(Message&&) = default;
    Message& operator=(Message&&) = default;

    std::string_view raw() const { return raw_; }
    const HeaderBlock& headers() const { return parts_.front().headers; }
    const std::vector<Part>& parts() const { return parts_; }  // never empty
    const std::vector<Oddity>& oddities() const { return oddities_; }
    const std::vector<BodyText>& texts() const { return texts_; }  // shown in the body, in order
    const std::vector<Link>& links() const { return links_; }      // of all texts, html and plain
    int readings() const { return readings_; }

    /// Those found in what the parser doesn't read, as pictures.
    void add_links(std::vector<Link> links);

    /// What the archives among the parts hold; looked for when first asked.
    const ArchiveSurvey& archives() const;

    /// Decoded value of the first field of that name, or empty.
    std::string header_text(std::string_view name) const;
    std::string subject() const { return header_text("Subject"); }

 private:
    Message() = default;
    friend class MessageParser;

    std::string_view raw_;
    std::vector<Part> parts_;
    std::vector<Oddity> oddities_;
    std::vector<BodyText> texts_;
    std::vector<Link> links_;
    int readings_ = 1;
    std::vector<std::unique_ptr<std::string>> unpacked_;  // what parts without a holder point into
    Limits limits_;
    mutable std::unique_ptr<ArchiveSurvey> archives_;
};

}  // namespace cordon
