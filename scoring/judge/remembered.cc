// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/judge/remembered.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "conf/base/text.h"
#include "scoring/judge/evidence_checks.h"
#include "scoring/rules/learning_rules.h"

namespace cordon {

namespace {

// Behaviour counts from so many messages on, and in full from three times as many.
constexpr double kFewest = 4;
constexpr double kFull = 12;
constexpr double kMostlySpam = 0.8;
constexpr double kHardlySpam = 0.03;
// A dozen harmless messages are sent in a minute: a good name takes time.
constexpr std::uint64_t kDaysOfGoodName = 7;
constexpr std::size_t kNetworkBytesV4 = 3;
constexpr std::size_t kNetworkBytesV6 = 8;

void add(Verdict& verdict, std::string_view rule, double share, const std::string& detail,
         const Catalogue& catalogue) {
    const RuleInfo* const info = catalogue.find(rule);
    if (info == nullptr) return;
    const double score = std::round(100 * info->score * share) / 100;
    verdict.learned += score;
    verdict.hits.push_back({std::string(rule), score, detail, info->describe, score});
}

/// In hex: the first 24 bits of an IPv4 address, 64 of an IPv6 address.
std::string network_of(const IpAddress& client) {
    const bool is_v4 = client.family() == IpAddress::Family::v4;
    std::string out = is_v4 ? "IPv4 " : "IPv6 ";
    for (std::size_t i = 0; i < (is_v4 ? kNetworkBytesV4 : kNetworkBytesV6); ++i)
        out += fmt::format("{:02x}", client.bytes().at(i));
    return out;
}

/// A domain that is proven to have sent it: that of the author, else of a signature, else of SPF.
std::string proven_domain(const Evidence& evidence) {
    if (is_author_proven(evidence)) return evidence.content->from_domain;
    for (const auto& signature : evidence.auth.dkim)
        if (signature.result == DkimResult::pass && !signature.is_partial) return signature.domain;
    const auto& spf = evidence.auth.spf;
    return spf && spf->result == SpfResult::pass ? spf->domain : std::string();
}

}  // namespace

std::vector<std::string> identities_of(const Evidence& evidence) {
    std::vector<std::string> out;
    if (is_author_proven(evidence) && !evidence.content->from_address.empty())
        out.push_back("author " + lower(evidence.content->from_address));
    if (const auto domain = proven_domain(evidence); !domain.empty())
        out.push_back("domain " + lower(domain));
    if (evidence.envelope.client.is_known() && !evidence.envelope.client.is_loopback())
        out.push_back("network " + network_of(evidence.envelope.client));
    return out;
}

namespace {

/// The nearest identity that is known well enough speaks for the others.
void add_behaviour(Verdict& verdict, const Recollection& memory, const Catalogue& catalogue) {
    for (const auto& one : memory.senders) {
        const auto all = static_cast<double>(one.ham + one.spam);
        if (all < kFewest) continue;
        const double spam = static_cast<double>(one.spam) / all;
        const double share = std::min(1.0, all / kFull);
        const auto detail =
            printable(fmt::format("{}: {} wanted, {} spam", one.identity, one.ham, one.spam), 200);
        if (spam >= kMostlySpam) add(verdict, kReputationBad, share, detail, catalogue);
        // A network has many tenants: that some behave says nothing for the others.
        const bool is_network = one.identity.starts_with("network ");
        if (spam <= kHardlySpam && one.days >= kDaysOfGoodName && !is_network)
            add(verdict, kReputationGood, share, detail, catalogue);
        return;
    }
}

}  // namespace

void add_memory(Verdict& verdict, const Recollection& memory, const Catalogue& catalogue) {
    if (memory.is_correspondent) add(verdict, kKnownCorrespondent, 1, "", catalogue);
    if (memory.is_reply) add(verdict, kReplyToOurMail, 1, "", catalogue);
    if (memory.names_own_thread && !memory.is_reply && !memory.is_correspondent)
        add(verdict, kThreadNeverOurs, 1, "", catalogue);
    add_behaviour(verdict, memory, catalogue);
}

}  // namespace cordon
