// SPDX-License-Identifier: GPL-2.0-only
// cordon history: the verdicts of the last days. It asks the keeper.
#include <fmt/format.h>

#include <algorithm>
#include <boost/program_options/value_semantic.hpp>

#include "conf/base/text.h"
#include "quarantine/ctl/command.h"
#include "quarantine/ctl/history_view.h"
#include "quarantine/ctl/quarantine_acts.h"
#include "quarantine/ctl/quarantine_view.h"
#include "quarantine/keeper/history_messages.h"

namespace cordon {
namespace {

namespace po = boost::program_options;

constexpr std::uint32_t kPage = 500;

struct Given {
    bool json = false;
    std::string from, to, address, rule, action, since, before, erase;
    unsigned limit = 100;
};

void describe(po::options_description& options, Given& given) {
    options.add_options()                                                                 //
        ("json", po::bool_switch(&given.json), "one JSON object a line")(                 //
            "from", po::value(&given.from)->value_name("TEXT"),                           //
            "in the envelope sender or the author")(                                      //
            "to", po::value(&given.to)->value_name("TEXT"), "in a recipient")(            //
            "address", po::value(&given.address)->value_name("TEXT"), "in any of them")(  //
            "rule", po::value(&given.rule)->value_name("NAME"), "that this rule hit")(    //
            "action", po::value(&given.action)->value_name("LIST"),                       //
            "accept, tag, quarantine, reject, defer or discard")(                         //
            "since", po::value(&given.since)->value_name("TIME"), "of the last 7d, 12h …")(
            "before", po::value(&given.before)->value_name("TIME"), "older than that")(
            "limit", po::value(&given.limit)->value_name("N"),
            "at most so many, the newest first (100); 0: all")(
            "erase", po::value(&given.erase)->value_name("ADDRESS"),
            "remove every message from, by or to this address from the history");
}

Result<std::vector<Action>> actions_of(const std::string& list) {
    std::vector<Action> out;
    for (const auto& word : words(list)) {
        const auto action = parse_value<Action>(word);
        if (!action) return wrap("--action", action.error());
        out.push_back(*action);
    }
    return out;
}

Result<HistoryQuery> query_of(const Given& given, const CommandLine& line) {
    HistoryQuery out;
    out.id = line.operands.empty() ? "" : line.operands.front();
    out.sender = given.from;
    out.recipient = given.to;
    out.address = given.address;
    out.rule = given.rule;
    out.limit = kPage;
    for (const auto& [option, text, member] :
         {std::tuple{"--since", &given.since, &out.received_from},
          std::tuple{"--before", &given.before, &out.received_before}}) {
        if (text->empty()) continue;
        const auto time = time_ago(option, *text);
        if (!time) return tl::unexpected(time.error());
        *member = *time;
    }
    return out;
}

bool is_wanted(const HistoryEntry& entry, const std::vector<Action>& actions) {
    return actions.empty() || std::any_of(actions.begin(), actions.end(), [&](Action action) {
               const auto& all = entry.record.decisions;
               return std::any_of(all.begin(), all.end(),
                                  [action](const auto& d) { return d.action == action; });
           });
}

int complain_about(const Error& error) {
    return complain(error.what, is_no_answer(error) ? kExitUnavailable : kExitNoInput);
}

/// Prints pages until `limit` messages were shown; how many were, or the error.
Result<unsigned> print(const std::string& keeper, HistoryQuery query, const Given& given,
                       const std::vector<Action>& actions) {
    const bool is_one = !query.id.empty();
    const auto columns = terminal_columns();
    unsigned shown = 0;
    do {
        const auto page = find_history(keeper, query);
        if (!page) return tl::unexpected(page.error());
        for (const auto& entry : page->entries) {
            if (!is_wanted(entry, actions)) continue;
            if (shown == 0 && !given.json && !is_one) fmt::print("{}\n", history_head(columns));
            fmt::print("{}\n", given.json ? history_json(entry)
                               : is_one   ? history_text(entry)
                                          : history_line(entry, columns));
            if (++shown == given.limit) return shown;
        }
        query.before = page->next;
    } while (query.before != 0);
    return shown;
}

int erase(const std::string& keeper, const std::string& address) {
    const auto done = ask_keeper(keeper, EraseHistoryRequest{address, who_calls()}, -1,
                                 Deadline::in(Milliseconds(600'000)));
    if (!done) return complain_about(done.error());
    fmt::print("{} messages erased from the history\n", done->messages);
    return kExitOk;
}

int run(const std::vector<std::string>& arguments) {
    Given given;
    CommandLine line("history [ID] [OPTION...]");
    describe(line.options, given);
    if (!line.parse(arguments)) return line.exit_code;
    if (line.operands.size() > 1) return complain("usage: cordon " + line.usage, kExitUsage);
    const auto query = query_of(given, line);
    if (!query) return complain(query.error().what, kExitUsage);
    const auto actions = actions_of(given.action);
    if (!actions) return complain(actions.error().what, kExitUsage);
    const auto configuration = configuration_for(line);
    if (!configuration) return complain(configuration.error().what, kExitConfig);
    const auto keeper = (*configuration)->socket_path("keeper");
    if (!given.erase.empty()) return erase(keeper, given.erase);
    const auto shown = print(keeper, *query, given, *actions);
    if (!shown) return complain_about(shown.error());
    if (*shown == 0 && !query->id.empty())
        return complain(fmt::format("the history has no message '{}'", printable(query->id, 80)),
                        kExitNoInput);
    return kExitOk;
}

}  // namespace

extern const Command command_history{"history", "the verdicts of the last days, and why", run};

}  // namespace cordon
