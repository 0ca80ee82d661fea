// SPDX-License-Identifier: GPL-2.0-only
// A review item: the message that people see for a held one. First the report in plain text, then
// the exact original as an attachment (none where a virus was named). Safe in any mail program:
// everything that a sender wrote is quoted, the author's address stands in no address field, and
// nothing is a link. The item is a view: who edits or loses it has lost nothing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "conf/base/result.h"
#include "quarantine/vault/held_message.h"

namespace cordon {

/// The header field by which the review agent knows its items; its value is the id.
constexpr std::string_view kReviewField = "X-Cordon-Review";
constexpr std::string_view kIdField = "X-Cordon-Id";

/// What an item says besides the record.
struct ReviewItemOptions {
    std::string mailbox;            // our own address, the only one in the item's address fields
    std::string folder;             // in which people review, as they see its name
    std::string label;              // of the subject: "held", "virus", "not released"
    std::string note;               // goes first: what happened, what to do
    std::string seal;               // for the day on which the vault is gone
    bool is_for_recipient = false;  // who may release it for himself, and nothing else
    std::int64_t kept_until = 0;
};

enum class OriginalForm : std::uint8_t { none, rfc822, base64 };

class ReviewItem {
 public:
    /// `original` is borrowed until the item was written.
    ReviewItem(const HeldMessage& message, std::string_view original,
               const ReviewItemOptions& options);

    std::uint64_t size() const;
    OriginalForm form() const { return form_; }
    /// The whole item, in pieces: an original may be large.
    template <typename Write>
    Result<void> send(const Write& write) const {
        if (auto done = write(head_); !done) return done;
        if (form_ == OriginalForm::rfc822)
            if (auto done = write(original_); !done) return done;
        for (std::size_t at = 0; form_ == OriginalForm::base64 && at < original_.size();
             at += kBase64Step)
            if (auto done = write(base64_lines(original_.substr(at, kBase64Step))); !done)
                return done;
        return write(tail_);
    }

 private:
    static constexpr std::size_t kBase64Step = 57 * 1024;  // whole lines
    static std::string base64_lines(std::string_view bytes);

    OriginalForm form_;
    std::string_view original_;
    std::string head_;
    std::string tail_;
};

/// Whether an attachment of type message/rfc822 keeps every byte: CRLF line ends only, no line over
/// 998 bytes, no NUL.
bool keeps_every_byte(std::string_view original);

}  // namespace cordon
