// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/analysis/analyse.h"

#include <chrono>
#include <set>
#include <tuple>

#include "conf/base/digest.h"
#include "conf/base/text.h"
#include "scoring/analysis/archive_reasons.h"
#include "scoring/analysis/content_type.h"
#include "scoring/analysis/encryption.h"
#include "scoring/analysis/features.h"
#include "scoring/analysis/file_kinds.h"
#include "scoring/analysis/qr_codes.h"
#include "scoring/analysis/report.h"
#include "scoring/analysis/sender_facts.h"
#include "scoring/message/address.h"
#include "scoring/message/oddities.h"

namespace cordon {

namespace {

constexpr std::size_t kMaxPartFacts = 200;
constexpr std::size_t kMaxUrls = 200;
constexpr std::size_t kMaxUrlBytes = 500;
constexpr std::size_t kMaxUnread = 20;
constexpr std::size_t kMaxNameBytes = 200;
constexpr std::string_view kCodesUnread = "QR codes: more marks than can be read in time";

void add_unread(Analysis& analysis, Unread kind, std::string_view detail) {
    if (analysis.unread.size() >= kMaxUnread) return;
    analysis.unread.push_back({kind, printable(detail, kMaxNameBytes)});
}

/// A long name keeps its end, where the extension is.
std::string shortened(std::string_view name) {
    constexpr std::size_t kEnd = 40;
    if (name.size() <= kMaxNameBytes) return printable(name, kMaxNameBytes);
    return printable(name, kMaxNameBytes - kEnd - 20) +
           printable(to_valid_utf8(name.substr(name.size() - kEnd)), 2 * kEnd);
}

PartFact fact_of(const Part& part) {
    PartFact fact;
    fact.reading = part.reading;
    fact.depth = part.depth;
    fact.name = shortened(part.name);
    const std::string_view bytes = part.bytes();
    const auto content = content_type_of(bytes);
    fact.type = content.media_type.empty() ? printable(part.type, kMaxNameBytes)
                                           : std::string(content.media_type);
    fact.size = bytes.size();
    if (!part.is_multipart()) fact.sha256 = sha256_hex(bytes);
    return fact;
}

/// Other readings repeat most parts of the first; what is the same stands in the list once.
void add_parts(const Message& message, Analysis& analysis) {
    // By size first, so that few are compared byte by byte.
    std::set<std::tuple<std::size_t, std::string_view, std::string>> seen;
    for (const auto& part : message.parts()) {
        if (part.is_multipart()) continue;
        const std::string encryption = find_encryption(part.bytes());
        const bool is_full = analysis.parts.size() >= kMaxPartFacts;
        if (is_full && encryption.empty()) continue;
        const bool is_new =
            seen.emplace(part.bytes().size(), part.bytes(), shortened(part.name)).second;
        if (!is_new && part.reading > 0) continue;
        if (!encryption.empty()) add_unread(analysis, Unread::encrypted, encryption);
        // A hash for each of 2,000 parts costs more than to read them.
        if (!is_full) analysis.parts.push_back(fact_of(part));
    }
}

void add_files(const Message& message, Analysis& analysis) {
    FileKinds kinds = file_kinds(message);
    analysis.files = std::move(kinds.files);
    if (!kinds.is_complete) add_unread(analysis, Unread::unscanned, "more than 300 kinds of files");
}

void add_archives(const Message& message, Analysis& analysis) {
    for (const auto& reason : archive_reasons(message.archives().notes))
        add_unread(analysis, reason.kind, reason.detail);
}

void add_urls(const Message& message, Analysis& analysis) {
    std::set<std::string_view> seen;
    for (const auto& link : message.links()) {
        if (link.url.host.empty() || !seen.insert(link.url.raw).second) continue;
        if (analysis.urls.size() >= kMaxUrls) return;
        analysis.urls.push_back(printable(link.url.raw, kMaxUrlBytes));
    }
}

std::string only_from_domain(const Message& message) {
    const HeaderField* from = message.headers().first("From");
    if (from == nullptr || message.headers().count("From") != 1) return {};
    const auto mailboxes = parse_mailboxes(from->value);
    return mailboxes.size() == 1 ? mailboxes.front().domain : std::string();
}

/// What lies beyond most limits of the parser was not read.
void add_limits(const Message& message, Analysis& analysis) {
    for (const auto& oddity : message.oddities()) {
        if (!leaves_content_unscanned(oddity.rule)) continue;
        add_unread(analysis, Unread::unscanned, oddity.rule + " " + oddity.detail);
    }
}

void classify(const Message& message, const EnvelopeFacts& envelope, const WeightTable* weights,
              bool with_features, Analysis& analysis) {
    if (weights == nullptr && !with_features) return;
    FeatureCollector collector(weights);
    tokenize(message, envelope, TokenLimits{}, collector);
    analysis.opinion = collector.opinion();
    if (!with_features) return;
    analysis.features = encode_features(collector.features());
    analysis.identity = identity_of(message);
}

}  // namespace

Analysis analyse(std::string_view bytes, const EnvelopeFacts& envelope,
                 const AnalysisSnapshot& snapshot, bool with_features) {
    const auto begin = std::chrono::steady_clock::now();
    Message message = Message::parse(bytes, snapshot.limits);
    auto codes = qr_links(message);
    message.add_links(std::move(codes.links));
    const CheckInput input{message, envelope, snapshot.site};
    Hits hits;
    run_checks(input, hits);
    snapshot.rules.match(input, hits);
    Analysis analysis;
    analysis.hits = hits.take();
    analysis.readings = message.readings();
    analysis.subject = printable_again(message.subject(), 300);
    analysis.from = printable_again(message.header_text("From"), 300);
    analysis.from_domain = printable(only_from_domain(message), 255);
    add_sender_facts(input, analysis);
    add_limits(message, analysis);
    if (!codes.is_complete) add_unread(analysis, Unread::unscanned, kCodesUnread);
    add_parts(message, analysis);
    add_files(message, analysis);
    add_archives(message, analysis);
    add_urls(message, analysis);
    classify(message, envelope, snapshot.weights, with_features, analysis);
    analysis.report = make_report(input, analysis);
    const auto elapsed = std::chrono::steady_clock::now() - begin;
    analysis.elapsed_us = static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(elapsed).count());
    return analysis;
}

Analysis extract_features(std::string_view bytes, const EnvelopeFacts& envelope,
                          const Limits& limits) {
    Analysis out;
    Message message = Message::parse(bytes, limits);
    message.add_links(qr_links(message).links);
    classify(message, envelope, nullptr, true, out);
    return out;
}

}  // namespace cordon
