// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/analysis/known_domains.h"

#include <algorithm>
#include <array>

#include "scoring/message/url_domain.h"

namespace cordon {

namespace {

using namespace std::string_view_literals;

constexpr std::array kFreemail = {
    "126.com"sv,        "163.com"sv,        "abv.bg"sv,        "aim.com"sv,
    "aol.com"sv,        "bigpond.com"sv,    "bk.ru"sv,         "blueyonder.co.uk"sv,
    "bol.com.br"sv,     "btinternet.com"sv, "caramail.com"sv,  "centrum.cz"sv,
    "consultant.com"sv, "cox.net"sv,        "daum.net"sv,      "duck.com"sv,
    "email.cz"sv,       "europe.com"sv,     "excite.com"sv,    "fastmail.com"sv,
    "foxmail.com"sv,    "free.fr"sv,        "freenet.de"sv,    "gawab.com"sv,
    "gmail.com"sv,      "gmx.at"sv,         "gmx.ch"sv,        "gmx.com"sv,
    "gmx.de"sv,         "gmx.fr"sv,         "gmx.net"sv,       "gmx.us"sv,
    "googlemail.com"sv, "hanmail.net"sv,    "hotmail.co.uk"sv, "hotmail.com"sv,
    "hotmail.de"sv,     "hotmail.es"sv,     "hotmail.fr"sv,    "hotmail.it"sv,
    "hushmail.com"sv,   "icloud.com"sv,     "inbox.lv"sv,      "inbox.ru"sv,
    "india.com"sv,      "indiatimes.com"sv, "interia.pl"sv,    "juno.com"sv,
    "laposte.net"sv,    "libero.it"sv,      "list.ru"sv,       "live.co.uk"sv,
    "live.com"sv,       "live.fr"sv,        "live.it"sv,       "live.nl"sv,
    "lycos.com"sv,      "mac.com"sv,        "mail.bg"sv,       "mail.com"sv,
    "mail.ru"sv,        "mailfence.com"sv,  "me.com"sv,        "msn.com"sv,
    "myself.com"sv,     "naver.com"sv,      "netscape.net"sv,  "netzero.net"sv,
    "o2.pl"sv,          "onet.pl"sv,        "optonline.net"sv, "orange.fr"sv,
    "outlook.com"sv,    "outlook.com.br"sv, "outlook.de"sv,    "outlook.es"sv,
    "outlook.fr"sv,     "outlook.it"sv,     "pm.me"sv,         "post.com"sv,
    "proton.me"sv,      "protonmail.com"sv, "qq.com"sv,        "rambler.ru"sv,
    "rediffmail.com"sv, "rocketmail.com"sv, "seznam.cz"sv,     "sify.com"sv,
    "sina.cn"sv,        "sina.com"sv,       "sohu.com"sv,      "t-online.de"sv,
    "terra.com.br"sv,   "tom.com"sv,        "tuta.io"sv,       "tutanota.com"sv,
    "ukr.net"sv,        "uol.com.br"sv,     "usa.com"sv,       "usa.net"sv,
    "vip.163.com"sv,    "vip.qq.com"sv,     "virgilio.it"sv,   "web.de"sv,
    "wp.pl"sv,          "yahoo.ca"sv,       "yahoo.cn"sv,      "yahoo.co.id"sv,
    "yahoo.co.in"sv,    "yahoo.co.jp"sv,    "yahoo.co.uk"sv,   "yahoo.com"sv,
    "yahoo.com.ar"sv,   "yahoo.com.au"sv,   "yahoo.com.br"sv,  "yahoo.com.cn"sv,
    "yahoo.com.hk"sv,   "yahoo.com.mx"sv,   "yahoo.com.sg"sv,  "yahoo.com.tw"sv,
    "yahoo.com.vn"sv,   "yahoo.de"sv,       "yahoo.es"sv,      "yahoo.fr"sv,
    "yahoo.gr"sv,       "yahoo.in"sv,       "yahoo.it"sv,      "yahoo.pl"sv,
    "yahoo.ro"sv,       "yandex.com"sv,     "yandex.ru"sv,     "yeah.net"sv,
    "ymail.com"sv,      "zoho.com"sv,       "zohomail.com"sv,
};
static_assert(std::is_sorted(kFreemail.begin(), kFreemail.end()));

constexpr std::array kWellKnown = {
    "adobe.com"sv,
    "adp.com"sv,
    "aliexpress.com"sv,
    "amazon.ca"sv,
    "amazon.co.jp"sv,
    "amazon.co.uk"sv,
    "amazon.com"sv,
    "amazon.de"sv,
    "amazon.es"sv,
    "amazon.fr"sv,
    "amazon.it"sv,
    "ameli.fr"sv,
    "americanexpress.com"sv,
    "amex.co.jp"sv,
    "apple.com"sv,
    "au.com"sv,
    "bancodobrasil.com.br"sv,
    "bankofamerica.com"sv,
    "barclays.co.uk"sv,
    "bb.com.br"sv,
    "bestbuy.com"sv,
    "binance.com"sv,
    "booking.com"sv,
    "bradesco.com.br"sv,
    "caixa.gov.br"sv,
    "canadapost.ca"sv,
    "capitalone.com"sv,
    "chase.com"sv,
    "citi.com"sv,
    "coinbase.com"sv,
    "comdirect.de"sv,
    "commerzbank.de"sv,
    "correios.com.br"sv,
    "costco.com"sv,
    "deutsche-bank.de"sv,
    "deutschepost.de"sv,
    "dhl.com"sv,
    "dhl.de"sv,
    "discover.com"sv,
    "disneyplus.com"sv,
    "dkb.de"sv,
    "docomo.ne.jp"sv,
    "docusign.com"sv,
    "docusign.net"sv,
    "dpd.com"sv,
    "dropbox.com"sv,
    "ebay.com"sv,
    "ebay.de"sv,
    "eki-net.com"sv,
    "ekinet.jp"sv,
    "equifax.com"sv,
    "facebook.com"sv,
    "facebookmail.com"sv,
    "fedex.com"sv,
    "gls-group.eu"sv,
    "gls-pakete.de"sv,
    "hsbc.com"sv,
    "icbc.com.cn"sv,
    "ing.de"sv,
    "instagram.com"sv,
    "intuit.com"sv,
    "itau.com.br"sv,
    "jcb.co.jp"sv,
    "jreast.co.jp"sv,
    "ledger.com"sv,
    "linkedin.com"sv,
    "lloydsbank.co.uk"sv,
    "mastercard.com"sv,
    "mcafee.com"sv,
    "mercadolivre.com.br"sv,
    "mercadopago.com"sv,
    "mercari.jp"sv,
    "metamask.io"sv,
    "microsoft.com"sv,
    "microsoftonline.com"sv,
    "mufg.jp"sv,
    "mycard.com"sv,
    "netflix.com"sv,
    "norton.com"sv,
    "nubank.com.br"sv,
    "opensea.io"sv,
    "orico.co.jp"sv,
    "otto.de"sv,
    "paypal.co.uk"sv,
    "paypal.com"sv,
    "paypal.de"sv,
    "postbank.de"sv,
    "posteitaliane.it"sv,
    "rakuten-card.co.jp"sv,
    "rakuten.co.jp"sv,
    "royalmail.com"sv,
    "saisoncard.co.jp"sv,
    "santander.co.uk"sv,
    "santander.com.br"sv,
    "sbi.co.in"sv,
    "sharepoint.com"sv,
    "smbc-card.com"sv,
    "smbc.co.jp"sv,
    "sparkasse.de"sv,
    "spotify.com"sv,
    "swisscom.com"sv,
    "swisspass.ch"sv,
    "target.com"sv,
    "telekom.de"sv,
    "tnt.com"sv,
    "trustwallet.com"sv,
    "uber.com"sv,
    "ups.com"sv,
    "usaa.com"sv,
    "usps.com"sv,
    "verizon.com"sv,
    "visa.co.jp"sv,
    "visa.com"sv,
    "vodafone.de"sv,
    "vpass.ne.jp"sv,
    "walmart.com"sv,
    "wellsfargo.com"sv,
    "westernunion.com"sv,
    "wetransfer.com"sv,
    "whatsapp.com"sv,
    "yodobashi.com"sv,
    "zoom.us"sv,
};
static_assert(std::is_sorted(kWellKnown.begin(), kWellKnown.end()));

}  // namespace

bool is_freemail(std::string_view domain) {
    return std::binary_search(kFreemail.begin(), kFreemail.end(), domain);
}

bool is_well_known(std::string_view domain) {
    return std::binary_search(kWellKnown.begin(), kWellKnown.end(), domain);
}

std::span<const std::string_view> well_known_domains() {
    return kWellKnown;
}

std::string owner_of(std::string_view host) {
    std::string owner = registered_domain(host);
    return owner.empty() ? std::string(host) : owner;
}

}  // namespace cordon
