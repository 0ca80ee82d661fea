// SPDX-License-Identifier: GPL-2.0-only
// cordon doctor: is Cordon wired to the MTA as it must be, and is what it stands on in order?
#include <fmt/format.h>
#include <unistd.h>

#include <boost/program_options/value_semantic.hpp>

#include "conf/base/json.h"
#include "conf/base/text.h"
#include "quarantine/ctl/command.h"
#include "quarantine/doctor/checks.h"
#include "scoring/gather/examination.h"
#include "scoring/lookups/dns_resolver.h"
#include "scoring/scanner/launch.h"

namespace cordon {
namespace {

namespace po = boost::program_options;

constexpr Milliseconds kProbeTime(10'000);

struct Options {
    std::string postfix = "/etc/postfix";
    std::string sendmail = "/etc/mail/sendmail.cf";
    bool as_json = false;
    bool is_quiet = false;
};

bool exists(const std::string& path) {
    return ::access(path.c_str(), F_OK) == 0;
}

void check_mta(const Configuration& c, const Options& options, Findings& out) {
    bool found = false;
    if (exists(options.postfix + "/main.cf")) {
        found = true;
        const auto postfix = PostfixConfig::read(options.postfix);
        if (!postfix) {
            out.push_back({Health::error, "postfix", postfix.error().what, ""});
        } else {
            check_postfix(c, *postfix, out);
            check_release(c, *postfix, out);
            check_socket(c, postfix->value("mail_owner", "postfix"), out);
        }
    }
    if (exists(options.sendmail)) {
        found = true;
        const auto sendmail = SendmailConfig::read(options.sendmail);
        if (!sendmail) {
            out.push_back({Health::error, "sendmail", sendmail.error().what, ""});
        } else {
            check_sendmail(c, *sendmail, out);
            check_sendmail_release(c, *sendmail, out);
        }
    }
    if (!found)
        out.push_back({Health::unknown, "mta",
                       fmt::format("neither {}/main.cf nor {}", options.postfix, options.sendmail),
                       "cordon doctor --postfix DIR, or --sendmail FILE"});
}

/// Asks the running workers to scan a known sample, as cordond does before it lets mail in.
void check_workers(const SnapshotPtr& snapshot, Findings& out) {
    const auto probed = probe_pools(snapshot->pools, Deadline::in(kProbeTime));
    if (probed)
        out.push_back({Health::good, "workers", "answer", ""});
    else
        out.push_back(
            {Health::error, "workers", probed.error().what,
             "journalctl -u 'cordon*' says why; run this as root or as the user of Cordon"});
}

void check_sandbox(const Configuration& c, Findings& out) {
    const auto layers = read_layers(c);
    if (layers)
        check_layers(*layers, out);
    else
        out.push_back({Health::unknown, "sandbox", layers.error().what, "run this as root"});
}

void check_names(const Configuration& c, Findings& out) {
    ResolverPtr resolver;
    if (!c.dns.servers.is_off) {
        auto started = DnsResolver::start({c.dns.servers.value, c.dns.timeout.value});
        if (!started) {
            out.push_back(
                {Health::error, "dns", started.error().what, "[dns] servers = 127.0.0.1"});
            return;
        }
        resolver = std::move(*started);
    }
    check_lookups(c, resolver, Deadline::in(2 * c.dns.timeout.value), out);
}

void check_configuration(const ConfigurationPtr& c, Findings& out) {
    auto catalogue = read_catalogue(*c);
    auto snapshot = catalogue ? make_snapshot(c, std::move(*catalogue))
                              : Result<SnapshotPtr>(tl::unexpected(catalogue.error()));
    if (!snapshot) {
        out.push_back(
            {Health::error, "configuration", snapshot.error().what, "cordon config check"});
        return;
    }
    out.push_back({Health::good, "configuration", "is in order", ""});
    if (c->quarantine.mailbox.empty())
        out.push_back({Health::note, "quarantine", "no mailbox: what would be held is tagged",
                       "[quarantine] mailbox = quarantine@example.org"});
    if (c->milter.mode != Mode::enforce)
        out.push_back(
            {Health::note, "mode", to_text(c->milter.mode) + ": not all is enforced", ""});
    check_workers(*snapshot, out);
}

void print(const Findings& findings, const Options& options) {
    for (const auto& f : findings) {
        if (options.is_quiet && f.health == Health::good) continue;
        if (options.as_json) {
            JsonWriter json;
            json.begin_object().field("health", lower(health_name(f.health)));
            json.field("subject", f.subject).field("what", f.what);
            fmt::print("{}\n", json.field("remedy", f.remedy).end_object().take());
            continue;
        }
        fmt::print("{:<8} {}: {}\n", health_name(f.health), f.subject, printable(f.what));
        if (!f.remedy.empty()) fmt::print("         -> {}\n", printable(f.remedy));
    }
}

int run(const std::vector<std::string>& arguments) {
    CommandLine line("doctor [--json] [--quiet] [--postfix DIR] [--sendmail FILE] [--config FILE]");
    Options options;
    line.options.add_options()("json", po::bool_switch(&options.as_json), "one object a line")(
        "quiet", po::bool_switch(&options.is_quiet), "leave out what is in order")(
        "postfix", po::value(&options.postfix)->value_name("DIR"), "folder of main.cf")(
        "sendmail", po::value(&options.sendmail)->value_name("FILE"), "its sendmail.cf");
    if (!line.parse(arguments)) return line.exit_code;
    if (!line.operands.empty()) return complain("usage: cordon " + line.usage, kExitUsage);
    const auto configuration = configuration_for(line);
    Findings findings;
    if (!configuration) {
        findings.push_back(
            {Health::error, "configuration", configuration.error().what, "cordon config check"});
    } else {
        const auto& c = **configuration;
        check_configuration(*configuration, findings);
        check_host(c, unix_time(), findings);
        check_signatures(c, unix_time(), findings);
        check_keeping(c, findings);
        check_review(c, unix_time(), findings);
        check_sandbox(c, findings);
        check_names(c, findings);
        check_mta(c, options, findings);
    }
    print(findings, options);
    return exit_code_of(findings);
}

}  // namespace

extern const Command command_doctor{"doctor",
                                    "check the wiring to the MTA, and what Cordon stands on", run};

}  // namespace cordon
