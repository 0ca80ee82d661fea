// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/store/history_record.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "conf/base/compact.h"
#include "scoring/rules/catalogue.h"

namespace cordon {

namespace {

constexpr std::size_t kMaxRecordBytesKept = std::size_t{256} * 1024;
constexpr std::size_t kMaxHits = 500;
constexpr std::size_t kMaxSignatures = 20;
constexpr std::size_t kMaxIdentities = 3;
constexpr std::size_t kMaxFiles = 50;
constexpr std::size_t kMaxText = 512;
constexpr double kMillion = 1e6;

std::string bounded(std::string_view text) {
    return std::string(text.substr(0, kMaxText));
}

Recollection bounded(Recollection memory) {
    auto& senders = memory.senders;
    senders.resize(std::min(senders.size(), kMaxIdentities));
    for (auto& sender : senders) sender.identity = bounded(sender.identity);
    return memory;
}

/// The reason without what it quotes of the message: names of files and the like follow a colon.
UnreadReason without_text(const UnreadReason& reason) {
    if (reason.kind == Unread::scan_failed || reason.kind == Unread::oversize)
        return {reason.kind, bounded(reason.detail)};
    const auto colon = reason.detail.find(':');
    return {reason.kind, colon == std::string::npos ? "" : bounded(reason.detail.substr(0, colon))};
}

template <typename Hits>
bool has(const Hits& hits, const std::string& rule) {
    return std::any_of(hits.begin(), hits.end(), [&](const auto& hit) { return hit.rule == rule; });
}

HitOrigin origin_of(const Evidence& evidence, const std::string& rule) {
    if (evidence.content && has(evidence.content->hits, rule)) return HitOrigin::content;
    if (evidence.antivirus && has(evidence.antivirus->hits, rule)) return HitOrigin::antivirus;
    return has(evidence.lists, rule) ? HitOrigin::list : HitOrigin::derived;
}

Authentication without_reasons(const Authentication& auth) {
    Authentication out = auth;
    for (auto* const spf : {&out.spf, &out.helo_spf}) {
        if (!*spf) continue;
        (*spf)->domain = bounded((*spf)->domain);
        (*spf)->reason.clear();
        (*spf)->explanation.clear();
    }
    out.dkim.resize(std::min(out.dkim.size(), kMaxSignatures));
    for (auto& dkim : out.dkim) {
        DkimOutcome kept;
        kept.result = dkim.result;
        kept.domain = bounded(dkim.domain);
        kept.selector = bounded(dkim.selector);
        kept.is_partial = dkim.is_partial;
        dkim = std::move(kept);
    }
    if (out.iprev) out.iprev->name.clear();
    if (out.dmarc) out.dmarc->reason.clear();
    if (out.arc) out.arc = ArcOutcome{out.arc->result, {}, {}, {}};
    return out;
}

}  // namespace

std::int32_t thousandths(double score) {
    constexpr double kMost = std::numeric_limits<std::int32_t>::max();
    return static_cast<std::int32_t>(std::round(std::clamp(score * 1000, -kMost, kMost)));
}

HistoryRecord history_of(const Evidence& evidence, const Verdict& verdict) {
    HistoryRecord out;
    out.received_at = evidence.envelope.received_at;
    out.client = evidence.envelope.client.is_known() ? evidence.envelope.client.to_string() : "";
    out.client_name = bounded(evidence.envelope.client_name);
    out.helo = bounded(evidence.envelope.helo);
    out.mail_from = bounded(evidence.envelope.mail_from);
    out.auth_user = bounded(evidence.envelope.auth_user);
    out.direction = evidence.direction;
    if (const auto& content = evidence.content) {
        out.has_content = true;
        out.author = bounded(content->from_address);
        out.author_domain = bounded(content->from_domain);
        out.authors = content->authors;
        for (const auto& file : content->files)
            if (out.files.size() < kMaxFiles) out.files.push_back({file.extension, file.type, ""});
        if (content->opinion)
            out.opinion = HistoryOpinion{
                static_cast<std::uint32_t>(
                    std::lround(std::clamp(content->opinion->probability, 0.0, 1.0) * kMillion)),
                content->opinion->ham, content->opinion->spam};
    }
    out.is_own_author = evidence.is_own_author;
    out.has_antivirus = evidence.antivirus.has_value();
    out.virus = bounded(verdict.virus);
    for (const auto& hit : verdict.hits)
        if (out.hits.size() < kMaxHits)
            out.hits.push_back(
                {bounded(hit.rule), thousandths(hit.score), origin_of(evidence, hit.rule)});
    for (const auto& reason : verdict.unread) out.unread.push_back(without_text(reason));
    out.auth = without_reasons(evidence.auth);
    for (const auto& what : evidence.unknown)
        out.unknown.push_back(bounded(what.substr(0, what.find(':'))));
    out.has_memory = evidence.memory.has_value();
    if (evidence.memory) out.memory = bounded(*evidence.memory);
    out.score = thousandths(verdict.score);
    return out;
}

Evidence evidence_of(const HistoryRecord& record) {
    Evidence out;
    out.envelope.client = IpAddress::parse(record.client).value_or(IpAddress());
    out.envelope.client_name = record.client_name;
    out.envelope.helo = record.helo;
    out.envelope.mail_from = record.mail_from;
    out.envelope.auth_user = record.auth_user;
    out.envelope.received_at = record.received_at;
    for (const auto& decision : record.decisions)
        out.envelope.recipients.push_back(decision.recipient);
    out.direction = record.direction;
    out.is_own_author = record.is_own_author;
    if (record.has_content) {
        auto& content = out.content.emplace();
        content.from_address = record.author;
        content.from_domain = record.author_domain;
        content.authors = record.authors;
        content.files = record.files;
        if (record.opinion)
            content.opinion = Opinion{record.opinion->probability / kMillion,
                                      record.opinion->ham,
                                      record.opinion->spam,
                                      {}};
    }
    if (record.has_antivirus) out.antivirus.emplace().virus = record.virus;
    for (const auto& hit : record.hits) {
        if (hit.origin == HitOrigin::content && out.content)
            out.content->hits.push_back({hit.rule, ""});
        if (hit.origin == HitOrigin::antivirus && out.antivirus)
            out.antivirus->hits.push_back({hit.rule, ""});
        if (hit.origin == HitOrigin::list) out.lists.push_back({hit.rule, ""});
    }
    out.auth = record.auth;
    out.unread = record.unread;
    out.unknown = record.unknown;
    if (record.has_memory) out.memory = record.memory;
    return out;
}

// Counts of the enumerators that are kept; a new one is a new version of the record.
constexpr std::uint64_t count_of(HitOrigin) {
    return 4;
}
constexpr std::uint64_t count_of(Action) {
    return 6;
}
constexpr std::uint64_t count_of(Cause) {
    return 7;
}
constexpr std::uint64_t count_of(Mode) {
    return 3;
}
constexpr std::uint64_t count_of(Direction) {
    return 3;
}
constexpr std::uint64_t count_of(Unread) {
    return 4;
}
constexpr std::uint64_t count_of(SpfResult) {
    return 7;
}
constexpr std::uint64_t count_of(DkimResult) {
    return 7;
}
constexpr std::uint64_t count_of(DmarcPolicy) {
    return 3;
}
constexpr std::uint64_t count_of(DmarcOutcome::Result) {
    return 5;
}
constexpr std::uint64_t count_of(ArcOutcome::Result) {
    return 3;
}
constexpr std::uint64_t count_of(IprevOutcome::Result) {
    return 4;
}

void fields(auto& a, HistoryHit& v) {
    a(v.rule, v.score, v.origin);
}
void fields(auto& a, HistoryDecision& v) {
    a(v.recipient, v.action, v.wanted, v.wish, v.cause, v.mode, v.score);
}
void fields(auto& a, HistoryOpinion& v) {
    a(v.probability, v.ham, v.spam);
}
void fields(auto& a, FileFact& v) {
    a(v.extension, v.type);
}
void fields(auto& a, UnreadReason& v) {
    a(v.kind, v.detail);
}
void fields(auto& a, SpfOutcome& v) {
    a(v.result, v.domain);
}
void fields(auto& a, DkimOutcome& v) {
    a(v.result, v.domain, v.selector, v.is_partial);
}
void fields(auto& a, DmarcOutcome& v) {
    a(v.result, v.domain, v.policy, v.aligned, v.sealer);
}
void fields(auto& a, ArcOutcome& v) {
    a(v.result);
}
void fields(auto& a, IprevOutcome& v) {
    a(v.result);
}
void fields(auto& a, Authentication& v) {
    a(v.spf, v.helo_spf, v.iprev, v.dkim, v.dmarc, v.arc);
}
void fields(auto& a, Behaviour& v) {
    a(v.identity, v.ham, v.spam, v.days);
}
void fields(auto& a, Recollection& v) {
    a(v.is_correspondent, v.is_reply, v.names_own_thread, v.senders);
}
void fields(auto& a, HistoryRecord& v) {
    a(v.id, v.queue_id, v.message_id, v.received_at, v.size, v.microseconds);
    a(v.client, v.client_name, v.helo, v.mail_from, v.auth_user, v.direction);
    a(v.has_content, v.author, v.author_domain, v.authors, v.is_own_author);
    a(v.has_antivirus, v.virus, v.hits, v.unread, v.opinion, v.auth, v.unknown);
    a(v.score, v.recipients, v.decisions);
}

std::string encode(const HistoryRecord& record) {
    return CompactWriter()(kHistoryRecordVersion, record, record.has_memory, record.memory,
                           record.files)
        .take();
}

Result<HistoryRecord> decode_history(std::string_view bytes) {
    if (bytes.size() > kMaxRecordBytesKept) return fail("history: a record that is too long");
    const auto version = bytes.empty() ? 0U : static_cast<unsigned char>(bytes.front());
    constexpr unsigned kWithoutMemory = 1;
    constexpr unsigned kWithoutFiles = 2;
    if (version < kWithoutMemory || version > kHistoryRecordVersion)
        return fail(
            fmt::format("history: a record of version {}, not {}", version, kHistoryRecordVersion));
    HistoryRecord out;
    CompactReader in(bytes.substr(1));
    in(out);
    if (version > kWithoutMemory) in(out.has_memory, out.memory);
    if (version > kWithoutFiles) in(out.files);
    if (!in.is_complete()) return fail("history: a damaged record");
    return out;
}

std::string_view to_text(Cause cause) {
    switch (cause) {
        case Cause::score: return "score";
        case Cause::denied: return "denied";
        case Cause::virus: return "virus";
        case Cause::scan_failed: return "scan-failed";
        case Cause::unscanned: return "unscanned";
        case Cause::encrypted: return "encrypted";
        case Cause::oversize: return "oversize";
    }
    return "score";
}

}  // namespace cordon
