// SPDX-License-Identifier: GPL-2.0-only
// cordon scan: judges messages offline, by the same code and the same workers as the milter.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "conf/base/clock.h"
#include "conf/base/json.h"
#include "conf/base/text.h"
#include "quarantine/ctl/command.h"
#include "quarantine/ctl/offline.h"
#include "scoring/judge/explain.h"
#include "scoring/lookups/dns_resolver.h"
#include "scoring/lookups/zone_resolver.h"

namespace cordon {
namespace {

namespace po = boost::program_options;

constexpr std::size_t kMaxFileBytes = 1U << 30U;

struct ScanOptions {
    bool json = false;
    std::string ip;
    std::string dns_zone;
    OfflineEnvelope envelope;
};

Result<std::string> read_message(const std::string& file) {
    return file == "-" ? read_all(STDIN_FILENO, kMaxFileBytes) : read_file(file, kMaxFileBytes);
}

void write_parts(JsonWriter& json, const Analysis& analysis) {
    json.key("parts").begin_array();
    for (const auto& part : analysis.parts) {
        json.begin_object().field("reading", part.reading).field("depth", part.depth);
        json.field("type", part.type).field("name", part.name);
        json.field("size", static_cast<std::int64_t>(part.size))
            .field("sha256", part.sha256)
            .end_object();
    }
    json.end_array().key("urls").begin_array();
    for (const auto& url : analysis.urls) json.text(url);
    json.end_array();
}

/// The value of a key, or null for what is not known.
template <typename Outcome>
void write_result(JsonWriter& json, std::string_view key, const std::optional<Outcome>& outcome) {
    json.key(key);
    outcome ? json.text(to_text(outcome->result)) : json.null();
}

void write_auth(JsonWriter& json, const Authentication& auth) {
    json.key("auth").begin_object().key("spf");
    auth.spf ? json.text(to_text(auth.spf_result())) : json.null();
    json.key("dkim").begin_array();
    for (const auto& signature : auth.dkim)
        json.begin_object()
            .field("domain", signature.domain)
            .field("selector", signature.selector)
            .field("result", to_text(signature.result))
            .field("reason", signature.reason)
            .end_object();
    json.end_array();
    write_result(json, "dmarc", auth.dmarc);
    write_result(json, "arc", auth.arc);
    write_result(json, "spf_mailfrom", auth.spf);
    write_result(json, "spf_helo", auth.helo_spf);
    write_result(json, "iprev", auth.iprev);
    json.field("spf_reason", auth.spf ? auth.spf->reason : "");
    json.field("spf_explanation", auth.spf ? auth.spf->explanation : "");
    json.field("dmarc_policy", auth.dmarc ? to_text(auth.dmarc->policy) : "");
    json.field("dmarc_reason", auth.dmarc ? auth.dmarc->reason : "");
    json.field("arc_reason", auth.arc ? auth.arc->reason : "").end_object();
}

/// Nothing where nothing was learned yet.
std::optional<double> probability_of(const Evidence& evidence) {
    if (!evidence.content || !evidence.content->opinion) return std::nullopt;
    const auto& opinion = *evidence.content->opinion;
    if (opinion.ham + opinion.spam == 0) return std::nullopt;
    return opinion.probability;
}

std::string as_json(const std::string& file, const OfflineVerdict& s) {
    JsonWriter json;
    json.begin_object().field("file", file).field("action", to_text(s.decision.action));
    json.key("score").number(s.verdict.score).field("reason", s.decision.reason);
    json.key("hits").begin_array();
    for (const auto& hit : s.verdict.hits)
        json.begin_object()
            .field("rule", hit.rule)
            .key("score")
            .number(hit.score)
            .field("detail", hit.detail)
            .end_object();
    json.end_array().key("unknown").begin_array();
    for (const auto& name : s.verdict.unknown) json.text(name);
    json.end_array().key("virus");
    s.verdict.virus.empty() ? json.null() : json.text(s.verdict.virus);
    json.key("unscanned").begin_array();
    for (const auto& reason : s.verdict.unread)
        json.text(fmt::format("{}: {}", unread_name(reason.kind), reason.detail));
    json.end_array().key("probability");
    const auto probability = probability_of(s.evidence);
    probability ? json.number(*probability) : json.null();
    write_auth(json, s.evidence.auth);
    const Analysis none;
    const Analysis& analysis = s.evidence.content ? *s.evidence.content : none;
    json.field("subject", analysis.subject).field("readings", analysis.readings);
    write_parts(json, analysis);
    return json.field("elapsed_us", s.elapsed_us).end_object().take();
}

int exit_code_of(Action action) {
    switch (action) {
        case Action::accept:
        case Action::tag: return 0;
        case Action::quarantine: return 10;
        case Action::reject:
        case Action::discard: return 11;
        case Action::defer: return 12;
    }
    return kExitSoftware;
}

void add_options(CommandLine& line, ScanOptions& out) {
    auto& envelope = out.envelope;
    line.options.add_options()                                                            //
        ("json", po::bool_switch(&out.json), "one JSON object a line")                    //
        ("ip", po::value(&out.ip)->value_name("ADDRESS"), "address of the SMTP client")   //
        ("helo", po::value(&envelope.helo)->value_name("NAME"), "its HELO or EHLO name")  //
        ("from", po::value(&envelope.mail_from)->value_name("ADDRESS"),
         "MAIL FROM; empty: the null sender")  //
        ("rcpt", po::value(&envelope.recipients)->value_name("ADDRESS"),
         "RCPT TO; may be repeated")  //
        ("auth", po::value(&envelope.auth_user)->value_name("USER"),
         "SASL login name: outbound mail")  //
        ("dns-zone", po::value(&out.dns_zone)->value_name("FILE"),
         "JSON file that answers every lookup")  //
        ("now", po::value(&envelope.received_at)->value_name("EPOCH"),
         "time of reception, seconds since 1970");
}

/// Silence about what was not tried would read as a clean result.
std::string not_tried(const Configuration& configuration, bool has_lookups) {
    std::string out;
    if (!has_lookups)
        out += "no DNS lookups: [dns] servers names none, and there is no --dns-zone\n";
    if (!configuration.clamav.enabled) out += "no virus scan: [clamav] enabled = no\n";
    return out;
}

int scan_one(const OfflineFilter& filter, const ScanOptions& options, const std::string& file,
             bool has_lookups) {
    const auto bytes = read_message(file);
    if (!bytes) return complain(bytes.error().what, kExitNoInput);
    const auto judged = filter.judge_message(as_received(*bytes), options.envelope);
    if (!judged) return complain(judged.error().what, kExitOs);
    if (options.json)
        fmt::print("{}\n", as_json(file, *judged));
    else
        fmt::print("{}: {}{}\n", printable(file),
                   explain(judged->verdict, judged->decision, judged->policy),
                   not_tried(filter.configuration(), has_lookups));
    std::fflush(stdout);
    return exit_code_of(judged->decision.action);
}

/// The zone file, else the name servers that the configuration names; without either the scan stays
/// off the network.
Result<ResolverPtr> resolver_for(const ScanOptions& options, const Configuration& configuration) {
    if (!options.dns_zone.empty()) return ZoneResolver::load(options.dns_zone);
    const auto& dns = configuration.dns;
    if (dns.servers.is_off || !dns.servers.is_explicit) return nullptr;
    auto out = DnsResolver::start({dns.servers.value, dns.timeout.value});
    if (!out) return tl::unexpected(out.error());
    return *out;
}

int run(const std::vector<std::string>& arguments) {
    ScanOptions options;
    CommandLine line("scan [OPTION...] [FILE...|-]");
    add_options(line, options);
    if (!line.parse(arguments)) return line.exit_code;
    if (line.operands.empty()) line.operands.emplace_back("-");
    if (options.envelope.received_at == 0) options.envelope.received_at = unix_time();
    if (!options.ip.empty()) {
        const auto ip = IpAddress::parse(options.ip);
        if (!ip)
            return complain(
                fmt::format("--ip: '{}' is not an IP address", printable(options.ip, 60)),
                kExitUsage);
        options.envelope.client = *ip;
    }
    const auto configuration = configuration_for(line);
    if (!configuration) return complain(configuration.error().what, kExitConfig);
    const auto resolver = resolver_for(options, **configuration);
    if (!resolver) return complain(resolver.error().what, kExitNoInput);
    const auto filter = OfflineFilter::start(*configuration, *resolver);
    if (!filter) return complain(filter.error().what, kExitConfig);
    int code = kExitOk;
    for (const auto& file : line.operands)
        code = std::max(code, scan_one(*filter, options, file, *resolver != nullptr));
    return code;
}

}  // namespace

extern const Command command_scan{"scan", "judge messages offline, by the milter's own code", run};

}  // namespace cordon
