// SPDX-License-Identifier: GPL-2.0-only
// cordon eval: how good and how fast is the filter on labelled mail?
#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <thread>

#include "conf/base/guarded.h"
#include "quarantine/ctl/command.h"
#include "quarantine/ctl/eval_report.h"

namespace cordon {
namespace {

namespace po = boost::program_options;

constexpr std::size_t kMaxFileBytes = 1U << 30U;

struct EvalOptions {
    std::string learn = "none";
    std::string strip_headers;
    std::string scores;
    std::string hits;
    unsigned threads = 1;
    std::size_t nearest = 0;
    bool rules = false;
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
          judged_(mail.size()) {}

    /// The first message that could not be read or judged ends it.
    Result<void> run(unsigned threads);
    const std::vector<JudgedMail>& judged() const { return judged_; }

 private:
    Result<JudgedMail> judge(const LabelledMail& mail) const;
    void work();
    void show_progress() const;

    const OfflineFilter& filter_;
    const HeaderFilter& headers_;
    std::string folder_;
    const std::vector<LabelledMail>& mail_;
    std::vector<JudgedMail> judged_;
    std::atomic<std::size_t> next_ = 0;
    Guarded<std::string> error_;
};

Result<JudgedMail> Evaluation::judge(const LabelledMail& mail) const {
    const std::string path = mail.path.starts_with('/') ? mail.path : folder_ + mail.path;
    const auto bytes = read_file(path, kMaxFileBytes);
    if (!bytes) return tl::unexpected(bytes.error());
    const auto judged =
        filter_.judge_message(headers_.without_matching(as_received(*bytes)), mail.envelope);
    if (!judged) return wrap(path, judged.error());
    if (!judged->evidence.content) return fail(path + ": no analysis: " + judged->decision.reason);
    JudgedMail out;
    out.path = mail.path;
    out.is_spam = mail.is_spam;
    out.score = judged->verdict.score;
    for (const auto& hit : judged->verdict.hits) out.hits.push_back({hit.rule, hit.score});
    return out;
}

void Evaluation::show_progress() const {
    const std::size_t done = std::min(next_.load(), mail_.size());
    if (::isatty(STDERR_FILENO) != 0) fmt::print(stderr, "\r{} of {} messages", done, mail_.size());
}

void Evaluation::work() {
    for (std::size_t i = 0; (i = next_++) < mail_.size();) {
        auto judged = judge(mail_[i]);
        if (!judged) {
            error_.with([&](std::string& error) { error = judged.error().what; });
            next_ = mail_.size();
            return;
        }
        judged_[i] = std::move(*judged);
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

int write_tables(const EvalOptions& options, const std::vector<JudgedMail>& judged) {
    if (!options.scores.empty()) {
        const auto written = write_scores(options.scores, judged);
        if (!written) return complain(written.error().what, kExitOs);
    }
    if (!options.hits.empty()) {
        const auto written = write_hits(options.hits, judged);
        if (!written) return complain(written.error().what, kExitOs);
    }
    return kExitOk;
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
    const auto& judged = evaluation.judged();
    std::vector<Scored> scored;
    for (const auto& one : judged) scored.push_back({one.is_spam, one.score});
    EvalReport report;
    report.threshold = filter.configuration().policy.site.quarantine.value;
    report.figures = figures_of(std::move(scored), report.threshold);
    report.per_second = count / seconds.count();
    report.cpu_us = cpu;
    report.has_rules = options.rules;
    report.nearest = options.nearest;
    if (options.json)
        fmt::print("{}\n", to_json(report, judged));
    else
        fmt::print("{}", to_text(report, judged));
    return write_tables(options, judged);
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
         "write path, label and score of each message")  //
        ("hits", po::value(&options.hits)->value_name("FILE"),
         "write path, label, score and rules of each message")                        //
        ("rules", po::bool_switch(&options.rules), "figures of each rule and score")  //
        ("nearest", po::value(&options.nearest)->value_name("N"),
         "list N messages on both sides of the line")                                    //
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
