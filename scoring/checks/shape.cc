// SPDX-License-Identifier: GPL-2.0-only
// The shape of a message, apart from what it says: how many words to how many links and pictures,
// whether its two texts agree, whether its words are words.
#include <algorithm>
#include <array>
#include <set>

#include "conf/base/text.h"
#include "scoring/analysis/derived.h"
#include "scoring/analysis/known_domains.h"
#include "scoring/checks/check.h"
#include "scoring/message/address.h"
#include "scoring/message/charset.h"

namespace cordon {

namespace {

constexpr std::array kRules = {
    CheckRule{"SHAPE_FEW_WORDS", 0.8, "Hardly any words, and links"},
    CheckRule{"SHAPE_ONE_TARGET", 0.9, "All links lead to one domain, which is not the sender's"},
    CheckRule{"SHAPE_SAME_LINK", 1.0, "Several links that are all the same"},
    CheckRule{"SHAPE_PICTURE_LINKS", 1.5, "Pictures to click on instead of words"},
    CheckRule{"SHAPE_TEXTS_DIFFER", 1.5, "Plain text and HTML say different things"},
    CheckRule{"SHAPE_GIBBERISH", 1.1, "Many words of the text are no words"},
    CheckRule{"SHAPE_NEEDLESS_BASE64", 0.5, "Plain text is wrapped in base64"},
    CheckRule{"SHAPE_ONE_ALTERNATIVE", 0.5, "The message offers alternatives, but only one"},
    CheckRule{"SHAPE_CYRILLIC_UNUSED", 1.5, "A Russian charset, but no Russian letter"},
    CheckRule{"SHAPE_MANY_DOMAINS", 0.0, "Links to many domains with hardly any words between"},
    CheckRule{"SHAPE_HIDDEN_LINK", 0.4, "A link stands where nobody sees it"},
    CheckRule{"SHAPE_SHOUTS", 1.3, "A quarter of the words is in capital letters"},
    CheckRule{"SHAPE_EXCLAIMS", 1.0, "An exclamation mark in every other line"},
    CheckRule{"SHAPE_SUMS", 0.0, "Sums of money all over the text"},
    CheckRule{"TO_ALPHABETICAL", 1.0, "The recipients stand in the order of the alphabet"},
    CheckRule{"TO_ALIKE", 2.9, "Many recipients whose names begin alike"},
    CheckRule{"GREETS_ADDRESS", 1.5, "The text greets the reader by mail address"},
    CheckRule{"SUBJECT_HOLDS_ADDRESS", 0.8, "The subject contains the recipient's address"},
};

constexpr std::size_t kMaxWords = 3000;
constexpr std::size_t kGreetingBytes = 400;
constexpr std::size_t kLoudBytes = 20000;
constexpr std::size_t kComparedBytes = 20000;

bool is_letter_byte(char c) {
    return is_alpha(c) || is_digit(c) || (static_cast<unsigned char>(c) & 0x80U) != 0;
}

/// Words of ASCII letters and digits and of other letters, lower case, the first kMaxWords.
std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> out;
    std::string word;
    for (const char c : text) {
        if (is_letter_byte(c)) {
            word += ascii_lower(c);
            continue;
        }
        if (!word.empty()) out.push_back(std::move(word));
        word.clear();
        if (out.size() >= kMaxWords) return out;
    }
    if (!word.empty()) out.push_back(std::move(word));
    return out;
}

/// Words as a reader counts them; scripts without blanks have about one in two characters.
std::size_t count_words(const std::vector<std::string>& words) {
    std::size_t count = 0;
    for (const auto& word : words)
        count += is_ascii(word) || word.size() < 24 ? 1 : word.size() / 6;
    return count;
}

/// A word that no language has: no vowel, or letters and digits in turns.
bool is_gibberish(std::string_view word) {
    if (word.size() < 6 || word.size() > 40 || !is_ascii(word)) return false;
    const bool has_vowel = word.find_first_of("aeiouy") != std::string_view::npos;
    const auto letters = std::count_if(word.begin(), word.end(), is_alpha);
    if (letters == static_cast<std::ptrdiff_t>(word.size())) return !has_vowel;
    std::size_t turns = 0;
    for (std::size_t i = 1; i < word.size(); ++i) {
        if (is_digit(word[i]) != is_digit(word[i - 1])) ++turns;
    }
    return letters > 2 && turns > 2;
}

struct Shape {
    const BodyText* plain = nullptr;
    const BodyText* html = nullptr;
    std::vector<std::string> words;  // of the HTML, else of the plain text
    std::size_t word_count = 0;
};

Shape shape_of(const CheckInput& input) {
    Shape out;
    for (const auto& text : input.message.texts()) {
        auto& place = text.is_html ? out.html : out.plain;
        if (place == nullptr) place = &text;
    }
    const BodyText* shown = out.html != nullptr ? out.html : out.plain;
    if (shown != nullptr) out.words = words_of(folded_text(input, *shown));
    out.word_count = count_words(out.words);
    return out;
}

bool is_web(const Link& link) {
    return link.url.scheme.starts_with("http") && !link.url.host.empty();
}

void check_targets(const CheckInput& input, const Shape& shape, const std::string& author,
                   Hits& hits) {
    std::set<std::string> owners;
    std::set<std::string_view> targets;
    std::size_t anchors = 0;
    std::size_t pictures = 0;
    std::size_t all = 0;
    for (const auto& link : input.message.links()) {
        const bool is_anchor = link.source == LinkSource::anchor;
        if (!is_web(link) || (!is_anchor && link.source != LinkSource::text)) continue;
        if (link.hidden) hits.add("SHAPE_HIDDEN_LINK", link.url.raw);
        ++all;
        owners.insert(owner_of(link.url.host));
        if (!is_anchor) continue;
        ++anchors;
        targets.insert(link.url.raw);
        if (trim(link.shown).empty()) ++pictures;
    }
    if (all > 0 && shape.word_count < 25)
        hits.add("SHAPE_FEW_WORDS", std::to_string(shape.word_count) + " words");
    if (owners.size() >= 8 && shape.word_count < 12 * owners.size())
        hits.add("SHAPE_MANY_DOMAINS", std::to_string(owners.size()) + " domains");
    if (anchors < 1) return;
    if (anchors > 1 && owners.size() == 1 && *owners.begin() != author)
        hits.add("SHAPE_ONE_TARGET", *owners.begin());
    if (anchors > 1 && targets.size() == 1) hits.add("SHAPE_SAME_LINK", *targets.begin());
    if (pictures > 0 && 2 * pictures >= anchors && shape.word_count < 60)
        hits.add("SHAPE_PICTURE_LINKS",
                 std::to_string(pictures) + " of " + std::to_string(anchors));
}

/// Most of what the plain text says should stand in the HTML.
void check_agreement(const CheckInput& input, const Shape& shape, Hits& hits) {
    if (shape.plain == nullptr || shape.html == nullptr) return;
    const std::set<std::string> shown(shape.words.begin(), shape.words.end());
    std::size_t known = 0;
    std::size_t all = 0;
    for (const auto& word : words_of(folded_text(input, *shape.plain).substr(0, kComparedBytes))) {
        if (word.size() < 4) continue;
        ++all;
        if (shown.contains(word)) ++known;
    }
    if (all >= 12 && shape.words.size() >= 12 && known * 4 < all)
        hits.add("SHAPE_TEXTS_DIFFER",
                 std::to_string(known) + " of " + std::to_string(all) + " words");
}

void check_words(const Shape& shape, Hits& hits) {
    std::size_t gibberish = 0;
    std::size_t long_words = 0;
    std::string first;
    for (const auto& word : shape.words) {
        if (word.size() < 6) continue;
        ++long_words;
        if (!is_gibberish(word)) continue;
        if (++gibberish == 1) first = word;
    }
    if (gibberish >= 5 && gibberish * 4 >= long_words) hits.add("SHAPE_GIBBERISH", first);
}

/// How loudly the text speaks: capitals, exclamation marks, sums.
void check_loudness(const CheckInput& input, const Shape& shape, Hits& hits) {
    const BodyText* shown = shape.html != nullptr ? shape.html : shape.plain;
    if (shown == nullptr) return;
    const std::string_view text = folded_text(input, *shown).substr(0, kLoudBytes);
    std::size_t words = 0;
    std::size_t capitals = 0;
    std::size_t exclaims = 0;
    std::size_t sums = 0;
    for (std::size_t i = 0; i < text.size();) {
        std::size_t end = i;
        while (end < text.size() && is_alpha(text[end])) ++end;
        if (end == i) {
            if (text[i] == '!') ++exclaims;
            if (text[i] == '$' && i + 1 < text.size() && is_digit(text[i + 1])) ++sums;
            ++i;
            continue;
        }
        if (end - i > 2) {
            ++words;
            const auto word = text.substr(i, end - i);
            if (std::all_of(word.begin(), word.end(), [](char c) { return c < 'a'; })) ++capitals;
        }
        i = end;
    }
    if (words >= 40 && 4 * capitals >= words)
        hits.add("SHAPE_SHOUTS", std::to_string(capitals) + " of " + std::to_string(words));
    if (exclaims >= 4 && 25 * exclaims >= words)
        hits.add("SHAPE_EXCLAIMS", std::to_string(exclaims));
    if (sums >= 4 && 60 * sums >= words) hits.add("SHAPE_SUMS", std::to_string(sums));
}

std::vector<std::string> recipients_of(const HeaderBlock& headers) {
    std::vector<std::string> out;
    for (const std::string_view name : {"To", "Cc"}) {
        const HeaderField* field = headers.first(name);
        if (field == nullptr) continue;
        for (const auto& mailbox : parse_mailboxes(field->value, 50)) {
            if (!mailbox.domain.empty()) out.push_back(lower(mailbox.local_part));
        }
    }
    return out;
}

void check_recipients(const Message& message, Hits& hits) {
    const auto all = recipients_of(message.headers());
    if (all.size() < 6) return;
    const std::string detail = all.front() + " to " + all.back();
    if (std::is_sorted(all.begin(), all.end()) && all.front() != all.back())
        hits.add("TO_ALPHABETICAL", detail);
    std::size_t alike = 0;
    for (std::size_t i = 1; i < all.size(); ++i) {
        if (all[i].size() > 2 && all[i].substr(0, 3) == all[i - 1].substr(0, 3)) ++alike;
    }
    if (2 * alike >= all.size()) hits.add("TO_ALIKE", detail);
}

void check_parts(const Message& message, Hits& hits) {
    const auto& parts = message.parts();
    std::vector<std::size_t> children(parts.size(), 0);
    for (const auto& part : parts) {
        if (part.parent >= 0 && part.reading == 0)
            ++children[static_cast<std::size_t>(part.parent)];
    }
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (parts[i].type == "multipart/alternative" && parts[i].reading == 0 && children[i] == 1)
            hits.add("SHAPE_ONE_ALTERNATIVE");
    }
    for (const auto& text : message.texts()) {
        if (text.part < 0) continue;
        const Part& part = parts[static_cast<std::size_t>(text.part)];
        const bool is_plain_bytes = is_ascii(part.bytes());
        if (part.encoding == "base64" && is_plain_bytes && part.bytes().size() > 40)
            hits.add("SHAPE_NEEDLESS_BASE64");
        const bool is_cyrillic = part.charset == "windows-1251" ||
                                 part.charset.starts_with("koi8") || part.charset == "cp1251" ||
                                 part.charset == "iso-8859-5";
        if (is_cyrillic && is_plain_bytes && part.bytes().size() > 40 &&
            part.bytes().find("&#1") == std::string_view::npos)
            hits.add("SHAPE_CYRILLIC_UNUSED", part.charset);
    }
}

/// "Dear bob@example.org", "Hello bob-miller77": nobody who knows the reader writes so.
bool greets(const std::string& folded, const std::string& name) {
    constexpr std::array<std::string_view, 18> kGreetings = {
        "dear",     "hi",  "hello", "hallo",   "hey",  "guten tag", "bonjour",   "cher", "hola",
        "estimado", "ola", "olá",   "prezado", "caro", "ciao",      "attention", "user", "liebe"};
    for (auto at = folded.find(name); at != std::string::npos; at = folded.find(name, at + 1)) {
        std::string_view before = trim(std::string_view(folded).substr(0, at));
        while (!before.empty() && !is_letter_byte(before.back())) before.remove_suffix(1);
        for (const auto greeting : kGreetings) {
            if (before.ends_with(greeting) && at - before.size() < 8) return true;
        }
        if (before.empty() && at < 4 && name.find('@') != std::string::npos) return true;
    }
    return false;
}

/// Lists put their own name before the subject: "[name] Re: ...".
std::string without_tags(std::string subject) {
    for (auto open = subject.find('['); open != std::string::npos; open = subject.find('[')) {
        const auto end = subject.find(']', open);
        if (end == std::string::npos) break;
        subject.erase(open, end - open + 1);
    }
    return subject;
}

void check_address(const CheckInput& input, const Shape& shape, Hits& hits) {
    const HeaderField* field = input.message.headers().first("To");
    const auto to = field == nullptr ? std::vector<Mailbox>() : parse_mailboxes(field->value, 3);
    const BodyText* shown = shape.html != nullptr ? shape.html : shape.plain;
    const std::string begin =
        shown == nullptr ? "" : lower(folded_text(input, *shown).substr(0, kGreetingBytes));
    const std::string subject = without_tags(lower(input.message.subject()));
    for (const auto& mailbox : to) {
        if (mailbox.domain.empty()) continue;
        const std::string address = lower(mailbox.address());
        const std::string local = lower(mailbox.local_part);
        const bool is_odd = local.size() > 3 && !std::all_of(local.begin(), local.end(), is_alpha);
        if (greets(begin, address) || (is_odd && greets(begin, local)))
            hits.add("GREETS_ADDRESS", address);
        const bool is_in_subject =
            subject.find(address) != std::string::npos ||
            (is_odd && local.size() > 5 && subject.find(local) != std::string::npos);
        if (is_in_subject) hits.add("SUBJECT_HOLDS_ADDRESS", address);
    }
}

void run(const CheckInput& input, Hits& hits) {
    const auto& from = authors_of(input);
    const std::string author = from.empty() ? "" : owner_of(from.front().domain);
    const Shape shape = shape_of(input);
    check_targets(input, shape, author, hits);
    check_agreement(input, shape, hits);
    check_words(shape, hits);
    check_loudness(input, shape, hits);
    check_recipients(input.message, hits);
    check_parts(input.message, hits);
    check_address(input, shape, hits);
}

}  // namespace

extern const Check check_shape;
const Check check_shape = {"shape", kRules, run};

}  // namespace cordon
