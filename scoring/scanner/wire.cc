// SPDX-License-Identifier: GPL-2.0-only
// Both directions stand side by side in this file: what one function writes, its neighbour reads.
#include "scoring/scanner/wire.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "conf/base/ipc.h"
#include "conf/base/text.h"
#include "scoring/scanner/wire_sender.h"

namespace cordon {

namespace {

enum class AnswerKind : std::uint8_t { analysis = 1, antivirus = 2, failure = 3 };

constexpr std::size_t kMaxName = 64;       // rules
constexpr std::size_t kMaxDetail = 400;    // details, reasons, virus names
constexpr std::size_t kMaxLine = 1000;     // subject, From, file names, URLs
constexpr std::size_t kMaxShortUrl = 200;  // URLs of a message with very many
constexpr std::size_t kMaxReport = std::size_t{32} * 1024;
constexpr std::size_t kMaxReasons = 64;
constexpr std::size_t kMaxTokens = 20;
constexpr std::size_t kMaxFeatureBytes = std::size_t{24} * 1024;  // 8192 features, encoded
constexpr std::size_t kMaxPath = 512;  // envelope: RFC 5321 section 4.5.3.1 allows 256
constexpr std::size_t kMaxRecipients = 100;
constexpr std::size_t kRoomForNotes = 1024;  // kept free for the reasons that cutting adds

std::string_view cut(std::string_view text, std::size_t limit) {
    return utf8_prefix(text, limit);
}

bool is_plain(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

// A worker sends printable text. What another process sends in its place must not reach a header, a
// log line or a terminal unchanged.
std::string clean(std::string text) {
    if (is_plain(text)) return text;
    const auto backslashes = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\\'));
    auto safe = printable(text, 4 * text.size() + 16);
    return safe.size() == text.size() + backslashes ? std::move(text) : std::move(safe);
}

std::string read_line(RecordReader& in, std::size_t limit) {
    return clean(in.text(limit));
}

std::string read_lines(RecordReader& in, std::size_t limit) {
    const auto text = in.text(limit);
    std::string out;
    for (const auto line : split(text, '\n')) {
        if (!out.empty() || line.data() != text.data()) out += '\n';
        out += clean(std::string(line));
    }
    return out;
}

bool is_rule_name(std::string_view name) {
    return !name.empty() && name.size() <= kMaxName && name[0] >= 'A' && name[0] <= 'Z' &&
           std::all_of(name.begin(), name.end(),
                       [](char c) { return (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_'; });
}

/// How many elements from the front fit into `room`, which shrinks by what they take.
template <typename T, typename Size>
std::size_t fitting(const std::vector<T>& list, std::size_t& room, Size size) {
    std::size_t n = 0;
    for (; n < list.size(); ++n) {
        const std::size_t bytes = size(list[n]);
        if (bytes > room) break;
        room -= bytes;
    }
    return n;
}

void note_cut(std::vector<UnreadReason>& unread, std::string_view what, std::size_t kept,
              std::size_t all) {
    if (kept == all) return;
    unread.push_back({Unread::unscanned, "answer too long: only the first " + std::to_string(kept) +
                                             " of " + std::to_string(all) + " " +
                                             std::string(what)});
}

std::size_t size_of(const Hit& hit) {
    return 8 + cut(hit.rule, kMaxName).size() + cut(hit.detail, kMaxDetail).size();
}

void write_hits(RecordWriter& out, const std::vector<Hit>& hits, std::size_t n) {
    out.u32(static_cast<std::uint32_t>(n));
    for (std::size_t i = 0; i < n; ++i)
        out.text(cut(hits[i].rule, kMaxName)).text(cut(hits[i].detail, kMaxDetail));
}

Result<std::vector<Hit>> read_hits(RecordReader& in) {
    std::vector<Hit> hits(in.count(8));
    for (auto& hit : hits) {
        hit.rule = in.text(kMaxName);
        hit.detail = read_line(in, kMaxDetail);
        if (in.is_good() && !is_rule_name(hit.rule)) return fail("a rule with an impossible name");
    }
    return hits;
}

void write_unread(RecordWriter& out, const std::vector<UnreadReason>& unread) {
    out.u32(static_cast<std::uint32_t>(unread.size()));
    for (const auto& reason : unread)
        out.u8(static_cast<std::uint8_t>(reason.kind)).text(cut(reason.detail, kMaxDetail));
}

Result<std::vector<UnreadReason>> read_unread(RecordReader& in) {
    std::vector<UnreadReason> unread(in.count(5));
    for (auto& reason : unread) {
        const auto kind = in.u8();
        if (kind > static_cast<std::uint8_t>(Unread::oversize)) return fail("an unknown reason");
        reason.kind = static_cast<Unread>(kind);
        reason.detail = read_line(in, kMaxDetail);
    }
    return unread;
}

// One reason of each kind counts for policy: the list keeps those when it is cut.
std::vector<UnreadReason> bounded(std::vector<UnreadReason> unread) {
    if (unread.size() <= kMaxReasons) return unread;
    std::stable_sort(unread.begin(), unread.end(),
                     [](const auto& a, const auto& b) { return a.kind < b.kind; });
    std::vector<UnreadReason> out;
    for (std::size_t i = 0; i < unread.size(); ++i) {
        const bool is_first = i == 0 || unread[i].kind != unread[i - 1].kind;
        if (is_first || out.size() < kMaxReasons) out.push_back(std::move(unread[i]));
    }
    return out;
}

std::size_t size_of(const PartFact& part) {
    return 4 + 4 + 8 + 12 + cut(part.type, kMaxDetail).size() + cut(part.name, kMaxLine).size() +
           cut(part.sha256, kMaxName).size();
}

void write_parts(RecordWriter& out, const std::vector<PartFact>& parts, std::size_t n) {
    out.u32(static_cast<std::uint32_t>(n));
    for (std::size_t i = 0; i < n; ++i) {
        const auto& part = parts[i];
        out.u32(static_cast<std::uint32_t>(part.reading))
            .u32(static_cast<std::uint32_t>(part.depth));
        out.u64(part.size).text(cut(part.type, kMaxDetail)).text(cut(part.name, kMaxLine));
        out.text(cut(part.sha256, kMaxName));
    }
}

std::vector<PartFact> read_parts(RecordReader& in) {
    std::vector<PartFact> parts(in.count(28));
    for (auto& part : parts) {
        part.reading = static_cast<int>(in.u32() & 0xFFFFU);
        part.depth = static_cast<int>(in.u32() & 0xFFFFU);
        part.size = in.u64();
        part.type = read_line(in, kMaxDetail);
        part.name = read_line(in, kMaxLine);
        part.sha256 = read_line(in, kMaxName);
    }
    return parts;
}

void write_number(RecordWriter& out, double value) {
    out.u64(std::bit_cast<std::uint64_t>(value));
}

double read_number(RecordReader& in) {
    return std::bit_cast<double>(in.u64());
}

void write_opinion(RecordWriter& out, const Analysis& analysis) {
    const auto& opinion = analysis.opinion;
    out.u8(opinion ? 1 : 0);
    if (opinion) {
        write_number(out, opinion->probability);
        out.u64(opinion->ham).u64(opinion->spam);
        const auto n = std::min(opinion->tokens.size(), kMaxTokens);
        out.u32(static_cast<std::uint32_t>(n));
        for (std::size_t i = 0; i < n; ++i) {
            out.text(cut(opinion->tokens[i].token, kMaxDetail));
            write_number(out, opinion->tokens[i].weight);
        }
    }
    // Cut features would be other features.
    out.text(analysis.features.size() <= kMaxFeatureBytes ? analysis.features : "");
    out.text(cut(analysis.identity, kMaxName));
}

Result<void> read_opinion(RecordReader& in, Analysis& out) {
    if (in.u8() != 0) {
        Opinion opinion;
        opinion.probability = read_number(in);
        opinion.ham = in.u64();
        opinion.spam = in.u64();
        opinion.tokens.resize(in.count(12));
        for (auto& token : opinion.tokens) {
            token.token = read_line(in, kMaxDetail);
            token.weight = read_number(in);
            if (!std::isfinite(token.weight)) return fail("an impossible weight");
        }
        const bool is_sane = opinion.probability >= 0 && opinion.probability <= 1;
        if (!is_sane || opinion.tokens.size() > kMaxTokens) return fail("an impossible opinion");
        out.opinion = std::move(opinion);
    }
    out.features = in.text(kMaxFeatureBytes);
    out.identity = read_line(in, kMaxName);
    return {};
}

/// The longest form of URLs with which all fit, else the short one.
std::size_t url_limit(const std::vector<std::string>& urls, std::size_t room) {
    std::size_t all = 0;
    for (const auto& url : urls) all += 4 + std::min(url.size(), kMaxLine);
    return all <= room ? kMaxLine : kMaxShortUrl;
}

RecordWriter answer_head(AnswerKind kind) {
    RecordWriter out;
    out.u8(kWireVersion).u8(static_cast<std::uint8_t>(kind));
    return out;
}

/// Reads the head of an answer; a failure answer becomes the error.
Result<void> expect_answer(RecordReader& in, AnswerKind wanted) {
    const auto version = in.u8();
    const auto kind = in.u8();
    if (!in.is_good()) return fail("an empty answer");
    if (version != kWireVersion)
        return fail("the worker speaks version " + std::to_string(version) + " instead of " +
                    std::to_string(kWireVersion) + "; restart the scanner");
    if (kind == static_cast<std::uint8_t>(AnswerKind::failure)) {
        auto reason = read_line(in, kMaxDetail);
        return fail(reason.empty() ? "the worker gave no reason" : std::move(reason));
    }
    if (kind != static_cast<std::uint8_t>(wanted)) return fail("an answer of another kind");
    return {};
}

}  // namespace

std::string encode(const ScanRequest& request) {
    const auto& envelope = request.envelope;
    const auto at =
        std::chrono::duration_cast<Milliseconds>(request.deadline.at().time_since_epoch());
    RecordWriter out;
    out.u8(kWireVersion).u8(static_cast<std::uint8_t>(request.kind));
    out.u64(static_cast<std::uint64_t>(std::max<Milliseconds::rep>(at.count(), 0)));
    out.u64(request.size);
    out.text(cut(envelope.client_name, kMaxPath)).text(envelope.client.to_string());
    out.text(cut(envelope.helo, kMaxPath)).text(cut(envelope.mail_from, kMaxPath));
    out.text(cut(envelope.auth_user, kMaxPath));
    out.u64(static_cast<std::uint64_t>(envelope.received_at));
    const auto n = std::min(envelope.recipients.size(), kMaxRecipients);
    out.u8(request.with_features ? 1 : 0);
    out.u32(static_cast<std::uint32_t>(n));
    for (std::size_t i = 0; i < n; ++i) out.text(cut(envelope.recipients[i], kMaxPath));
    return out.take();
}

Result<ScanRequest> decode_request(std::string_view record) {
    RecordReader in(record);
    const auto version = in.u8();
    const auto kind = in.u8();
    if (in.is_good() && version != kWireVersion)
        return fail("request of version " + std::to_string(version) + ", this scanner speaks " +
                    std::to_string(kWireVersion) + "; restart both");
    if (kind < static_cast<std::uint8_t>(ScanKind::analyse) ||
        kind > static_cast<std::uint8_t>(ScanKind::features))
        return fail("request of an unknown kind");
    ScanRequest out;
    out.kind = static_cast<ScanKind>(kind);
    constexpr std::uint64_t kLatest = std::uint64_t{1} << 43U;  // still fits in nanoseconds
    const auto at = static_cast<Milliseconds::rep>(std::min(in.u64(), kLatest));
    out.deadline = Deadline(Steady::time_point(Milliseconds(at)));
    out.size = in.u64();
    out.envelope.client_name = in.text(kMaxPath);
    out.envelope.client = IpAddress::parse(in.text(kMaxPath)).value_or(IpAddress());
    out.envelope.helo = in.text(kMaxPath);
    out.envelope.mail_from = in.text(kMaxPath);
    out.envelope.auth_user = in.text(kMaxPath);
    out.envelope.received_at = static_cast<std::int64_t>(in.u64());
    out.with_features = in.u8() != 0;
    const auto n = in.count(4);
    if (n > kMaxRecipients) return fail("request with too many recipients");
    for (std::uint32_t i = 0; i < n; ++i) out.envelope.recipients.push_back(in.text(kMaxPath));
    if (!in.is_complete()) return fail("request that is cut or too long");
    return out;
}

std::string encode(const Analysis& analysis) {
    auto out = answer_head(AnswerKind::analysis);
    out.u32(static_cast<std::uint32_t>(analysis.readings)).u64(analysis.elapsed_us);
    out.text(cut(analysis.subject, kMaxLine)).text(cut(analysis.from, kMaxLine));
    out.text(cut(analysis.from_domain, kMaxDetail));
    write_sender(out, analysis);
    write_files(out, analysis.files);
    write_opinion(out, analysis);

    // What matters most is fitted in first: hits, reasons, report, parts, URLs.
    std::size_t room = kMaxRecordBytes - out.size() - kRoomForNotes;
    const auto n_hits = fitting(analysis.hits, room, [](const Hit& h) { return size_of(h); });
    auto unread = bounded(analysis.unread);
    for (const auto& reason : unread)
        room -= std::min(room, 5 + cut(reason.detail, kMaxDetail).size());
    const auto report = cut(analysis.report, std::min(kMaxReport, room));
    room -= report.size();
    const auto n_parts =
        fitting(analysis.parts, room, [](const PartFact& part) { return size_of(part); });
    const auto limit = url_limit(analysis.urls, room);
    const auto n_urls = fitting(analysis.urls, room,
                                [limit](const std::string& u) { return 4 + cut(u, limit).size(); });
    note_cut(unread, "rules", n_hits, analysis.hits.size());
    note_cut(unread, "parts", n_parts, analysis.parts.size());
    note_cut(unread, "links", n_urls, analysis.urls.size());

    write_hits(out, analysis.hits, n_hits);
    write_unread(out, unread);
    out.text(report);
    write_parts(out, analysis.parts, n_parts);
    out.u32(static_cast<std::uint32_t>(n_urls));
    for (std::size_t i = 0; i < n_urls; ++i) out.text(cut(analysis.urls[i], limit));
    return out.take();
}

Result<Analysis> decode_analysis(std::string_view record) {
    RecordReader in(record);
    if (auto head = expect_answer(in, AnswerKind::analysis); !head)
        return tl::unexpected(head.error());
    Analysis out;
    out.readings = static_cast<int>(in.u32() & 0xFFFFU);
    out.elapsed_us = in.u64();
    out.subject = read_line(in, kMaxLine);
    out.from = read_line(in, kMaxLine);
    out.from_domain = read_line(in, kMaxDetail);
    if (auto sender = read_sender(in, out); !sender) return tl::unexpected(sender.error());
    if (auto files = read_files(in, out.files); !files) return tl::unexpected(files.error());
    if (auto opinion = read_opinion(in, out); !opinion) return tl::unexpected(opinion.error());
    auto hits = read_hits(in);
    if (!hits) return tl::unexpected(hits.error());
    out.hits = std::move(*hits);
    auto unread = read_unread(in);
    if (!unread) return tl::unexpected(unread.error());
    out.unread = std::move(*unread);
    out.report = read_lines(in, kMaxReport);
    out.parts = read_parts(in);
    out.urls.resize(in.count(4));
    for (auto& url : out.urls) url = read_line(in, kMaxLine);
    if (!in.is_complete()) return fail("an answer that is cut or too long");
    return out;
}

std::string encode(const AntivirusResult& result) {
    auto out = answer_head(AnswerKind::antivirus);
    out.u64(result.elapsed_us).text(cut(result.virus, kMaxDetail));
    std::size_t room = kMaxRecordBytes / 2;
    const auto n_hits = fitting(result.hits, room, [](const Hit& hit) { return size_of(hit); });
    auto unread = bounded(result.unread);
    note_cut(unread, "alerts", n_hits, result.hits.size());
    write_hits(out, result.hits, n_hits);
    write_unread(out, unread);
    return out.take();
}

Result<AntivirusResult> decode_antivirus(std::string_view record) {
    RecordReader in(record);
    if (auto head = expect_answer(in, AnswerKind::antivirus); !head)
        return tl::unexpected(head.error());
    AntivirusResult out;
    out.elapsed_us = in.u64();
    out.virus = read_line(in, kMaxDetail);
    auto hits = read_hits(in);
    if (!hits) return tl::unexpected(hits.error());
    out.hits = std::move(*hits);
    auto unread = read_unread(in);
    if (!unread) return tl::unexpected(unread.error());
    out.unread = std::move(*unread);
    if (!in.is_complete()) return fail("an answer that is cut or too long");
    return out;
}

std::string encode_failure(std::string_view reason) {
    auto out = answer_head(AnswerKind::failure);
    out.text(cut(reason, kMaxDetail));
    return out.take();
}

}  // namespace cordon
