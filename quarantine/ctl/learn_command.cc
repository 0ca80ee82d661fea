// SPDX-License-Identifier: GPL-2.0-only
// cordon learn: teaches the classifier. Content workers read the messages; the keeper, or this
// command where none runs, writes what was learned.
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include "conf/base/network_stream.h"
#include "conf/base/text.h"
#include "conf/store_url.h"
#include "quarantine/ctl/command.h"
#include "quarantine/ctl/learn_source.h"
#include "quarantine/ctl/offline.h"
#include "quarantine/keeper/learn_messages.h"
#include "scoring/store/learning_store.h"

namespace cordon {
namespace {

namespace po = boost::program_options;

constexpr std::size_t kBatch = 50;
constexpr Milliseconds kKeeperTime{60'000};

/// While it lives, root works as the account that a folder belongs to.
class AsOwnerOf {
 public:
    explicit AsOwnerOf(const std::string& folder) {
        struct stat info {};
        is_other_ = ::geteuid() == 0 && ::stat(folder.c_str(), &info) == 0 &&
                    ::setegid(info.st_gid) == 0 && ::seteuid(info.st_uid) == 0;
    }
    AsOwnerOf(const AsOwnerOf&) = delete;
    AsOwnerOf& operator=(const AsOwnerOf&) = delete;
    ~AsOwnerOf() {
        if (is_other_ && (::seteuid(0) != 0 || ::setegid(0) != 0)) std::abort();
    }

 private:
    bool is_other_ = false;
};

/// The keeper, or the store itself where no keeper answers: as the account of the state directory,
/// so that a keeper which starts later can go on with what was written.
class Teacher {
 public:
    explicit Teacher(const Configuration& configuration) : configuration_(configuration) {}
    Teacher(const Teacher&) = delete;
    Teacher& operator=(const Teacher&) = delete;
    ~Teacher() {
        const AsOwnerOf owner(configuration_.cordon.state_directory);
        store_.reset();
    }

    Result<LearnAnswer> teach(std::vector<LearnEvent> events) {
        if (!store_) {
            LearnRequest request;
            request.events = events;
            auto answer = ask_keeper(configuration_.socket_path("keeper"), request, -1,
                                     Deadline::in(kKeeperTime));
            if (answer || !is_no_answer(answer.error())) return answer;
            if (auto opened = open_store(); !opened) return tl::unexpected(opened.error());
        }
        const AsOwnerOf owner(configuration_.cordon.state_directory);
        auto outcomes = store_->learn(events);
        if (!outcomes) return tl::unexpected(outcomes.error());
        return answer(std::move(*outcomes));
    }

    Result<LearnAnswer> rebuild() {
        if (!store_) {
            auto asked = ask_keeper(configuration_.socket_path("keeper"), RebuildRequest{}, -1,
                                    Deadline::in(kKeeperTime));
            if (asked || !is_no_answer(asked.error())) return asked;
            if (auto opened = open_store(); !opened) return tl::unexpected(opened.error());
        }
        const AsOwnerOf owner(configuration_.cordon.state_directory);
        if (auto done = store_->rebuild(); !done) return tl::unexpected(done.error());
        return answer({});
    }

 private:
    Result<void> open_store() {
        const AsOwnerOf owner(configuration_.cordon.state_directory);
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

struct Tally {
    std::array<std::size_t, count_of(LearnOutcome{})> outcomes{};
    std::size_t failed = 0;
    std::optional<LearnAnswer> last;  // unset while there was nothing to ask for

    void add(LearnAnswer answer) {
        for (const auto outcome : answer.outcomes) ++outcomes.at(static_cast<std::size_t>(outcome));
        last = std::move(answer);
    }
    std::size_t of(LearnOutcome outcome) const {
        return outcomes.at(static_cast<std::size_t>(outcome));
    }
};

Result<LearnEvent> event_of(const OfflineFilter& filter, const LearnSource& source, std::size_t i,
                            bool is_spam) {
    auto bytes = source.read(i);
    if (!bytes) return tl::unexpected(bytes.error());
    if (trim(*bytes).empty()) return fail(source.name(i) + ": empty");
    const auto found = filter.features_of(as_received(*bytes), {});
    if (!found) return wrap(source.name(i), found.error());
    return LearnEvent{found->identity, is_spam, LabelOrigin::person, found->features, unix_time()};
}

void show_progress(std::size_t done, std::size_t all) {
    if (::isatty(STDERR_FILENO) != 0) fmt::print(stderr, "\r{} of {} messages", done, all);
}

/// A good part of all that is known.
bool is_first_training(const Tally& tally) {
    constexpr std::uint64_t kMany = 100;
    constexpr std::uint64_t kShare = 4;
    const auto learned = tally.of(LearnOutcome::learned);
    return learned >= kMany && learned * kShare >= tally.last->ham + tally.last->spam;
}

/// What can't be read is told and passed over; what can't be learned ends it. A batch is durable
/// once it is answered: interrupted and repeated, what was learned is known.
Result<Tally> learn_all(const OfflineFilter& filter, const LearnSource& source, bool is_spam) {
    Tally out;
    Teacher teacher(filter.configuration());
    std::vector<LearnEvent> batch;
    for (std::size_t i = 0; i < source.size; ++i) {
        auto event = event_of(filter, source, i, is_spam);
        if (event)
            batch.push_back(std::move(*event));
        else
            out.failed += complain(event.error().what, 1) != 0 ? 1U : 0U;
        const bool is_last = i + 1 == source.size || source.is_lost();
        if (batch.size() >= kBatch || (is_last && !batch.empty())) {
            auto answer = teacher.teach(std::exchange(batch, {}));
            if (!answer) return tl::unexpected(answer.error());
            out.add(std::move(*answer));
        }
        if (batch.empty()) show_progress(i + 1, source.size);
        if (source.is_lost()) return fail("the mailbox closed the connection; try again");
    }
    if (::isatty(STDERR_FILENO) != 0) fmt::print(stderr, "\r{:40}\r", "");
    // Folder after folder is a poor order: what was learned for the first time is gone through
    // again. A host whose table another one trains leaves it to that one.
    if (is_first_training(out)) static_cast<void>(teacher.rebuild());
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

void add_options(CommandLine& line, bool& is_rebuild, std::vector<std::string>& folders,
                 MailboxLogin& login) {
    line.options.add_options()                     //
        ("rebuild", po::bool_switch(&is_rebuild),  //
         "build the classifier's table anew from the log of events")(
            "from-imap", po::value(&folders)->value_name("FOLDER"),
            "learn a folder of a mailbox; may be repeated")(
            "imap-url", po::value(&login.url)->value_name("URL"), "imaps://HOST or imap://HOST")(
            "imap-user", po::value(&login.user)->value_name("USER"), "who logs in there")(
            "imap-password-file", po::value(&login.password_file)->value_name("FILE"),
            "file with the password")("imap-ca-file", po::value(&login.ca_file)->value_name("FILE"),
                                      "authorities to trust instead of the system's")(
            "imap-plaintext", po::bool_switch(&login.may_be_plain), "without TLS, if need be");
}

int learn(const ConfigurationPtr& configuration, const LearnSource& source, bool is_spam) {
    const auto filter = readers(configuration);
    if (!filter) return complain(filter.error().what, kExitConfig);
    const auto tally = learn_all(*filter, source, is_spam);
    if (!tally) return complain("nothing more was learned: " + tally.error().what, kExitOs);
    fmt::print("{} learned, {} corrected, {} known already, {} not read",
               tally->of(LearnOutcome::learned), tally->of(LearnOutcome::corrected),
               tally->of(LearnOutcome::known), tally->failed);
    if (tally->last) fmt::print("; in all {} ham, {} spam", tally->last->ham, tally->last->spam);
    fmt::print("\n");
    return tally->failed == 0 ? kExitOk : kExitNoInput;
}

int run(const std::vector<std::string>& arguments) {
    bool is_rebuild = false;
    std::vector<std::string> folders;
    MailboxLogin login;
    CommandLine line(
        "learn spam|ham FILE...|DIRECTORY...|-\n       cordon learn spam|ham --from-imap FOLDER... "
        "--imap-url URL --imap-user USER --imap-password-file FILE\n       cordon learn --rebuild");
    add_options(line, is_rebuild, folders, login);
    if (!line.parse(arguments)) return line.exit_code;
    const auto configuration = configuration_for(line);
    if (!configuration) return complain(configuration.error().what, kExitConfig);
    if (is_rebuild) return rebuild(**configuration);
    const bool has_label =
        !line.operands.empty() && (line.operands[0] == "spam" || line.operands[0] == "ham");
    const bool has_files = line.operands.size() > 1;
    if (!has_label || has_files != folders.empty())
        return complain("usage: cordon " + line.usage, kExitUsage);
    ::signal(SIGPIPE, SIG_IGN);
    bound_name_lookups();
    const auto source = has_files ? files_source({line.operands.begin() + 1, line.operands.end()})
                                  : mailbox_source(login, folders);
    if (!source) return complain(source.error().what, kExitNoInput);
    return learn(*configuration, *source, line.operands[0] == "spam");
}

}  // namespace

extern const Command command_learn{"learn", "teach the classifier spam and ham", run};

}  // namespace cordon
