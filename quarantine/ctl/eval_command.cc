// SPDX-License-Identifier: GPL-2.0-only
// cordon eval: how good and how fast is the filter on labelled mail?
#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <thread>

#include "conf/base/guarded.h"
#include "conf/base/json.h"
#include "quarantine/ctl/command.h"
#include "quarantine/ctl/evaluation.h"

namespace cordon {
namespace {

namespace po = boost::program_options;

constexpr std::size_t kMaxFileBytes = 1U << 30U;

struct EvalOptions {
    std::string learn = "none";
    std::string strip_headers;
    std::string scores;
    unsigned threads = 1;
    bool json = false;
};

class Evaluation {
 public:
    Evaluation(const OfflineFilter& filter, const HeaderFilter& headers, std::string folder,
               const std::vector<LabelledMail>& mail)
        : filter_(filter),
          headers_(headers),
          folder_(std::move(folder)),
          mail_(mail),
          scores_(mail.size()) {}

    /// The first message that could not be read or judged ends it.
    Result<void> run(unsigned threads);
    const std::vector<double>& scores() const { return scores_; }

 private:
    Result<double> score(const LabelledMail& mail) const;
    void work();
    void show_progress() const;

    const OfflineFilter& filter_;
    const HeaderFilter& headers_;
    std::string folder_;
    const std::vector<LabelledMail>& mail_;
    std::vector<double> scores_;
    std::atomic<std::size_t> next_ = 0;
    Guarded<std::string> error_;
};

Result<double> Evaluation::score(const LabelledMail& mail) const {
    const std::string path = mail.path.starts_with('/') ? mail.path : folder_ + mail.path;
    const auto bytes = read_file(path, kMaxFileBytes);
    if (!bytes) return tl::unexpected(bytes.error());
    const auto judged =
        filter_.judge_message(headers_.without_matching(as_received(*bytes)), mail.envelope);
    if (!judged) return wrap(path, judged.error());
    if (!judged->evidence.content) return fail(path + ": no analysis: " + judged->decision.reason);
    return judged->verdict.score;
}

void Evaluation::show_progress() const {
    const std::size_t done = std::min(next_.load(), mail_.size());
    if (::isatty(STDERR_FILENO) != 0) fmt::print(stderr, "\r{} of {} messages", done, mail_.size());
}

void Evaluation::work() {
    for (std::size_t i = 0; (i = next_++) < mail_.size();) {
        auto scored = score(mail_[i]);
        if (!scored) {
            error_.with([&](std::string& error) { error = scored.error().what; });
            next_ = mail_.size();
            return;
        }
        scores_[i] = *scored;
        if (i % 100 == 0) show_progress();
    }
}

Result<void> Evaluation::run(unsigned threads) {
    {
        std::vector<std::jthread> workers;
        for (unsigned i = 0; i < threads; ++i) workers.emplace_back([this] { work(); });
    }
    if (::isatty(STDERR_FILENO) != 0) fmt::print(stderr, "\r{:40}\r", "");
    const std::string error = error_.with([](const std::string& e) { return e; });
    if (!error.empty()) return fail(error);
    return {};
}

Result<void> write_scores(const std::string& path, const std::vector<LabelledMail>& mail,
                          const std::vector<double>& scores) {
    std::string out = "path\tlabel\tscore\tprobability\n";
    for (std::size_t i = 0; i < mail.size(); ++i)
        out += fmt::format("{}\t{}\t{}\t\n", mail[i].path, mail[i].is_spam ? "spam" : "ham",
                           scores[i]);
    return replace_file(path, out, 0644);
}

void print_figures(const Figures& f, double per_second, double cpu_us, bool json) {
    if (!json) {
        fmt::print("messages            {} ham, {} spam\nham misclassified   {:.3f} %\n", f.ham,
                   f.spam, f.ham_misclassified);
        fmt::print("spam misclassified  {:.3f} %\n1-ROCA              {:.4f} %\n",
                   f.spam_misclassified, f.one_minus_roca);
        fmt::print("LAM                 {:.3f} %\nspeed               {:.0f} messages/s\n", f.lam,
                   per_second);
        fmt::print("CPU                 {:.0f} us/message\n", cpu_us);
        return;
    }
    JsonWriter out;
    out.begin_object()
        .field("ham", static_cast<std::int64_t>(f.ham))
        .field("spam", static_cast<std::int64_t>(f.spam));
    out.key("ham_misclassified")
        .number(f.ham_misclassified)
        .key("spam_misclassified")
        .number(f.spam_misclassified);
    out.key("one_minus_roca").number(f.one_minus_roca).key("lam").number(f.lam);
    out.key("messages_per_second").number(per_second).key("cpu_us").number(cpu_us).end_object();
    fmt::print("{}\n", out.take());
}

int evaluate(const OfflineFilter& filter, const EvalOptions& options, const std::string& index) {
    const auto mail = read_index(index);
    if (!mail) return complain(mail.error().what, kExitNoInput);
    HeaderFilter headers;
    if (!options.strip_headers.empty()) {
        auto read = HeaderFilter::read(options.strip_headers);
        if (!read) return complain(read.error().what, kExitNoInput);
        headers = std::move(*read);
    }
    const auto slash = index.rfind('/');
    Evaluation evaluation(filter, headers,
                          slash == std::string::npos ? "" : index.substr(0, slash + 1), *mail);
    const auto begin = Steady::now();
    const auto cpu_before = filter.cpu_us();
    if (const auto done = evaluation.run(options.threads); !done)
        return complain(done.error().what, kExitNoInput);
    const std::chrono::duration<double> seconds = Steady::now() - begin;
    const auto count = static_cast<double>(std::max<std::size_t>(mail->size(), 1));
    const double cpu = static_cast<double>(filter.cpu_us() - cpu_before) / count;
    std::vector<Scored> scored;
    for (std::size_t i = 0; i < mail->size(); ++i)
        scored.push_back({(*mail)[i].is_spam, evaluation.scores()[i]});
    const double threshold = filter.configuration().policy.site.quarantine.value;
    print_figures(figures_of(std::move(scored), threshold), count / seconds.count(), cpu,
                  options.json);
    if (options.scores.empty()) return kExitOk;
    const auto written = write_scores(options.scores, *mail, evaluation.scores());
    return written ? kExitOk : complain(written.error().what, kExitOs);
}

int run(const std::vector<std::string>& arguments) {
    EvalOptions options;
    CommandLine line("eval INDEX [OPTION...]");
    line.options.add_options()  //
        ("learn", po::value(&options.learn)->value_name("HOW"),
         "none: this version has no classifier")  //
        ("strip-headers", po::value(&options.strip_headers)->value_name("FILE"),
         "header names to remove first")  //
        ("scores", po::value(&options.scores)->value_name("FILE"),
         "write path, label and score of each message")                                  //
        ("threads", po::value(&options.threads)->value_name("N"), "messages at a time")  //
        ("json", po::bool_switch(&options.json), "one JSON object");
    if (!line.parse(arguments)) return line.exit_code;
    if (line.operands.size() != 1) return complain("usage: cordon " + line.usage, kExitUsage);
    if (options.learn != "none")
        return complain("--learn: only 'none'; this version has no classifier", kExitUsage);
    const auto configuration = configuration_for(line);
    if (!configuration) return complain(configuration.error().what, kExitConfig);
    const auto filter = OfflineFilter::start(*configuration);
    if (!filter) return complain(filter.error().what, kExitConfig);
    options.threads = std::clamp(options.threads, 1U, (*configuration)->scanner.workers);
    return evaluate(*filter, options, line.operands.front());
}

}  // namespace

extern const Command command_eval{"eval", "figures of the filter on labelled mail", run};

}  // namespace cordon
