// SPDX-License-Identifier: GPL-2.0-only
// cordon quarantine: reads the vault. It needs permission to read that folder, and no daemon.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "conf/base/clock.h"
#include "conf/base/json.h"
#include "conf/base/mail_address.h"
#include "conf/base/text.h"
#include "quarantine/ctl/command.h"
#include "quarantine/vault/vault.h"

namespace cordon {
namespace {

namespace po = boost::program_options;

std::string recipients_of(const HeldMessage& message) {
    std::string out;
    for (const auto& recipient : message.recipients)
        out += fmt::format("{}{}", out.empty() ? "" : ",", without_brackets(recipient.path));
    return out;
}

void print_json(const HeldMessage& m) {
    JsonWriter json;
    json.begin_object().field("id", m.id).field("received", utc_timestamp(m.received_at));
    json.field("from", without_brackets(m.mail_from)).key("to").begin_array();
    for (const auto& recipient : m.recipients) json.text(without_brackets(recipient.path));
    json.end_array().field("client", m.client).field("helo", m.helo).field("qid", m.queue_id);
    json.field("score", m.score).field("rules", m.rules).field("virus", m.virus);
    json.field("reason", m.reason).field("subject", m.subject).field("header_from", m.from);
    json.field("size", static_cast<std::int64_t>(m.size)).field("sha256", m.sha256).end_object();
    fmt::print("{}\n", json.take());
}

int list(const std::string& vault, bool json) {
    std::vector<std::string> damaged;
    const auto held = list_held(vault, damaged);
    if (!held) return complain(held.error().what, kExitNoInput);
    if (!json && !held->empty())
        fmt::print("{:<18} {:<20} {:>6} {:<28} {:<28} {}\n", "ID", "RECEIVED", "SCORE", "FROM",
                   "TO", "SUBJECT");
    for (const auto& m : *held) {
        if (json) {
            print_json(m);
            continue;
        }
        fmt::print("{:<18} {:<20} {:>6} {:<28} {:<28} {}\n", m.id, utc_timestamp(m.received_at),
                   m.score, printable(without_brackets(m.mail_from), 28),
                   printable(recipients_of(m), 28), printable(m.subject, 60));
    }
    for (const auto& what : damaged) complain("damaged: " + what, kExitNoInput);
    return damaged.empty() ? kExitOk : kExitNoInput;
}

void print_message(const HeldMessage& m) {
    fmt::print("id:        {}\nreceived:  {}\nqueue id:  {}\nclient:    {} ({}) helo {}\n", m.id,
               utc_timestamp(m.received_at), printable(m.queue_id), printable(m.client),
               printable(m.client_name), printable(m.helo));
    fmt::print("mail from: {} {}\n", printable(m.mail_from), printable(m.mail_parameters));
    for (const auto& recipient : m.recipients)
        fmt::print("rcpt to:   {} {}\n", printable(recipient.path),
                   printable(recipient.parameters));
    fmt::print("reason:    {}\nsize:      {}\nsha256:    {}\n\n", printable(m.reason), m.size,
               m.sha256);
    for (const auto line : split(m.report, '\n')) fmt::print("{}\n", printable(line));
}

int show(const std::string& vault, const std::string& id, bool json, bool original) {
    const auto opened = open_held(vault, id);
    if (!opened) return complain(opened.error().what, kExitNoInput);
    if (original) {
        const auto written = write_all(STDOUT_FILENO, opened->original);
        return written ? kExitOk : complain(written.error().what, kExitOs);
    }
    json ? print_json(opened->message) : print_message(opened->message);
    return kExitOk;
}

int run(const std::vector<std::string>& arguments) {
    bool json = false;
    bool original = false;
    CommandLine line("quarantine list|show ID... [--json] [--original] [--config FILE]");
    line.options.add_options()("json", po::bool_switch(&json), "one JSON object a line")(
        "original", po::bool_switch(&original),
        "show: the exact bytes of the message, nothing else");
    if (!line.parse(arguments)) return line.exit_code;
    const auto configuration = configuration_for(line);
    if (!configuration) return complain(configuration.error().what, kExitConfig);
    const std::string vault = (*configuration)->vault_directory();
    const auto& operands = line.operands;
    if (operands.size() == 1 && operands.front() == "list") return list(vault, json);
    if (operands.size() < 2 || operands.front() != "show")
        return complain("usage: cordon " + line.usage, kExitUsage);
    int code = kExitOk;
    for (std::size_t i = 1; i < operands.size(); ++i)
        code = std::max(code, show(vault, operands[i], json, original));
    return code;
}

}  // namespace

extern const Command command_quarantine{"quarantine", "list and show held messages", run};

}  // namespace cordon
