// SPDX-License-Identifier: GPL-2.0-only
#include "tests/support/flips.h"

#include <fmt/format.h>

#include "conf/base/text.h"
#include "scoring/analysis/signatures.h"
#include "scoring/lookups/dkim.h"
#include "scoring/lookups/zone_resolver.h"
#include "tests/support/signer.h"

namespace cordon::test {

namespace {

constexpr std::int64_t kNow = 1'700'000'000;

const std::string kHead =
    "Received: from x (y [192.0.2.1]) by z;\r\n\tMon, 23 Nov 2026 20:15:00 +0000\r\n"
    "From: Author <a@author.example>\r\n"
    "To: b@here.example\r\n"
    "Subject:  two  words\r\n\tfolded \r\n"
    "Date: Mon, 23 Nov 2026 20:15:00 +0000\r\n"
    "X-Not-Signed: anything\r\n";
const std::string kBody = "First  line \r\n\tsecond\r\n\r\nlast\r\n\r\n";

/// A signature with these wishes over this message.
SignedSample sample(const Signer& signer, const std::string& message, const Signer::Wishes& wishes,
                    std::uint64_t limit = UINT64_MAX) {
    SignedSample out{fmt::format("{} {} {}", signer.key_name(), wishes.form, wishes.names),
                     signer.sign(message, wishes),
                     zone_of({&signer}),
                     {}};
    out.coverage.is_header_relaxed = wishes.form.starts_with("relaxed");
    out.coverage.is_body_relaxed = wishes.form.ends_with("/relaxed");
    for (const auto name : cordon::split(wishes.names, ':'))
        out.coverage.names.push_back(lower(trim(name)));
    out.coverage.body_limit = limit;
    return out;
}

bool is_passed(const std::string& message, Lookups& lookups) {
    const auto facts = read_signatures(message);
    for (const auto& fact : facts.dkim) {
        const auto outcome = verify_signature(fact, kNow, lookups);
        if (outcome && outcome->result == DkimResult::pass) return true;
    }
    return false;
}

}  // namespace

std::vector<SignedSample> signed_samples() {
    static const Signer kRsa("author.example", "rsa", 2048);
    static const Signer kShort("author.example", "short", 1024);
    static const Signer kEd("author.example", "ed", 0);
    const auto plain = kHead + "\r\n" + kBody;
    std::vector<SignedSample> out;
    for (const auto* const form :
         {"relaxed/relaxed", "relaxed/simple", "simple/relaxed", "simple/simple"}) {
        Signer::Wishes wishes;
        wishes.form = form;
        for (const auto* const signer : {&kRsa, &kEd})
            out.push_back(sample(*signer, plain, wishes));
        out.push_back(sample(kShort, kHead + "\r\n", wishes));  // no body
        wishes.more = "; l=9";
        out.push_back(sample(kEd, kHead + "\r\nsigned.\r\n", wishes, 9));
        out.back().message += "and not signed\r\n";
    }
    Signer::Wishes twice;
    twice.names = "from:from:subject:to:subject:nosuch";
    out.push_back(sample(kEd, "Subject: another\r\n" + plain, twice));
    Signer::Wishes more;
    more.more = fmt::format("; t={}; x={}; i=a@sub.author.example; q=dns/txt", kNow - 9, kNow + 9);
    out.push_back(sample(kRsa, plain, more));
    Signer::Wishes least;
    least.names = "from";
    out.push_back(sample(kEd, plain + "no line end", least));
    Signer::Wishes letters;
    letters.form = "simple/relaxed";
    out.push_back(
        sample(kEd, kHead + "X-Raw: \xC3\xA4\xFF\r\n\r\n \t \r\n\xE4 \x01 x\r\n", letters));
    return out;
}

FlipCount flip_every_byte(const SignedSample& sample, const std::vector<unsigned>& masks) {
    FlipCount out;
    const auto before = signed_text(sample.message, sample.coverage);
    auto zone = ZoneResolver::parse(sample.zone);
    Lookups lookups(zone ? *zone : nullptr);
    if (!is_passed(sample.message, lookups)) out.wrong.push_back(sample.name + ": no pass at all");
    for (std::size_t i = 0; i < sample.message.size(); ++i) {
        for (const unsigned mask : masks) {
            auto changed = sample.message;
            changed[i] = static_cast<char>(static_cast<unsigned char>(changed[i]) ^ mask);
            ++out.flips;
            Lookups fresh(zone ? *zone : nullptr);
            if (!is_passed(changed, fresh)) continue;
            ++out.passes;
            if (signed_text(changed, sample.coverage) != before)
                out.wrong.push_back(fmt::format("{}: byte {} xor {}", sample.name, i, mask));
        }
    }
    return out;
}

}  // namespace cordon::test
