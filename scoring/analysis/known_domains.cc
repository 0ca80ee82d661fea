// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/analysis/known_domains.h"

#include <algorithm>
#include <array>

#include "scoring/message/url_domain.h"

namespace cordon {

namespace {

using namespace std::string_view_literals;

constexpr std::array kFreemail = {
    "126.com"sv,       "163.com"sv,        "aol.com"sv,        "bol.com.br"sv,
    "daum.net"sv,      "excite.com"sv,     "fastmail.com"sv,   "foxmail.com"sv,
    "free.fr"sv,       "freenet.de"sv,     "gmail.com"sv,      "gmx.com"sv,
    "gmx.de"sv,        "gmx.net"sv,        "googlemail.com"sv, "hanmail.net"sv,
    "hotmail.co.uk"sv, "hotmail.com"sv,    "hotmail.de"sv,     "hotmail.es"sv,
    "hotmail.fr"sv,    "hotmail.it"sv,     "icloud.com"sv,     "inbox.ru"sv,
    "laposte.net"sv,   "libero.it"sv,      "list.ru"sv,        "live.com"sv,
    "mail.com"sv,      "mail.ru"sv,        "me.com"sv,         "msn.com"sv,
    "naver.com"sv,     "orange.fr"sv,      "outlook.com"sv,    "outlook.de"sv,
    "outlook.fr"sv,    "proton.me"sv,      "protonmail.com"sv, "qq.com"sv,
    "rambler.ru"sv,    "rediffmail.com"sv, "rocketmail.com"sv, "sina.com"sv,
    "t-online.de"sv,   "terra.com.br"sv,   "tutanota.com"sv,   "uol.com.br"sv,
    "virgilio.it"sv,   "web.de"sv,         "yahoo.co.in"sv,    "yahoo.co.jp"sv,
    "yahoo.co.uk"sv,   "yahoo.com"sv,      "yahoo.com.br"sv,   "yahoo.de"sv,
    "yahoo.es"sv,      "yahoo.fr"sv,       "yahoo.it"sv,       "yandex.com"sv,
    "yandex.ru"sv,     "yeah.net"sv,       "ymail.com"sv,      "zoho.com"sv,
    "zohomail.com"sv,
};
static_assert(std::is_sorted(kFreemail.begin(), kFreemail.end()));

constexpr std::array kShorteners = {
    "adf.ly"sv,  "bit.do"sv,     "bit.ly"sv, "bitly.com"sv, "buff.ly"sv,     "clck.ru"sv,
    "cutt.ly"sv, "goo.gl"sv,     "is.gd"sv,  "l.ead.me"sv,  "ow.ly"sv,       "qrco.de"sv,
    "rb.gy"sv,   "rebrand.ly"sv, "s.id"sv,   "short.gy"sv,  "shorturl.at"sv, "surl.li"sv,
    "t.co"sv,    "t.ly"sv,       "t2m.io"sv, "tiny.cc"sv,   "tinyurl.com"sv, "tr.ee"sv,
    "u.to"sv,    "urlz.fr"sv,    "v.gd"sv,
};
static_assert(std::is_sorted(kShorteners.begin(), kShorteners.end()));

constexpr std::array kFreeHosting = {
    "000webhostapp.com"sv,
    "appspot.com"sv,
    "azurewebsites.net"sv,
    "backblazeb2.com"sv,
    "blob.core.windows.net"sv,
    "blogspot.com"sv,
    "carrd.co"sv,
    "cloudfront.net"sv,
    "cprapid.com"sv,
    "d.page"sv,
    "duckdns.org"sv,
    "dweb.link"sv,
    "firebaseapp.com"sv,
    "firebasestorage.googleapis.com"sv,
    "fleek.co"sv,
    "framer.app"sv,
    "framer.website"sv,
    "github.io"sv,
    "gitbook.io"sv,
    "glitch.me"sv,
    "godaddysites.com"sv,
    "herokuapp.com"sv,
    "ipfs.io"sv,
    "jimdosite.com"sv,
    "lovable.app"sv,
    "mybluehost.me"sv,
    "myftp.org"sv,
    "netlify.app"sv,
    "ngrok-free.app"sv,
    "ngrok.io"sv,
    "notion.site"sv,
    "onrender.com"sv,
    "pages.dev"sv,
    "plesk.page"sv,
    "r2.dev"sv,
    "railway.app"sv,
    "repl.co"sv,
    "replit.app"sv,
    "sites.google.com"sv,
    "square.site"sv,
    "storage.googleapis.com"sv,
    "strikingly.com"sv,
    "surge.sh"sv,
    "translate.goog"sv,
    "trycloudflare.com"sv,
    "tumblr.com"sv,
    "typedream.app"sv,
    "vercel.app"sv,
    "web.app"sv,
    "web.core.windows.net"sv,
    "webflow.io"sv,
    "weebly.com"sv,
    "weeblysite.com"sv,
    "wixsite.com"sv,
    "wixstudio.com"sv,
    "workers.dev"sv,
    "yolasite.com"sv,
};

constexpr std::array kLinkRewriters = {
    "clicktime.symantec.com"sv,
    "cudasvc.com"sv,
    "mimecast.com"sv,
    "mimecastprotect.com"sv,
    "safelinks.protection.outlook.com"sv,
    "secure-web.cisco.com"sv,
    "trendmicro.com"sv,
    "urldefense.com"sv,
    "urldefense.proofpoint.com"sv,
    "urldefense.us"sv,
    "urlsand.com"sv,
};

template <typename Table>
bool is_below_any(const Table& table, std::string_view host) {
    return std::any_of(table.begin(), table.end(), [&](std::string_view known) {
        if (!host.ends_with(known)) return false;
        return host.size() == known.size() || host[host.size() - known.size() - 1] == '.';
    });
}

}  // namespace

bool is_freemail(std::string_view domain) {
    return std::binary_search(kFreemail.begin(), kFreemail.end(), domain);
}

bool is_link_shortener(std::string_view host) {
    if (host.starts_with("www.")) host.remove_prefix(4);
    return std::binary_search(kShorteners.begin(), kShorteners.end(), host);
}

bool is_free_hosting(std::string_view host) {
    return is_below_any(kFreeHosting, host);
}

bool is_link_rewriter(std::string_view host) {
    return is_below_any(kLinkRewriters, host);
}

std::string owner_of(std::string_view host) {
    std::string owner = registered_domain(host);
    return owner.empty() ? std::string(host) : owner;
}

}  // namespace cordon
