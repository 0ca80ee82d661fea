// SPDX-License-Identifier: GPL-2.0-only
// Hosts of links of which rules know what they are for.
#include <algorithm>
#include <array>

#include "scoring/analysis/known_domains.h"

namespace cordon {

namespace {

using namespace std::string_view_literals;

constexpr std::array kShorteners = {
    "2u.pw"sv,         "abre.ai"sv,
    "acortaurl.com"sv, "adf.ly"sv,
    "bit.do"sv,        "bit.ly"sv,
    "bitly.com"sv,     "bitly.ws"sv,
    "bl.ink"sv,        "buff.ly"sv,
    "clck.ru"sv,       "cutt.ly"sv,
    "dik.si"sv,        "encurtador.com.br"sv,
    "goo.gl"sv,        "goo.su"sv,
    "inx.lv"sv,        "is.gd"sv,
    "kutt.it"sv,       "l.ead.me"sv,
    "l1nk.dev"sv,      "linktr.ee"sv,
    "lnkd.in"sv,       "me2.kr"sv,
    "ow.ly"sv,         "qrco.de"sv,
    "rb.gy"sv,         "rebrand.ly"sv,
    "s.id"sv,          "short.gy"sv,
    "shorte.st"sv,     "shorturl.asia"sv,
    "shorturl.at"sv,   "shorturl.com"sv,
    "shrtco.de"sv,     "snip.ly"sv,
    "surl.li"sv,       "t.co"sv,
    "t.ly"sv,          "t2m.io"sv,
    "tiny.cc"sv,       "tiny.one"sv,
    "tinyurl.com"sv,   "tinyurl.is"sv,
    "tny.im"sv,        "tr.ee"sv,
    "u.to"sv,          "urlz.fr"sv,
    "urlzs.com"sv,     "v.gd"sv,
    "vk.cc"sv,         "x.co"sv,
};
static_assert(std::is_sorted(kShorteners.begin(), kShorteners.end()));

constexpr std::array kFreeHosting = {
    "000webhostapp.com"sv,
    "amplifyapp.com"sv,
    "appspot.com"sv,
    "azureedge.net"sv,
    "azurefd.net"sv,
    "azurewebsites.net"sv,
    "backblazeb2.com"sv,
    "beacons.ai"sv,
    "blob.core.windows.net"sv,
    "blogspot.com"sv,
    "bubbleapps.io"sv,
    "canva.site"sv,
    "carrd.co"sv,
    "cloudapp.azure.com"sv,
    "cloudfront.net"sv,
    "codesandbox.io"sv,
    "cognitoforms.com"sv,
    "cprapid.com"sv,
    "d.page"sv,
    "ddns.net"sv,
    "deno.dev"sv,
    "digitaloceanspaces.com"sv,
    "duckdns.org"sv,
    "dweb.link"sv,
    "dynu.net"sv,
    "firebaseapp.com"sv,
    "firebaseio.com"sv,
    "firebasestorage.googleapis.com"sv,
    "fleek.co"sv,
    "fly.dev"sv,
    "forms.gle"sv,
    "forms.office.com"sv,
    "forms.yandex.com"sv,
    "formstack.com"sv,
    "framer.app"sv,
    "framer.website"sv,
    "gitbook.io"sv,
    "github.io"sv,
    "glitch.me"sv,
    "godaddysites.com"sv,
    "googleusercontent.com"sv,
    "herokuapp.com"sv,
    "hopto.org"sv,
    "ipfs.io"sv,
    "jimdosite.com"sv,
    "jotform.com"sv,
    "linodeobjects.com"sv,
    "lovable.app"sv,
    "mybluehost.me"sv,
    "myftp.org"sv,
    "mystrikingly.com"sv,
    "myvnc.com"sv,
    "netlify.app"sv,
    "ngrok-free.app"sv,
    "ngrok.io"sv,
    "no-ip.org"sv,
    "notion.site"sv,
    "onrender.com"sv,
    "over-blog.com"sv,
    "pages.dev"sv,
    "plesk.page"sv,
    "r2.dev"sv,
    "railway.app"sv,
    "repl.co"sv,
    "replit.app"sv,
    "s3.amazonaws.com"sv,
    "servebeer.com"sv,
    "site123.me"sv,
    "sites.google.com"sv,
    "softr.app"sv,
    "square.site"sv,
    "stackblitz.io"sv,
    "storage.googleapis.com"sv,
    "strikingly.com"sv,
    "surge.sh"sv,
    "surveymonkey.com"sv,
    "sytes.net"sv,
    "telegra.ph"sv,
    "thinkific.com"sv,
    "tilda.ws"sv,
    "translate.goog"sv,
    "trycloudflare.com"sv,
    "tumblr.com"sv,
    "typedream.app"sv,
    "typeform.com"sv,
    "ukit.me"sv,
    "vercel.app"sv,
    "wasabisys.com"sv,
    "web.app"sv,
    "web.core.windows.net"sv,
    "webflow.io"sv,
    "webnode.page"sv,
    "weebly.com"sv,
    "weeblysite.com"sv,
    "wixsite.com"sv,
    "wixstudio.com"sv,
    "wordpress.com"sv,
    "workers.dev"sv,
    "wufoo.com"sv,
    "yolasite.com"sv,
    "zapto.org"sv,
    "zendesk.com"sv,
    "zohopublic.com"sv,
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

}  // namespace cordon
