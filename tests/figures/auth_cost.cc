// SPDX-License-Identifier: GPL-2.0-only
// auth_cost: what it takes to authenticate one message with an RSA-2048 signature when all answers
// are in the cache: reading and hashing the signature (a worker's part), then SPF of both
// identities, the reverse name, the key, the signature and DMARC. (make
// build/release/figures/auth_cost)
#include <fmt/format.h>

#include <ctime>

#include "scoring/analysis/signatures.h"
#include "scoring/lookups/authentication.h"
#include "scoring/lookups/zone_resolver.h"
#include "tests/support/signer.h"

namespace {

using namespace cordon;

constexpr int kRounds = 5000;
constexpr double kMostMicroseconds = 150;

double cpu_microseconds() {
    timespec now{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

/// About 5 KB, as mail is in the middle.
std::string plain_message() {
    std::string out =
        "From: Author <a@author.example>\r\nTo: b@here.example\r\nSubject: figures\r\n"
        "Date: Mon, 23 Nov 2026 20:15:00 +0000\r\nMessage-ID: <1@author.example>\r\n\r\n";
    while (out.size() < 5000) out += "A line of text that says nothing in particular.\r\n";
    return out;
}

bool authenticate(const SignatureFacts& facts, const ResolverPtr& zone, std::int64_t now) {
    Lookups lookups(zone);
    SpfQuery query{*IpAddress::parse("192.0.2.1"), "a@author.example", "mail.author.example",
                   "mx.here.example", now};
    const auto spf = check_spf(query, lookups);
    query.sender = "postmaster@mail.author.example";
    const auto helo = check_spf(query, lookups);
    const auto iprev = check_iprev(query.client, lookups);
    std::vector<DkimOutcome> dkim;
    for (const auto& fact : facts.dkim) dkim.push_back(*verify_signature(fact, now, lookups));
    const auto dmarc = check_dmarc({"author.example", 1, &*spf, &dkim}, lookups);
    return helo && iprev && dkim.at(0).result == DkimResult::pass &&
           dmarc->result == DmarcOutcome::Result::pass;
}

}  // namespace

int main() {
    const test::Signer signer("author.example", "rsa", 2048);
    const auto message = signer.sign(plain_message());
    const auto zone = ZoneResolver::parse(fmt::format(
        R"({{"{}": {{"TXT": "{}"}}, "author.example": {{"TXT": "v=spf1 mx -all", "MX": "1 mail.author.example"}},
            "mail.author.example": {{"A": "192.0.2.1", "TXT": "v=spf1 a -all"}},
            "192.0.2.1": {{"PTR": "mail.author.example"}},
            "_dmarc.author.example": {{"TXT": "v=DMARC1; p=reject"}}}})",
        signer.key_name(), signer.key_record()));
    if (!zone) return 1;
    const auto facts = read_signatures(message);
    const double begin = cpu_microseconds();
    for (int i = 0; i < kRounds; ++i)
        if (read_signatures(message).dkim.size() != 1) return 1;
    const double read = cpu_microseconds();
    for (int i = 0; i < kRounds; ++i)
        if (!authenticate(facts, *zone, 1'764'000'000)) return 1;
    const double end = cpu_microseconds();
    const double total = (end - begin) / kRounds;
    fmt::print(
        "one RSA-2048 signature: {:.0f} us CPU ({:.0f} to read and hash, {:.0f} for SPF, reverse "
        "name, key, signature and DMARC)\n",
        total, (read - begin) / kRounds, (end - read) / kRounds);
    return total <= kMostMicroseconds ? 0 : 1;
}
