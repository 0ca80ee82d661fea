// SPDX-License-Identifier: GPL-2.0-only
// cordon learn: teaches the classifier. Content workers read the messages; the keeper, or this
// command where none runs, writes what was learned.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>

#include "conf/base/text.h"
#include "conf/store_url.h"
#include "quarantine/ctl/command.h"
#include "quarantine/ctl/offline.h"
#include "quarantine/keeper/learn_messages.h"
#include "scoring/store/learning_store.h"

namespace cordon {
namespace {

namespace po = boost::program_options;

constexpr std::size_t kBatch = 50;
constexpr std::size_t kMaxFileBytes = 1U << 30U;
constexpr Milliseconds kKeeperTime{60'000};

/// The keeper, or the store itself where no keeper answers.
class Teacher {
 public:
    explicit Teacher(const Configuration& configuration) : configuration_(configuration) {}

    Result<LearnAnswer> teach(std::vector<LearnEvent> events) {
        if (!store_) {
            LearnRequest request;
            request.events = events;
            auto answer = ask_keeper(configuration_.socket_path("keeper"), request, -1,
                                     Deadline::in(kKeeperTime));
            if (answer || !is_no_answer(answer.error())) return answer;
            if (auto opened = open_store(); !opened) return tl::unexpected(opened.error());
        }
        auto outcomes = store_->learn(events);
        if (!outcomes) return tl::unexpected(outcomes.error());
        return answer(std::move(*outcomes));
    }

    Result<LearnAnswer> rebuild() {
        auto asked = ask_keeper(configuration_.socket_path("keeper"), RebuildRequest{}, -1,
                                Deadline::in(kKeeperTime));
        if (asked || !is_no_answer(asked.error())) return asked;
        if (auto opened = open_store(); !opened) return tl::unexpected(opened.error());
        if (auto done = store_->rebuild(); !done) return tl::unexpected(done.error());
        return answer({});
    }

 private:
    Result<void> open_store() {
        auto store = LearningStore::open(configuration_.learning_directory(), "");
        if (!store) return tl::unexpected(store.error());
        const auto url = parse_store_url(configuration_.learning.store);
        if (url && url->is_shared())
            if (auto done = (*store)->share(); !done) return done;
        store_ = std::move(*store);
        return {};
    }
    LearnAnswer answer(std::vector<LearnOutcome> outcomes) const {
        const auto counts = store_->counts();
        return {std::move(outcomes), counts.ham, counts.spam};
    }

    const Configuration& configuration_;
    std::unique_ptr<LearningStore> store_;
};

/// Files as they are; of folders (also maildirs) all files in them.
Result<std::vector<std::string>> files_of(const std::vector<std::string>& operands) {
    namespace fs = std::filesystem;
    std::vector<std::string> out;
    for (const auto& operand : operands) {
        std::error_code error;
        if (operand == "-" || !fs::is_directory(operand, error)) {
            out.push_back(operand);
            continue;
        }
        const auto begin = out.size();
        for (fs::recursive_directory_iterator it(operand, error), end; !error && it != end;
             it.increment(error))
            if (it->is_regular_file(error)) out.push_back(it->path());
        if (error) return fail(operand + ": " + error.message());
        std::sort(out.begin() + static_cast<std::ptrdiff_t>(begin), out.end());
    }
    return out;
}

struct Tally {
    std::array<std::size_t, count_of(LearnOutcome{})> outcomes{};
    std::size_t failed = 0;
    LearnAnswer last;

    void add(LearnAnswer answer) {
        for (const auto outcome : answer.outcomes) ++outcomes.at(static_cast<std::size_t>(outcome));
        last = std::move(answer);
    }
    std::size_t of(LearnOutcome outcome) const {
        return outcomes.at(static_cast<std::size_t>(outcome));
    }
};

Result<LearnEvent> event_of(const OfflineFilter& filter, const std::string& file, bool is_spam) {
    auto bytes =
        file == "-" ? read_all(STDIN_FILENO, kMaxFileBytes) : read_file(file, kMaxFileBytes);
    if (!bytes) return tl::unexpected(bytes.error());
    if (trim(*bytes).empty()) return fail(file + ": empty");
    const auto found = filter.features_of(as_received(*bytes), {});
    if (!found) return wrap(file, found.error());
    return LearnEvent{found->identity, is_spam, LabelOrigin::person, found->features, unix_time()};
}

void show_progress(std::size_t done, std::size_t all) {
    if (::isatty(STDERR_FILENO) != 0) fmt::print(stderr, "\r{} of {} messages", done, all);
}

/// What can't be read is told and passed over; what can't be learned ends it.
Result<Tally> learn_all(const OfflineFilter& filter, const std::vector<std::string>& files,
                        bool is_spam) {
    Tally out;
    Teacher teacher(filter.configuration());
    std::vector<LearnEvent> batch;
    for (std::size_t i = 0; i < files.size(); ++i) {
        auto event = event_of(filter, files[i], is_spam);
        if (event)
            batch.push_back(std::move(*event));
        else
            out.failed += complain(event.error().what, 1) != 0 ? 1U : 0U;
        const bool is_due = batch.size() >= kBatch || i + 1 == files.size();
        if (!is_due || batch.empty()) continue;
        auto answer = teacher.teach(std::exchange(batch, {}));
        if (!answer) return tl::unexpected(answer.error());
        out.add(std::move(*answer));
        show_progress(i + 1, files.size());
    }
    if (::isatty(STDERR_FILENO) != 0) fmt::print(stderr, "\r{:40}\r", "");
    return out;
}

/// Virus scanners are none of its business.
Result<OfflineFilter> readers(const ConfigurationPtr& configuration) {
    auto plain = std::make_shared<Configuration>(*configuration);
    plain->clamav.enabled = false;
    return OfflineFilter::start(std::move(plain), UniqueFd());
}

int rebuild(const Configuration& configuration) {
    const auto done = Teacher(configuration).rebuild();
    if (!done) return complain(done.error().what, kExitOs);
    fmt::print("rebuilt from {} ham and {} spam\n", done->ham, done->spam);
    return kExitOk;
}

int run(const std::vector<std::string>& arguments) {
    bool is_rebuild = false;
    CommandLine line("learn spam|ham FILE...|DIRECTORY...|-\n       cordon learn --rebuild");
    line.options.add_options()("rebuild", po::bool_switch(&is_rebuild),
                               "build the classifier's table anew from the log of events");
    if (!line.parse(arguments)) return line.exit_code;
    const auto configuration = configuration_for(line);
    if (!configuration) return complain(configuration.error().what, kExitConfig);
    if (is_rebuild) return rebuild(**configuration);
    const bool has_label =
        !line.operands.empty() && (line.operands[0] == "spam" || line.operands[0] == "ham");
    if (!has_label || line.operands.size() < 2)
        return complain("usage: cordon " + line.usage, kExitUsage);
    const auto files = files_of({line.operands.begin() + 1, line.operands.end()});
    if (!files) return complain(files.error().what, kExitNoInput);
    const auto filter = readers(*configuration);
    if (!filter) return complain(filter.error().what, kExitConfig);
    const auto tally = learn_all(*filter, *files, line.operands[0] == "spam");
    if (!tally) return complain("nothing more was learned: " + tally.error().what, kExitOs);
    fmt::print("{} learned, {} corrected, {} known already, {} not read; in all {} ham, {} spam\n",
               tally->of(LearnOutcome::learned), tally->of(LearnOutcome::corrected),
               tally->of(LearnOutcome::known), tally->failed, tally->last.ham, tally->last.spam);
    return tally->failed == 0 ? kExitOk : kExitNoInput;
}

}  // namespace

extern const Command command_learn{"learn", "teach the classifier spam and ham", run};

}  // namespace cordon
