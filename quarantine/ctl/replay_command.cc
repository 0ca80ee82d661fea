// SPDX-License-Identifier: GPL-2.0-only
// cordon replay: what another configuration would have decided on the mail of the last days.
#include <fmt/format.h>
#include <unistd.h>

#include <boost/program_options/value_semantic.hpp>

#include "quarantine/ctl/command.h"
#include "quarantine/ctl/quarantine_acts.h"
#include "quarantine/ctl/quarantine_view.h"
#include "quarantine/ctl/replay.h"
#include "quarantine/keeper/history_messages.h"
#include "scoring/scanner/launch.h"

namespace cordon {
namespace {

namespace po = boost::program_options;

constexpr int kExitChanges = 1;
constexpr std::uint32_t kPage = 2000;

void show_progress(std::uint64_t messages) {
    if (::isatty(STDERR_FILENO) != 0) fmt::print(stderr, "\r{} messages", messages);
}

void end_progress() {
    if (::isatty(STDERR_FILENO) != 0) fmt::print(stderr, "\r\033[K");
}

/// Prints each change as it is found; the summary comes last.
Result<ReplaySummary> replay_all(const std::string& keeper, HistoryQuery query,
                                 const Snapshot& snapshot, bool json) {
    ReplaySummary summary;
    const auto columns = terminal_columns();
    do {
        const auto page = find_history(keeper, query);
        if (!page) return tl::unexpected(page.error());
        for (const auto& entry : page->entries) {
            const auto changes = replay(entry.record, snapshot);
            if (summary.changed == 0 && !changes.empty() && !json) {
                end_progress();
                fmt::print("{}\n", replay_head(columns));
            }
            summary.add(entry, changes);
            for (const auto& change : changes)
                fmt::print("{}\n",
                           json ? replay_json(entry, change) : replay_line(entry, change, columns));
        }
        show_progress(summary.messages);
        query.before = page->next;
    } while (query.before != 0);
    end_progress();
    return summary;
}

int run(const std::vector<std::string>& arguments) {
    bool json = false;
    std::string since = "7d";
    std::string keeper;
    CommandLine line("replay --config NEW [--since 7d] [--json] [--keeper SOCKET]");
    line.options.add_options()("json", po::bool_switch(&json),
                               "one JSON object a change, then one with the sums")(
        "since", po::value(&since)->value_name("TIME"), "mail of the last 7d, 12h …")(
        "keeper", po::value(&keeper)->value_name("SOCKET"),
        "the socket of the keeper, where NEW has another run-directory");
    if (!line.parse(arguments)) return line.exit_code;
    if (!line.operands.empty()) return complain("usage: cordon " + line.usage, kExitUsage);
    HistoryQuery query;
    query.limit = kPage;
    const auto time = time_ago("--since", since);
    if (!time) return complain(time.error().what, kExitUsage);
    query.received_from = *time;
    const auto configuration = configuration_for(line);
    if (!configuration) return complain(configuration.error().what, kExitConfig);
    auto catalogue = read_catalogue(**configuration);
    if (!catalogue) return complain(catalogue.error().what, kExitConfig);
    const auto snapshot = make_snapshot(*configuration, std::move(*catalogue));
    if (!snapshot) return complain(snapshot.error().what, kExitConfig);
    const auto summary = replay_all(
        keeper.empty() ? (*configuration)->socket_path("keeper") : keeper, query, **snapshot, json);
    if (!summary)
        return complain(summary.error().what,
                        is_no_answer(summary.error()) ? kExitUnavailable : kExitNoInput);
    fmt::print("{}", json ? summary_json(*summary) + "\n" : summary_text(*summary));
    return summary->changed == 0 ? kExitOk : kExitChanges;
}

}  // namespace

extern const Command command_replay{
    "replay", "what another configuration would have decided on the mail of the last days", run};

}  // namespace cordon
