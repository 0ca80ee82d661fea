// SPDX-License-Identifier: GPL-2.0-only
#include "scoring/scanner/wire_sender.h"

#include <algorithm>

#include "conf/base/text.h"

namespace cordon {

namespace {

constexpr std::size_t kMaxName = 255;
constexpr std::size_t kMaxAddress = 320;
constexpr std::size_t kMaxProblem = 200;
constexpr std::size_t kMaxSignature = 1024;  // of a key of 8192 bits
constexpr std::size_t kMaxSignatures = 21;
constexpr std::size_t kMaxSeals = 50;
constexpr std::size_t kMaxHops = 20;
constexpr std::size_t kMaxHosts = 50;
constexpr std::size_t kMaxFiles = 300;
constexpr std::size_t kMaxExtension = 16;
constexpr std::size_t kMaxType = 40;
constexpr std::size_t kMaxFileName = 50;
constexpr std::size_t kDigestBytes = 32;
constexpr std::size_t kRoom = kMaxRecordBytes / 2;

std::string_view cut(std::string_view text, std::size_t limit) {
    return utf8_prefix(text, limit);
}

void write_signature(RecordWriter& out, const SignatureFact& fact) {
    out.text(cut(fact.problem, kMaxProblem)).u8(fact.is_refused ? 1 : 0);
    out.text(cut(fact.domain, kMaxName)).text(cut(fact.selector, kMaxName));
    out.text(cut(fact.identity, kMaxAddress)).text(cut(fact.algorithm, 40));
    out.text(cut(fact.mark, 20)).text(fact.digest.substr(0, kDigestBytes));
    out.text(fact.signature.substr(0, kMaxSignature)).u8(fact.is_body_intact ? 1 : 0);
    out.u64(fact.unsigned_bytes).u64(static_cast<std::uint64_t>(fact.signed_at));
    out.u64(static_cast<std::uint64_t>(fact.expires)).text(cut(fact.passed_domain, kMaxName));
}

// What is no printable text is no name and no reason; raw bytes stay what they are.
std::string read_text(RecordReader& in, std::size_t limit) {
    return printable(in.text(limit), limit);
}

SignatureFact read_signature(RecordReader& in) {
    SignatureFact out;
    out.problem = read_text(in, kMaxProblem);
    out.is_refused = in.u8() != 0;
    out.domain = in.text(kMaxName);
    out.selector = in.text(kMaxName);
    out.identity = in.text(kMaxAddress);
    out.algorithm = read_text(in, 40);
    out.mark = read_text(in, 20);
    out.digest = in.text(kDigestBytes);
    out.signature = in.text(kMaxSignature);
    out.is_body_intact = in.u8() != 0;
    out.unsigned_bytes = in.u64();
    out.signed_at = static_cast<std::int64_t>(in.u64());
    out.expires = static_cast<std::int64_t>(in.u64());
    out.passed_domain = read_text(in, kMaxName);
    if (out.problem.empty() && out.digest.size() != kDigestBytes) out.problem = "no digest";
    return out;
}

std::string encoded(const SignatureFact& fact) {
    RecordWriter out;
    write_signature(out, fact);
    return out.take();
}

void write_arc(RecordWriter& out, const ArcFacts& arc, std::size_t room) {
    std::size_t bytes = encoded(arc.message_signature).size();
    for (const auto& seal : arc.seals) bytes += encoded(seal).size();
    const bool fits = bytes <= room && arc.seals.size() <= kMaxSeals;
    out.text(fits ? cut(arc.problem, kMaxProblem) : "a chain that is too long");
    write_signature(out, fits ? arc.message_signature : SignatureFact{});
    out.u32(fits ? static_cast<std::uint32_t>(arc.seals.size()) : 0);
    if (!fits) return;
    for (const auto& seal : arc.seals) write_signature(out, seal);
}

}  // namespace

void write_files(RecordWriter& out, const std::vector<FileFact>& files) {
    const auto count = std::min(files.size(), kMaxFiles);
    out.u32(static_cast<std::uint32_t>(count));
    for (std::size_t i = 0; i < count; ++i) {
        out.text(cut(files[i].extension, kMaxExtension)).text(cut(files[i].type, kMaxType));
        out.text(cut(files[i].name, kMaxFileName));
    }
}

Result<void> read_files(RecordReader& in, std::vector<FileFact>& files) {
    files.resize(in.count(12));
    if (files.size() > kMaxFiles) return fail("more kinds of files than there can be");
    for (auto& file : files) {
        file.extension = read_text(in, kMaxExtension);
        file.type = read_text(in, kMaxType);
        file.name = read_text(in, kMaxFileName);
    }
    return {};
}

void write_sender(RecordWriter& out, const Analysis& analysis) {
    out.text(cut(analysis.from_address, kMaxAddress)).u32(analysis.authors);
    out.text(cut(analysis.reply_to, kMaxAddress));
    const auto hops = std::min(analysis.hops.size(), kMaxHops);
    out.u32(static_cast<std::uint32_t>(hops));
    for (std::size_t i = 0; i < hops; ++i)
        out.text(analysis.hops[i].client.to_string()).text(cut(analysis.hops[i].helo, kMaxName));
    const auto hosts = std::min(analysis.hosts.size(), kMaxHosts);
    out.u32(static_cast<std::uint32_t>(hosts));
    for (std::size_t i = 0; i < hosts; ++i) out.text(cut(analysis.hosts[i], kMaxName));

    std::size_t room = kRoom;
    std::size_t count = 0;
    for (; count < std::min(analysis.signatures.size(), kMaxSignatures); ++count) {
        const auto bytes = encoded(analysis.signatures[count]).size();
        if (bytes > room) break;
        room -= bytes;
    }
    out.u32(static_cast<std::uint32_t>(count));
    for (std::size_t i = 0; i < count; ++i) write_signature(out, analysis.signatures[i]);
    write_arc(out, analysis.arc, room);
}

Result<void> read_sender(RecordReader& in, Analysis& out) {
    out.from_address = read_text(in, kMaxAddress);
    out.authors = in.u32();
    out.reply_to = read_text(in, kMaxAddress);
    out.hops.resize(in.count(8));
    for (auto& hop : out.hops) {
        hop.client = IpAddress::parse(in.text(64)).value_or(IpAddress());
        hop.helo = read_text(in, kMaxName);
    }
    out.hosts.resize(in.count(4));
    for (auto& host : out.hosts) host = read_text(in, kMaxName);
    const auto signatures = in.count(50);
    if (signatures > kMaxSignatures || out.hops.size() > kMaxHops || out.hosts.size() > kMaxHosts)
        return fail("more signatures, hops or hosts than there can be");
    for (std::uint32_t i = 0; i < signatures; ++i) out.signatures.push_back(read_signature(in));
    out.arc.problem = read_text(in, kMaxProblem);
    out.arc.message_signature = read_signature(in);
    const auto seals = in.count(50);
    if (seals > kMaxSeals) return fail("a chain that is too long");
    for (std::uint32_t i = 0; i < seals; ++i) out.arc.seals.push_back(read_signature(in));
    return {};
}

}  // namespace cordon
