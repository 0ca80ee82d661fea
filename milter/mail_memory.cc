// SPDX-License-Identifier: GPL-2.0-only
#include "milter/mail_memory.h"

#include <algorithm>

#include "conf/base/text.h"
#include "quarantine/keeper/memory_messages.h"
#include "scoring/judge/evidence_checks.h"
#include "scoring/judge/remembered.h"

namespace cordon {

namespace {

constexpr Milliseconds kRecallTime(5);
constexpr std::size_t kMostReferences = 20;
constexpr std::size_t kLongestId = 250;

bool is_own(const std::string& id, const CoreOptions& options) {
    const auto at = id.rfind('@');
    if (at == std::string::npos) return false;
    const auto domain = std::string_view(id).substr(at + 1, id.size() - at - 2);
    const auto& own = options.own_domains.value;
    return iequals(domain, options.authserv_id) ||
           std::any_of(own.begin(), own.end(),
                       [domain](const auto& name) { return iequals(name, domain); });
}

}  // namespace

std::vector<std::string> message_ids(std::string_view value, std::size_t most) {
    std::vector<std::string> out;
    const auto keep_last = [&] {
        if (out.size() > most)
            out.erase(out.begin(), out.end() - static_cast<std::ptrdiff_t>(most));
    };
    for (;;) {
        const auto begin = value.find('<');
        if (begin == std::string_view::npos) break;
        value.remove_prefix(begin);
        const auto end = value.find('>');
        if (end == std::string_view::npos) break;
        const auto id = value.substr(0, end + 1);
        const bool is_id = id.size() <= kLongestId && id.find_first_of(" \t\r\n") == id.npos;
        if (is_id) out.emplace_back(id);
        value.remove_prefix(end + 1);
        if (out.size() > 2 * most) keep_last();
    }
    keep_last();
    return out;
}

void MailMemory::see(std::string_view name, std::string_view value) {
    if (iequals(name, "Auto-Submitted")) is_automatic_ = !iequals(trim(value), "no");
    if (iequals(name, "Message-ID") && message_id_.empty())
        if (const auto ids = message_ids(value, 1); !ids.empty()) message_id_ = ids.front();
    // The first field of a name counts, as in what readers show.
    if (iequals(name, "In-Reply-To") && answers_.empty()) answers_ = message_ids(value, 2);
    if (iequals(name, "References") && references_.empty())
        references_ = message_ids(value, kMostReferences);
}

std::vector<std::string> MailMemory::references() const {
    auto out = references_;
    for (const auto& id : answers_)
        if (std::find(out.begin(), out.end(), id) == out.end()) out.push_back(id);
    return out;
}

void MailMemory::recall(const std::string& keeper_socket, const Configuration& c,
                        Evidence& evidence) const {
    if (!c.learning.correspondents || evidence.direction == Direction::outbound) return;
    RecallRequest request;
    if (is_author_proven(evidence)) request.author = evidence.content->from_address;
    request.identities = identities_of(evidence);
    request.references = references();
    request.has_own_reference = std::any_of(request.references.begin(), request.references.end(),
                                            [&](const auto& id) { return is_own(id, c.cordon); });
    auto answer = ask_keeper(keeper_socket, request, -1, Deadline::in(kRecallTime));
    if (answer && answer->is_known)
        evidence.memory = std::move(answer->memory);
    else
        evidence.unknown.push_back("memory: " + (answer ? "there is none" : answer.error().what));
}

std::optional<bool> behaviour_of(const Verdict& verdict, const Policy& site) {
    if (!verdict.virus.empty()) return true;
    if (!verdict.unread.empty()) return std::nullopt;
    const double own = verdict.score - verdict.learned;
    if (own >= site.quarantine.value) return true;
    return own < site.tag.value ? std::optional(false) : std::nullopt;
}

bool is_letter(const Evidence& evidence, const Verdict& verdict, const Policy& site) {
    return evidence.direction == Direction::outbound && !evidence.envelope.auth_user.empty() &&
           !evidence.envelope.mail_from.empty() && behaviour_of(verdict, site) == false;
}

bool MailMemory::tell(const std::string& keeper_socket, const Configuration& c,
                      const Evidence& evidence, const Verdict& verdict) const {
    if (!c.learning.correspondents) return true;
    if (evidence.direction == Direction::outbound) {
        if (is_automatic_ || !is_letter(evidence, verdict, c.policy.site)) return true;
        return tell_keeper(keeper_socket,
                           SentMailRequest{evidence.envelope.recipients, message_id_});
    }
    const auto behaviour = behaviour_of(verdict, c.policy.site);
    const auto identities = identities_of(evidence);
    if (!behaviour || identities.empty()) return true;
    return tell_keeper(keeper_socket, BehaviourRequest{identities, *behaviour});
}

}  // namespace cordon
