// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/gather/sender_check.h"

#include <algorithm>

#include "conf/base/text.h"
#include "scoring/lookups/internet_name.h"

namespace cordon {

namespace {

/// A trusted sealer explains why a forwarded message fails DMARC: it saw it pass, for this author,
/// and everybody who sealed after it is trusted as well.
std::string explaining_sealer(const ArcOutcome& arc, const std::string& author,
                              const WordList& trusted) {
    if (arc.result != ArcOutcome::Result::pass) return {};
    for (std::size_t i = arc.sealers.size(); i > 0; --i) {
        const auto& sealer = arc.sealers[i - 1];
        const bool is_trusted =
            std::any_of(trusted.value.begin(), trusted.value.end(),
                        [&](const auto& domain) { return iequals(domain, sealer); });
        if (!is_trusted) return {};
        if (!author.empty() && iequals(arc.passed[i - 1], author)) return sealer;
    }
    return {};
}

}  // namespace

void SenderCheck::begin(const Configuration& configuration, const EnvelopeFacts& envelope) {
    configuration_ = &configuration;
    envelope_ = envelope;
    if (is_on()) run();
}

void SenderCheck::begin_content(const Analysis& analysis) {
    analysis_.emplace();
    analysis_->from_domain = analysis.from_domain;
    analysis_->from_address = analysis.from_address;
    analysis_->reply_to = analysis.reply_to;
    analysis_->authors = analysis.authors;
    analysis_->signatures = analysis.signatures;
    analysis_->arc = analysis.arc;
    analysis_->hops = analysis.hops;
    analysis_->hosts = analysis.hosts;
    signatures_.resize(analysis.signatures.size());
    advance();
    if (is_on()) run();
}

void SenderCheck::advance() {
    if (lookups_.take_answers()) run();
}

void SenderCheck::finish(Deadline deadline) {
    if (!is_on() || configuration_ == nullptr) return;
    run();
    while (lookups_.is_waiting()) {
        if (!lookups_.wait(deadline) && deadline.is_over()) {
            lookups_.expire("no answer within dns.timeout");
            run();
            break;
        }
        run();
    }
}

void SenderCheck::run() {
    if (configuration_ == nullptr) return;
    if (envelope_.client.is_known()) run_client();
    if (analysis_) run_content();
    run_lists();
}

void SenderCheck::run_lists() {
    const ListFacts facts{envelope_.client, envelope_.helo, envelope_.mail_from,
                          analysis_ ? &*analysis_ : nullptr};
    for (const auto& list : *lists_) {
        for (const auto& subject : subjects_of(list, facts)) {
            const auto name = subject.name + "." + list.zone;
            if (lists_done_.contains(name)) continue;
            const auto answer = lookups_.find_listed(name);
            if (!answer) continue;
            lists_done_.insert(name);
            auto finding = read_list_answer(list, subject, *answer);
            for (auto& hit : finding.hits) list_hits_.push_back(std::move(hit));
            if (!finding.problem.empty())
                list_unknown_.push_back("dnsbl " + list.options.name + ": " + finding.problem);
        }
    }
}

void SenderCheck::run_client() {
    const auto& receiver = configuration_->cordon.authserv_id;
    const auto& from = envelope_.mail_from;
    SpfQuery query{envelope_.client, from.empty() ? "postmaster@" + envelope_.helo : from,
                   envelope_.helo, receiver, envelope_.received_at};
    if (!auth_.spf) auth_.spf = check_spf(query, lookups_);
    if (!auth_.helo_spf && !from.empty()) {
        query.sender = "postmaster@" + envelope_.helo;
        auth_.helo_spf = check_spf(query, lookups_);
    }
    if (!auth_.iprev) auth_.iprev = check_iprev(envelope_.client, lookups_);
}

void SenderCheck::run_content() {
    const auto now = envelope_.received_at;
    bool is_complete = true;
    for (std::size_t i = 0; i < signatures_.size(); ++i) {
        if (!signatures_[i])
            signatures_[i] = verify_signature(analysis_->signatures[i], now, lookups_);
        is_complete = is_complete && signatures_[i];
    }
    if (!auth_.arc) auth_.arc = verify_arc(analysis_->arc, now, lookups_);
    if (is_complete && auth_.dkim.size() < signatures_.size()) {
        auth_.dkim.clear();
        for (const auto& signature : signatures_) auth_.dkim.push_back(*signature);
    }
    run_dmarc();
}

/// Asked early, so that its lookups run beside the others; final once all it stands on is.
void SenderCheck::run_dmarc() {
    if (auth_.dmarc) return;
    const bool is_ready = auth_.dkim.size() == signatures_.size() && auth_.arc &&
                          (auth_.spf || !envelope_.client.is_known());
    DmarcQuery query;
    query.domain = ascii_domain(analysis_->from_domain);
    query.authors = analysis_->authors;
    query.spf = auth_.spf ? &*auth_.spf : nullptr;
    query.dkim = &auth_.dkim;
    auto outcome = check_dmarc(query, lookups_);
    if (!is_ready || !outcome) return;
    if (outcome->result == DmarcOutcome::Result::fail)
        outcome->sealer =
            explaining_sealer(*auth_.arc, query.domain, configuration_->auth.trusted_sealers);
    auth_.dmarc = std::move(outcome);
}

std::vector<std::string> SenderCheck::unknown() const {
    std::vector<std::string> out;
    for (const auto& [name, spf] : {std::pair{"spf", &auth_.spf}, {"helo-spf", &auth_.helo_spf}})
        if (*spf && (*spf)->result == SpfResult::temperror)
            out.push_back(std::string(name) + ": " + (*spf)->reason);
    for (const auto& signature : auth_.dkim)
        if (signature.result == DkimResult::temperror)
            out.push_back("dkim of " + signature.domain + ": " + signature.reason);
    if (auth_.dmarc && auth_.dmarc->result == DmarcOutcome::Result::temperror)
        out.push_back("dmarc: " + auth_.dmarc->reason);
    if (auth_.iprev && auth_.iprev->result == IprevOutcome::Result::temperror)
        out.emplace_back("iprev: the lookup failed");
    out.insert(out.end(), list_unknown_.begin(), list_unknown_.end());
    return out;
}

}  // namespace cordon
