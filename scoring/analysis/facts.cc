// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/analysis/facts.h"

#include <algorithm>
#include <array>

#include "conf/base/text.h"
#include "scoring/analysis/derived.h"
#include "scoring/analysis/known_domains.h"
#include "scoring/message/address.h"
#include "scoring/message/charset.h"

namespace cordon {

namespace {

constexpr std::size_t kMaxValues = 2000;
constexpr std::size_t kMaxFields = 20;     // of one name
constexpr std::size_t kFieldBytes = 4096;  // of one field: nobody is shown more

using Argument = std::string_view;

void header_values(const CheckInput& in, Argument name, TextValues& out) {
    for (const auto& field : in.message.headers().fields()) {
        if (iequals(field.name, name) && out.values.size() < kMaxFields)
            out.add(std::string(utf8_prefix(
                decode_header_text(field.value.substr(0, 4 * kFieldBytes)), kFieldBytes)));
    }
}

void raw_header_values(const CheckInput& in, Argument name, TextValues& out) {
    for (const auto& field : in.message.headers().fields()) {
        if (iequals(field.name, name) && out.values.size() < kMaxFields)
            out.add_view(field.value.substr(0, kFieldBytes));
    }
}

void header_names(const CheckInput& in, Argument, TextValues& out) {
    for (const auto& field : in.message.headers().fields()) out.add_view(field.name);
}

void subject(const CheckInput& in, Argument, TextValues& out) {
    header_values(in, "subject", out);
}

template <typename Get>
void mailbox_values(const CheckInput& in, std::string_view field_name, TextValues& out, Get get) {
    for (const auto& field : in.message.headers().fields()) {
        if (!iequals(field.name, field_name)) continue;
        for (const auto& mailbox : parse_mailboxes(field.value)) {
            std::string value = get(mailbox);
            if (!value.empty()) out.add(std::move(value));
        }
    }
}

void from_name(const CheckInput& in, Argument, TextValues& out) {
    mailbox_values(in, "from", out, [](const Mailbox& m) { return m.display_name; });
}
void from_address(const CheckInput& in, Argument, TextValues& out) {
    mailbox_values(in, "from", out, [](const Mailbox& m) { return m.address(); });
}
void from_domain(const CheckInput& in, Argument, TextValues& out) {
    mailbox_values(in, "from", out, [](const Mailbox& m) { return m.domain; });
}
void reply_domain(const CheckInput& in, Argument, TextValues& out) {
    mailbox_values(in, "reply-to", out, [](const Mailbox& m) { return m.domain; });
}

void body(const CheckInput& in, Argument, TextValues& out) {
    for (const auto& text : in.message.texts()) out.add_view(folded_text(in, text));
}

void hidden(const CheckInput& in, Argument, TextValues& out) {
    for (const auto& text : in.message.texts()) {
        if (!text.html.hidden_text.empty()) out.add(fold_text(text.html.hidden_text));
    }
}

void source_of(const CheckInput& in, bool is_html_only, TextValues& out) {
    for (const auto& text : in.message.texts()) {
        const auto index = static_cast<std::size_t>(text.part);
        if (text.part < 0 || index >= in.message.parts().size()) continue;
        if (text.is_html || !is_html_only) out.add_view(in.message.parts()[index].bytes());
    }
}

void raw_body(const CheckInput& in, Argument, TextValues& out) {
    source_of(in, false, out);
}
void html(const CheckInput& in, Argument, TextValues& out) {
    source_of(in, true, out);
}

void url(const CheckInput& in, Argument, TextValues& out) {
    for (const auto& link : in.message.links()) out.add_view(link.url.raw);
}
void url_host(const CheckInput& in, Argument, TextValues& out) {
    for (const auto& link : in.message.links()) {
        if (!link.url.host.empty()) out.add_view(link.url.host);
    }
}
void shown(const CheckInput& in, Argument, TextValues& out) {
    for (const auto& link : in.message.links()) {
        if (!link.shown.empty()) out.add_view(link.shown);
    }
}

void attachment_name(const CheckInput& in, Argument, TextValues& out) {
    for (const auto& part : in.message.parts()) {
        if (!part.name.empty()) out.add_view(part.name);
    }
}

void member_name(const CheckInput& in, Argument, TextValues& out) {
    for (const SurveyedMember& member : in.message.archives().members) out.add_view(member.name);
}

void part_type(const CheckInput& in, Argument, TextValues& out) {
    for (const auto& part : in.message.parts()) out.add_view(part.type);
}

void helo(const CheckInput& in, Argument, TextValues& out) {
    out.add_view(in.envelope.helo);
}
void mail_from(const CheckInput& in, Argument, TextValues& out) {
    out.add_view(in.envelope.mail_from);
}
void client_name(const CheckInput& in, Argument, TextValues& out) {
    out.add_view(in.envelope.client_name);
}

constexpr std::array kTextFacts = {
    TextFact{"header", true, true, header_values, "decoded values of a header field"},
    TextFact{"rawheader", true, false, raw_header_values, "values of a header field as received"},
    TextFact{"header_name", false, false, header_names, "names of all header fields as received"},
    TextFact{"subject", false, true, subject, "the decoded Subject"},
    TextFact{"from_name", false, true, from_name, "display names in From"},
    TextFact{"from_address", false, true, from_address, "addresses in From"},
    TextFact{"from_domain", false, true, from_domain, "domains in From, lower case"},
    TextFact{"reply_domain", false, true, reply_domain, "domains in Reply-To, lower case"},
    TextFact{"body", false, true, body, "visible text of each text part, blanks folded"},
    TextFact{"lead", false, true, body,
             "of each text of `body` the 6,000 bytes with most phrases of rules", "body"},
    TextFact{"hidden", false, true, hidden, "text that HTML hides from the reader"},
    TextFact{"rawbody", false, false, raw_body,
             "bytes of the text parts, transfer encoding undone"},
    TextFact{"html", false, false, html, "source of the HTML parts"},
    TextFact{"url", false, true, url, "links as written"},
    TextFact{"urlhost", false, true, url_host, "hosts of links, lower case"},
    TextFact{"shown", false, true, shown, "texts shown for links"},
    TextFact{"attachment_name", false, true, attachment_name, "file names of parts"},
    TextFact{"member_name", false, true, member_name,
             "names of files in attached archives, nested ones too"},
    TextFact{"part_type", false, true, part_type, "media types of all parts, lower case"},
    TextFact{"helo", false, true, helo, "name given in HELO or EHLO"},
    TextFact{"mail_from", false, true, mail_from, "envelope sender without <>"},
    TextFact{"client_name", false, true, client_name, "verified host name of the client"},
};

std::int64_t to_number(std::size_t value) {
    return static_cast<std::int64_t>(value);
}

std::int64_t size(const CheckInput& in) {
    return to_number(in.message.raw().size());
}
std::int64_t parts(const CheckInput& in) {
    return to_number(in.message.parts().size());
}
std::int64_t readings(const CheckInput& in) {
    return in.message.readings();
}
std::int64_t links(const CheckInput& in) {
    return to_number(in.message.links().size());
}
std::int64_t recipients(const CheckInput& in) {
    return to_number(in.envelope.recipients.size());
}

std::int64_t attachments(const CheckInput& in) {
    const auto& all = in.message.parts();
    return std::count_if(all.begin(), all.end(), [](const Part& p) { return p.is_attachment(); });
}

template <typename Get>
std::int64_t sum_texts(const CheckInput& in, Get get) {
    std::size_t sum = 0;
    for (const auto& text : in.message.texts()) sum += get(text);
    return to_number(sum);
}

std::int64_t images(const CheckInput& in) {
    return sum_texts(in, [](const BodyText& t) { return t.html.images; });
}
std::int64_t remote_images(const CheckInput& in) {
    return sum_texts(in, [](const BodyText& t) { return t.html.remote_images; });
}
std::int64_t text_length(const CheckInput& in) {
    return sum_texts(in, [](const BodyText& t) { return t.text.size(); });
}
std::int64_t hidden_length(const CheckInput& in) {
    return sum_texts(in, [](const BodyText& t) { return t.html.hidden_text.size(); });
}

constexpr std::array kNumberFacts = {
    NumberFact{"size", size, "bytes of the message"},
    NumberFact{"parts", parts, "MIME parts of all readings"},
    NumberFact{"attachments", attachments, "parts that are attachments or have a file name"},
    NumberFact{"readings", readings, "ways in which mail clients may read the message"},
    NumberFact{"links", links, "links in all texts"},
    NumberFact{"recipients", recipients, "recipients in the envelope"},
    NumberFact{"images", images, "images that the HTML shows"},
    NumberFact{"remote_images", remote_images, "images that are loaded from the network"},
    NumberFact{"text_length", text_length, "bytes of visible text"},
    NumberFact{"hidden_length", hidden_length, "bytes of hidden text"},
};

template <typename Test>
bool any_text(const CheckInput& in, Test test) {
    const auto& all = in.message.texts();
    return std::any_of(all.begin(), all.end(), test);
}

bool has_html(const CheckInput& in) {
    return any_text(in, [](const BodyText& t) { return t.is_html; });
}
bool has_plain(const CheckInput& in) {
    return any_text(in, [](const BodyText& t) { return !t.is_html; });
}
bool has_form(const CheckInput& in) {
    return any_text(in, [](const BodyText& t) { return t.html.has_form; });
}
bool has_password_field(const CheckInput& in) {
    return any_text(in, [](const BodyText& t) { return t.html.has_password_field; });
}
bool has_script(const CheckInput& in) {
    return any_text(in, [](const BodyText& t) { return t.html.has_script; });
}
bool has_event_handler(const CheckInput& in) {
    return any_text(in, [](const BodyText& t) { return t.html.has_event_handler; });
}
bool has_refresh(const CheckInput& in) {
    return any_text(in, [](const BodyText& t) { return t.html.has_meta_refresh; });
}
bool has_base(const CheckInput& in) {
    return any_text(in, [](const BodyText& t) { return t.html.has_base; });
}
bool has_iframe(const CheckInput& in) {
    return any_text(in, [](const BodyText& t) { return t.html.has_iframe; });
}
bool has_object(const CheckInput& in) {
    return any_text(in, [](const BodyText& t) { return t.html.has_object; });
}
bool is_authenticated(const CheckInput& in) {
    return !in.envelope.auth_user.empty();
}
bool is_null_sender(const CheckInput& in) {
    return in.envelope.mail_from.empty();
}

bool from_freemail(const CheckInput& in) {
    TextValues domains;
    from_domain(in, {}, domains);
    return std::any_of(domains.values.begin(), domains.values.end(),
                       [](std::string_view domain) { return is_freemail(owner_of(domain)); });
}
/// Old programs tell in the subject only that they answer: two quoted lines must bear them out.
bool quotes_another(const CheckInput& in) {
    const auto& headers = in.message.headers();
    const bool has_thread =
        headers.first("In-Reply-To") != nullptr || headers.first("References") != nullptr;
    const std::string subject = in.message.subject();
    if (!has_thread && !icontains(subject, "re:") && !icontains(subject, "aw:")) return false;
    return any_text(in, [&](const BodyText& t) {
        const auto first = t.text.find("\n>");
        if (first == std::string::npos)
            return has_thread && (t.text.find("wrote:") != std::string::npos ||
                                  t.text.find("Original Message") != std::string::npos);
        return has_thread || t.text.find("\n>", first + 1) != std::string::npos;
    });
}
/// RFC 3464 reports, and the older forms of MTAs.
bool is_bounce(const CheckInput& in) {
    if (!in.envelope.mail_from.empty()) return false;
    const auto& all = in.message.parts();
    const bool is_report = std::any_of(all.begin(), all.end(), [](const Part& part) {
        return part.type == "multipart/report" || part.type == "message/delivery-status" ||
               part.type == "message/feedback-report";
    });
    if (is_report) return true;
    TextValues authors;
    from_address(in, {}, authors);
    return std::any_of(authors.values.begin(), authors.values.end(), [](std::string_view author) {
        return istarts_with(author, "mailer-daemon") || istarts_with(author, "postmaster") ||
               istarts_with(author, "mail-daemon");
    });
}
bool is_answer(const CheckInput& in) {
    return quotes_another(in) || is_bounce(in);
}

constexpr std::array kTruthFacts = {
    TruthFact{"has_html", has_html, "a text part is HTML"},
    TruthFact{"has_plain", has_plain, "a text part is plain text"},
    TruthFact{"has_form", has_form, "the HTML has a form"},
    TruthFact{"has_password_field", has_password_field, "the HTML asks for a password"},
    TruthFact{"has_script", has_script, "the HTML has a script"},
    TruthFact{"has_event_handler", has_event_handler, "the HTML has onclick= or the like"},
    TruthFact{"has_refresh", has_refresh, "the HTML reloads to another page"},
    TruthFact{"has_base", has_base, "the HTML moves relative links elsewhere"},
    TruthFact{"has_iframe", has_iframe, "the HTML has a frame"},
    TruthFact{"has_object", has_object, "the HTML has an object, embed or applet"},
    TruthFact{"from_freemail", from_freemail, "From is an address of free mail"},
    TruthFact{"is_bounce", is_bounce, "a report of an MTA about the delivery of a message"},
    TruthFact{"is_answer", is_answer, "a bounce, or an answer that quotes what it answers"},
    TruthFact{"is_authenticated", is_authenticated, "the client logged in"},
    TruthFact{"is_null_sender", is_null_sender, "the envelope sender is <>"},
};

bool is_continuation(char c) {
    return (static_cast<unsigned char>(c) & 0xc0U) == 0x80;
}

/// Length of the white space or zero-width character at `i`; 0 when it is neither.
struct Blank {
    std::size_t length = 0;
    bool is_invisible = false;
};

/// A visible character of ASCII.
bool is_plain(char c) {
    return static_cast<unsigned char>(c) > 0x20 && static_cast<unsigned char>(c) < 0x80;
}

Blank blank_at(std::string_view text, std::size_t i) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead == ' ' || (lead >= 0x09 && lead <= 0x0d)) return {1, false};
    if (lead == 0xc2 && text.substr(i, 2) == "\u00a0") return {2, false};
    if (lead == 0xc2 && text.substr(i, 2) == "\u00ad") return {2, true};
    if (lead == 0xcd && text.substr(i, 2) == "\u034f") return {2, true};
    if (lead == 0xef && text.substr(i, 3) == "\ufeff") return {3, true};
    if (lead == 0xe3 && text.substr(i, 3) == "\u3000") return {3, false};
    if (lead != 0xe2 || i + 2 >= text.size()) return {};
    const auto third = static_cast<unsigned char>(text[i + 2]);
    if (text[i + 1] == '\x81' && third == 0xa0) return {3, true};  // word joiner
    if (text[i + 1] != '\x80') return {};
    if (third >= 0x8b && third <= 0x8f) return {3, true};                      // zero width, marks
    if ((third >= 0x80 && third <= 0x8a) || third == 0xaf) return {3, false};  // spaces
    return {};
}

}  // namespace

std::span<const TextFact> text_facts() {
    return kTextFacts;
}
std::span<const NumberFact> number_facts() {
    return kNumberFacts;
}
std::span<const TruthFact> truth_facts() {
    return kTruthFacts;
}

std::string fold_text(std::string_view utf8) {
    std::string out;
    out.reserve(utf8.size());
    std::size_t blanks = 0;
    std::size_t line_ends = 0;
    for (std::size_t i = 0; i < utf8.size();) {
        const Blank blank = blank_at(utf8, i);
        if (blank.length > 0) {
            if (utf8[i] == '\n') ++line_ends;
            if (!blank.is_invisible) ++blanks;
            i += blank.length;
            continue;
        }
        if (blanks > 0 && !out.empty()) out += line_ends > 1 ? '\n' : ' ';
        blanks = 0;
        line_ends = 0;
        const std::size_t begin = i++;
        while (i < utf8.size() && (is_plain(utf8[i]) || is_continuation(utf8[i]))) ++i;
        out += utf8.substr(begin, i - begin);
    }
    return out;
}

TextValues collect_text(const TextRef& ref, const CheckInput& input) {
    TextValues found;
    const TextFact& fact = kTextFacts.at(ref.fact);
    fact.collect(input, ref.argument, found);
    if (found.values.size() > kMaxValues) found.values.resize(kMaxValues);
    if (!fact.is_utf) return found;
    for (auto& value : found.values) {
        if (!is_ascii(value)) value = found.made.emplace_back(to_valid_utf8(value));
    }
    return found;
}

}  // namespace cordon
