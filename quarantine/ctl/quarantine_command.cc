// SPDX-License-Identifier: GPL-2.0-only
// cordon quarantine: what is held, and what shall become of it. It asks the keeper; only list, show
// and verify also work without it, from the vault.
#include <fmt/format.h>

#include "quarantine/ctl/quarantine_acts.h"
#include "quarantine/ctl/quarantine_digest.h"
#include "quarantine/ctl/quarantine_probe.h"

namespace cordon {
namespace {

namespace po = boost::program_options;

void describe(po::options_description& options, QuarantineOptionsGiven& given) {
    options.add_options()  //
        ("json", po::bool_switch(&given.json), "list, show, audit: one JSON object a line")(
            "original", po::bool_switch(&given.original),
            "show: the exact bytes of the message, nothing else")(
            "state", po::value(&given.state)->value_name("LIST"),
            "list: held, sending, sent, filed, spam, failed or gone")(
            "from", po::value(&given.from)->value_name("TEXT"), "list: in the sender")(
            "to", po::value(&given.to)->value_name("TEXT"),
            "list: in a recipient; release: another address instead of the recipients")(
            "subject", po::value(&given.subject)->value_name("TEXT"), "list: in the subject")(
            "since", po::value(&given.since)->value_name("TIME"), "list: of the last 7d, 12h …")(
            "before", po::value(&given.before)->value_name("TIME"), "list: older than that")(
            "for", po::value(&given.only)->value_name("ADDRESS"),
            "release: only for this recipient; may be repeated")(
            "allow-sender", po::bool_switch(&given.allow_sender),
            "release: allow its author, where proven, for allow-time")(
            "allow-virus", po::bool_switch(&given.allow_virus),
            "release: although it contains a virus")("no-wait", po::bool_switch(&given.no_wait),
                                                     "release: don't wait for the reply")(
            "directory", po::value(&given.directory)->value_name("DIR"),
            "export: where ID.eml is written");
}

using OneItem = int (QuarantineAct::*)(const std::string&) const;

OneItem act_on_item(const std::string& name) {
    if (name == "show") return &QuarantineAct::show;
    if (name == "release") return &QuarantineAct::release;
    if (name == "confirm") return &QuarantineAct::confirm;
    if (name == "delete") return &QuarantineAct::remove;
    if (name == "export") return &QuarantineAct::write_original;
    return nullptr;
}

int act(QuarantineAct& what, const std::string& name, const std::vector<std::string>& ids) {
    if (name == "list" && ids.empty()) return what.list();
    if (name == "verify") return what.verify(ids);
    if (name == "audit" && ids.size() < 2) return what.audit(ids.empty() ? "" : ids.front());
    if (name == "new-key" && ids.empty()) return what.new_key();
    if (name == "probe" && ids.empty()) return probe_quarantine(what.configuration);
    if (name == "digest" && ids.size() == 1) return send_digest_to(what.configuration, ids.front());
    const auto one = act_on_item(name);
    if (one == nullptr || ids.empty()) return kExitUsage;
    int code = kExitOk;
    for (const auto& id : ids) code = std::max(code, (what.*one)(id));
    return code;
}

int run(const std::vector<std::string>& arguments) {
    QuarantineOptionsGiven given;
    CommandLine line(
        "quarantine list|show|release|confirm|delete|export|verify|audit|new-key|probe|digest "
        "[ID...|ADDRESS] [OPTION...]");
    describe(line.options, given);
    if (!line.parse(arguments)) return line.exit_code;
    if (line.operands.empty()) return complain("usage: cordon " + line.usage, kExitUsage);
    const std::string name = line.operands.front();
    if (name == "release") given.redirect.swap(given.to);
    const auto configuration = configuration_for(line);
    if (!configuration) return complain(configuration.error().what, kExitConfig);
    QuarantineAct what{**configuration, KeeperClient((*configuration)->socket_path("keeper")),
                       given, who_calls()};
    const int code = act(what, name, {line.operands.begin() + 1, line.operands.end()});
    return code == kExitUsage ? complain("usage: cordon " + line.usage, kExitUsage) : code;
}

}  // namespace

extern const Command command_quarantine{
    "quarantine", "list, show, release, confirm and delete held messages", run};

}  // namespace cordon
