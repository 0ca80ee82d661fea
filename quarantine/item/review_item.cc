// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/item/review_item.h"

#include <fmt/format.h>

#include <algorithm>

#include "conf/base/clock.h"
#include "conf/base/digest.h"
#include "conf/base/mail_address.h"
#include "conf/base/text.h"
#include "quarantine/item/item_text.h"
#include "quarantine/seal/seal.h"

namespace cordon {

namespace {

constexpr std::size_t kMaxLineBytes = 998;
constexpr std::size_t kShownRecipients = 20;
constexpr std::size_t kSubjectBytes = 300;

std::string recipients_of(const HeldMessage& message, std::string_view separator) {
    std::string out;
    std::size_t count = 0;
    for (const auto& recipient : message.recipients) {
        if (++count > kShownRecipients) {
            out += fmt::format("{}and {} more", separator,
                               message.recipients.size() - kShownRecipients);
            break;
        }
        out += fmt::format("{}{}", out.empty() ? "" : separator,
                           printable(without_brackets(recipient.path), 320));
    }
    return out;
}

std::string advice(const HeldMessage& message, const ReviewItemOptions& options) {
    std::string out;
    if (!options.note.empty()) out += options.note + "\n\n";
    if (message.virus.empty() && options.is_for_recipient) {
        out += fmt::format(
            "This message to you was held. Move it into the folder\n\n"
            "    {}/Release\n\n"
            "to have it delivered to you, unchanged. The message as it came is attached. Don't\n"
            "answer, and don't open what you don't trust.",
            options.folder);
    } else if (message.virus.empty()) {
        out += fmt::format(
            "This message was held. Move it into the folder\n\n"
            "    {0}/Release   to deliver it, unchanged, to its recipients\n"
            "    {0}/Spam      to confirm that it is spam\n\n"
            "The message as it came is attached. Don't answer, and don't open what\n"
            "you don't trust.",
            options.folder);
    } else {
        out += fmt::format(
            "This message was held because of a virus: {}.\n"
            "It is not attached. Only an administrator can release it, on the server.",
            message.virus);
    }
    if (options.kept_until != 0)
        out += fmt::format(" Nothing happens to it until {}, when it is\ndeleted.",
                           utc_timestamp(options.kept_until).substr(0, 10));
    return out + "\n";
}

std::string envelope_of(const HeldMessage& message) {
    std::string out = "Envelope\n";
    const auto line = [&out](std::string_view name, std::string_view value) {
        if (!value.empty()) out += fmt::format("    {:<10} {}\n", name, value);
    };
    line("from", message.mail_from);
    line("to", recipients_of(message, "\n               "));
    line("client", message.client_name.empty() ? message.client
                                               : message.client_name + " [" + message.client + "]");
    line("helo", message.helo);
    line("login", message.auth_user);
    line("received", utc_timestamp(message.received_at));
    line("size", fmt::format("{} bytes", message.size));
    line("sha256", message.sha256);
    line("queue id", message.queue_id);
    line("id", message.id);
    return out;
}

std::string report_of(const HeldMessage& message, const ReviewItemOptions& options) {
    const std::string report = "Why\n" + message.report + "\n" + envelope_of(message);
    // The advice is our own; what follows quotes the sender.
    return printable_lines(advice(message, options) + "\n" + without_links(report));
}

std::string subject_of(const HeldMessage& message, const ReviewItemOptions& options) {
    const std::string_view subject = utf8_prefix(message.subject, kSubjectBytes);
    return without_links(fmt::format("[{}{}{}] {}", options.label,
                                     message.virus.empty() ? " " : ": ",
                                     message.virus.empty() ? message.score : message.virus,
                                     subject.empty() ? "(no subject)" : subject));
}

std::string header_of(const HeldMessage& message, const ReviewItemOptions& options,
                      const std::string& boundary) {
    const std::string author =
        message.from.empty() ? std::string(without_brackets(message.mail_from)) : message.from;
    const std::string domain = domain_of(options.mailbox);
    std::string out;
    out += text_field(kReviewField, message.id);
    if (!options.seal.empty()) out += token_field(kSealHeader, options.seal);
    out += address_field("From", author.empty() ? "<>" : author, options.mailbox);
    out += address_field("To", recipients_of(message, ", "), options.mailbox);
    out += text_field("Subject", subject_of(message, options));
    out += fmt::format("Date: {}\r\n", rfc5322_date(message.received_at));
    out += fmt::format("Message-ID: <{}.{}@{}>\r\n", message.id, random_hex(4),
                       domain.empty() ? "localhost" : domain);
    out += "MIME-Version: 1.0\r\nAuto-Submitted: auto-generated\r\n";
    out += fmt::format("Content-Type: multipart/mixed; boundary=\"{}\"\r\n\r\n", boundary);
    return out;
}

std::string text_part(std::string_view text, const std::string& boundary) {
    return fmt::format(
        "--{}\r\nContent-Type: text/plain; charset=utf-8\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n{}",
        boundary, quoted_printable(text));
}

std::string attachment_header(const HeldMessage& message, OriginalForm form, bool is_ascii) {
    const bool is_message = form == OriginalForm::rfc822;
    return fmt::format(
        "Content-Type: {}\r\n"
        "Content-Description: the message as it came\r\n"
        "Content-Disposition: attachment; filename=\"held-{}.eml\"\r\n"
        "Content-Transfer-Encoding: {}\r\n\r\n",
        is_message ? "message/rfc822" : "application/octet-stream", message.id,
        !is_message ? "base64"
        : is_ascii  ? "7bit"
                    : "8bit");
}

bool is_ascii(std::string_view bytes) {
    return std::all_of(bytes.begin(), bytes.end(), [](char c) { return c >= 0; });
}

/// One that the original does not contain: a few random digits are never there by chance, and
/// whoever guessed them would be found out here.
std::string boundary_for(std::string_view original) {
    for (;;) {
        std::string boundary = "cordon-" + random_hex(12);
        if (original.find(boundary) == std::string_view::npos) return boundary;
    }
}

}  // namespace

bool keeps_every_byte(std::string_view original) {
    std::size_t line = 0;
    for (std::size_t i = 0; i < original.size(); ++i) {
        const char c = original[i];
        if (c == '\0' || c == '\n') return false;
        if (c == '\r') {
            if (i + 1 >= original.size() || original[i + 1] != '\n') return false;
            ++i;
            line = 0;
        } else if (++line > kMaxLineBytes) {
            return false;
        }
    }
    // Without a header some servers take the first line of the body for one.
    return !original.empty() && !original.starts_with("\r\n");
}

ReviewItem::ReviewItem(const HeldMessage& message, std::string_view original,
                       const ReviewItemOptions& options)
    : original_(original) {
    if (!message.virus.empty())
        form_ = OriginalForm::none;
    else
        form_ = keeps_every_byte(original) ? OriginalForm::rfc822 : OriginalForm::base64;
    const std::string boundary = boundary_for(original);
    head_ =
        header_of(message, options, boundary) + text_part(report_of(message, options), boundary);
    if (form_ != OriginalForm::none)
        head_ += fmt::format("\r\n--{}\r\n{}", boundary,
                             attachment_header(message, form_, is_ascii(original)));
    tail_ = fmt::format("\r\n--{}--\r\n", boundary);
}

std::string ReviewItem::base64_lines(std::string_view bytes) {
    constexpr std::size_t kLine = 57;
    std::string out;
    out.reserve(bytes.size() * 78 / kLine + 80);
    for (std::size_t i = 0; i < bytes.size(); i += kLine)
        out += to_base64(bytes.substr(i, kLine)) + "\r\n";
    return out;
}

std::uint64_t ReviewItem::size() const {
    std::uint64_t body = 0;
    if (form_ == OriginalForm::rfc822) body = original_.size();
    if (form_ == OriginalForm::base64)
        body = (original_.size() + 2) / 3 * 4 + (original_.size() + 56) / 57 * 2;
    return head_.size() + body + tail_.size();
}

}  // namespace cordon
