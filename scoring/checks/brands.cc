// SPDX-License-Identifier: GPL-2.0-only
// Names that phishing borrows most: a message that bears one and neither comes from its owner nor
// leads to him. Only full words of the name in From and of the subject count.
#include <algorithm>
#include <array>

#include "conf/base/text.h"
#include "scoring/analysis/derived.h"
#include "scoring/analysis/known_domains.h"
#include "scoring/checks/check.h"

namespace cordon {

namespace {

constexpr std::array kRules = {
    CheckRule{"BRAND_IN_FROM", 3.0,
              "The name in From is a known company, the address is not its own"},
    CheckRule{"BRAND_IN_FROM_FREEMAIL", 2.1,
              "The name in From is a known company, the address free mail"},
    CheckRule{"BRAND_IN_SUBJECT", 0.8, "The subject names a company that did not send the message"},
    CheckRule{"LINKS_LEAD_ELSEWHERE", 0.8, "No link leads to the domain in From"},
    CheckRule{"PICTURES_FROM_AUTHOR", 0.0, "Pictures are loaded from the domain in From"},
};

struct Brand {
    std::string_view name;     // lower case, words between blanks
    std::string_view domains;  // parts of registered domains that are its own, between blanks
};

constexpr std::array kBrands = {
    Brand{"adobe", "adobe"},
    Brand{"adobe sign", "adobe echosign"},
    Brand{"aliexpress", "aliexpress"},
    Brand{"amazon", "amazon"},
    Brand{"amazon prime", "amazon"},
    Brand{"american express", "americanexpress aexp"},
    Brand{"apple", "apple"},
    Brand{"apple pay", "apple"},
    Brand{"banco do brasil", "bb bancodobrasil"},
    Brand{"bank of america", "bankofamerica bofa"},
    Brand{"binance", "binance"},
    Brand{"blockchain", "blockchain"},
    Brand{"booking.com", "booking"},
    Brand{"bradesco", "bradesco"},
    Brand{"caixa", "caixa"},
    Brand{"coinbase", "coinbase"},
    Brand{"correios", "correios"},
    Brand{"costco", "costco"},
    Brand{"decathlon", "decathlon"},
    Brand{"deutsche bank", "db deutsche-bank"},
    Brand{"deutsche post", "deutschepost dhl"},
    Brand{"dhl", "dhl"},
    Brand{"dhl express", "dhl"},
    Brand{"disney+", "disney"},
    Brand{"docusign", "docusign"},
    Brand{"dropbox", "dropbox"},
    Brand{"ebay", "ebay"},
    Brand{"facebook", "facebook meta"},
    Brand{"fedex", "fedex"},
    Brand{"geek squad", "geeksquad bestbuy"},
    Brand{"home depot", "homedepot"},
    Brand{"icloud", "icloud apple"},
    Brand{"instagram", "instagram facebook"},
    Brand{"intuit", "intuit quickbooks"},
    Brand{"itau", "itau"},
    Brand{"itaucard", "itau"},
    Brand{"itaú", "itau"},
    Brand{"ledger", "ledger"},
    Brand{"linkedin", "linkedin"},
    Brand{"lowes", "lowes"},
    Brand{"marriott", "marriott"},
    Brand{"mcafee", "mcafee"},
    Brand{"mercado livre", "mercado"},
    Brand{"mercado pago", "mercado"},
    Brand{"metamask", "metamask"},
    Brand{"microsoft", "microsoft office live outlook"},
    Brand{"nespresso", "nespresso nestle"},
    Brand{"netflix", "netflix"},
    Brand{"norton", "norton symantec gendigital"},
    Brand{"nubank", "nubank"},
    Brand{"office 365", "microsoft office"},
    Brand{"office365", "microsoft office"},
    Brand{"paypal", "paypal"},
    Brand{"proton mail", "proton"},
    Brand{"santander", "santander"},
    Brand{"shein", "shein"},
    Brand{"sparkasse", "sparkasse"},
    Brand{"spotify", "spotify"},
    Brand{"telekom", "telekom t-online"},
    Brand{"temu", "temu"},
    Brand{"trust wallet", "trustwallet"},
    Brand{"usps", "usps"},
    Brand{"volksbank", "volksbank vr"},
    Brand{"walmart", "walmart"},
    Brand{"wells fargo", "wellsfargo"},
    Brand{"wetransfer", "wetransfer"},
    Brand{"whatsapp", "whatsapp facebook"},
};

/// Also people's surnames: "Scott Norton" is a man, "Norton Support" is not.
constexpr std::array<std::string_view, 3> kSurnames = {"norton", "ledger", "apple"};

bool is_word_byte(char c) {
    return is_alpha(c) || is_digit(c) || (static_cast<unsigned char>(c) & 0x80U) != 0;
}

bool has_word(std::string_view text, std::string_view word) {
    for (auto at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
        const std::size_t end = at + word.size();
        const bool begins = at == 0 || !is_word_byte(text[at - 1]);
        if (begins && (end == text.size() || !is_word_byte(text[end]))) return true;
    }
    return false;
}

/// "N E T F L I X" counts as netflix.
std::string without_gaps(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool is_gap = text[i] == ' ' && i >= 1 && i + 1 < text.size() &&
                            (i == 1 || text[i - 2] == ' ') &&
                            (i + 2 == text.size() || text[i + 2] == ' ');
        if (!is_gap) out += text[i];
    }
    return out;
}

/// A firm's own domains begin with its name ("facebookmail.com"). "sec-ledger.example" and
/// "paypal-login.example" are what others register.
bool belongs_to(const Brand& brand, std::string_view owner) {
    if (owner.empty()) return false;
    const auto own = words(brand.domains);
    return std::any_of(own.begin(), own.end(), [&](const std::string& part) {
        // Short names must be the whole label: "bb.com.br", not "bbq.example".
        if (part.size() < 4) return owner.starts_with(part + ".");
        if (is_well_known(owner)) return owner.find(part) != std::string_view::npos;
        return owner.starts_with(part) && owner.substr(part.size(), 1) != "-";
    });
}

bool is_surname(std::string_view name, std::string_view brand) {
    return std::find(kSurnames.begin(), kSurnames.end(), brand) != kSurnames.end() &&
           name.size() > brand.size() && name.ends_with(brand) && words(name).size() == 2;
}

const Brand* foreign_brand(const std::string& text, const std::string& owner) {
    const std::string plain = without_gaps(lower(text));
    for (const auto& brand : kBrands) {
        if (has_word(plain, brand.name) && !belongs_to(brand, owner)) return &brand;
    }
    return nullptr;
}

/// Whether a link (or a picture, when asked for) is of the author's domain.
bool leads_to_owner(const Message& message, std::string_view owner, bool is_picture) {
    return std::any_of(message.links().begin(), message.links().end(), [&](const Link& link) {
        return (link.source == LinkSource::image) == is_picture && owner_of(link.url.host) == owner;
    });
}

void run(const CheckInput& input, Hits& hits) {
    const auto& mailboxes = authors_of(input);
    if (mailboxes.empty() || mailboxes.front().domain.empty()) return;
    const Mailbox& from = mailboxes.front();
    const std::string owner = owner_of(from.domain);
    const Brand* const posed = foreign_brand(from.display_name, owner);
    if (posed != nullptr && !is_surname(lower(trim(from.display_name)), posed->name)) {
        const std::string detail = from.display_name + " <" + from.address() + ">";
        hits.add("BRAND_IN_FROM", detail);
        if (is_freemail(owner)) hits.add("BRAND_IN_FROM_FREEMAIL", detail);
    }
    if (const Brand* brand = foreign_brand(input.message.subject(), owner)) {
        hits.add("BRAND_IN_SUBJECT", std::string(brand->name) + ", From " + owner);
    }
    const bool has_links = std::any_of(
        input.message.links().begin(), input.message.links().end(), [](const Link& link) {
            return link.source == LinkSource::anchor && !link.url.host.empty();
        });
    if (has_links && !leads_to_owner(input.message, owner, false))
        hits.add("LINKS_LEAD_ELSEWHERE", owner);
    if (leads_to_owner(input.message, owner, true)) hits.add("PICTURES_FROM_AUTHOR", owner);
}

}  // namespace

extern const Check check_brands;
const Check check_brands = {"brands", kRules, run};

}  // namespace cordon
