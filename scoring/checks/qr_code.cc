// SPDX-License-Identifier: GPL-2.0-only
// Links in QR codes of pictures: read with a telephone, where no filter of the office looks.
#include <algorithm>
#include <array>

#include "conf/base/text.h"
#include "scoring/analysis/derived.h"
#include "scoring/analysis/known_domains.h"
#include "scoring/checks/check.h"

namespace cordon {

namespace {

constexpr std::array kRules = {
    CheckRule{"QR_CODE_LINK", 0.5, "A QR code leads to a web page"},
    CheckRule{"QR_CODE_FOREIGN", 1.0, "A QR code leads to another domain than the author's"},
    CheckRule{"QR_CODE_ONLY_LINK", 1.0, "The only way on is a QR code: no link can be clicked"},
};

void run(const CheckInput& input, Hits& hits) {
    const auto& links = input.message.links();
    const auto code = std::find_if(links.begin(), links.end(), [](const Link& link) {
        return link.source == LinkSource::qr_code && link.url.scheme.starts_with("http");
    });
    if (code == links.end()) return;
    const std::string detail = "QR code leads to " + code->url.host;
    hits.add("QR_CODE_LINK", detail);
    const auto& from = authors_of(input);
    const std::string author = from.empty() ? "" : owner_of(from.front().domain);
    if (owner_of(code->url.host) != author)
        hits.add("QR_CODE_FOREIGN", detail + ", From " + author);
    const bool has_other = std::any_of(links.begin(), links.end(), [](const Link& link) {
        return (link.source == LinkSource::anchor || link.source == LinkSource::text) &&
               link.url.scheme.starts_with("http");
    });
    if (!has_other) hits.add("QR_CODE_ONLY_LINK", detail);
}

}  // namespace

extern const Check check_qr_code;
const Check check_qr_code = {"qr_code", kRules, run};

}  // namespace cordon
