// SPDX-License-Identifier: GPL-2.0-only
// cordon eval: how good and how fast is the filter on labelled mail?
#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <thread>

#include "conf/base/guarded.h"
#include "quarantine/ctl/command.h"
#include "quarantine/ctl/eval_learning.h"
#include "quarantine/ctl/eval_report.h"

namespace cordon {
namespace {

namespace po = boost::program_options;

constexpr std::size_t kMaxFileBytes = 1U << 30U;
constexpr std::size_t kCurveStep = 100;

struct EvalOptions {
    std::string learn = "none";
    std::string strip_headers;
    std::string scores;
    std::string hits;
    std::string train;
    std::string curve;
    unsigned threads = 1;
    std::size_t nearest = 0;
    bool rules = false;
    bool json = false;
};

/// Labelled mail and where it lies.
struct Corpus {
    std::string folder;  // of the index; paths are relative to it
    std::vector<LabelledMail> mail;

    static Result<Corpus> read(const std::string& index);
    Result<std::string> message(const LabelledMail& one, const HeaderFilter& headers) const;
};

Result<Corpus> Corpus::read(const std::string& index) {
    auto mail = read_index(index);
    if (!mail) return tl::unexpected(mail.error());
    const auto slash = index.rfind('/');
    return Corpus{slash == std::string::npos ? "" : index.substr(0, slash + 1), std::move(*mail)};
}

Result<std::string> Corpus::message(const LabelledMail& one, const HeaderFilter& headers) const {
    const auto bytes =
        read_file(one.path.starts_with('/') ? one.path : folder + one.path, kMaxFileBytes);
    if (!bytes) return tl::unexpected(bytes.error());
    return headers.without_matching(as_received(*bytes));
}

class Evaluation {
 public:
    Evaluation(const OfflineFilter& filter, const HeaderFilter& headers, const Corpus& corpus,
               EvalLearning& learning)
        : filter_(filter),
          headers_(headers),
          corpus_(corpus),
          mail_(corpus.mail),
          learning_(learning),
          judged_(corpus.mail.size()) {}

    /// The first message that could not be read or judged ends it.
    Result<void> run(unsigned threads);
    const std::vector<JudgedMail>& judged() const { return judged_; }

 private:
    Result<JudgedMail> judge(const LabelledMail& mail) const;
    void work();
    void show_progress() const;

    const OfflineFilter& filter_;
    const HeaderFilter& headers_;
    const Corpus& corpus_;
    const std::vector<LabelledMail>& mail_;
    EvalLearning& learning_;
    std::vector<JudgedMail> judged_;
    std::atomic<std::size_t> next_ = 0;
    Guarded<std::string> error_;
};

Result<JudgedMail> Evaluation::judge(const LabelledMail& mail) const {
    const auto message = corpus_.message(mail, headers_);
    if (!message) return tl::unexpected(message.error());
    const auto judged = filter_.judge_message(*message, mail.envelope);
    if (!judged) return wrap(mail.path, judged.error());
    const auto& content = judged->evidence.content;
    if (!content) return fail(mail.path + ": no analysis: " + judged->decision.reason);
    JudgedMail out;
    out.path = mail.path;
    out.is_spam = mail.is_spam;
    out.score = judged->verdict.score;
    for (const auto& hit : judged->verdict.hits) out.hits.push_back({hit.rule, hit.score});
    if (content->opinion) out.probability = content->opinion->probability;
    if (learning_.is_on())
        if (auto fed = learning_.feed(content->features, mail.is_spam); !fed)
            return wrap(mail.path, fed.error());
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
    if (!options.curve.empty()) {
        const auto written = write_curve(options.curve, judged, kCurveStep);
        if (!written) return complain(written.error().what, kExitOs);
    }
    if (!options.hits.empty()) {
        const auto written = write_hits(options.hits, judged);
        if (!written) return complain(written.error().what, kExitOs);
    }
    return kExitOk;
}

/// Learns a whole index before the evaluation begins.
Result<void> train(const OfflineFilter& filter, const HeaderFilter& headers,
                   const std::string& index, EvalLearning& learning) {
    const auto corpus = Corpus::read(index);
    if (!corpus) return tl::unexpected(corpus.error());
    for (const auto& mail : corpus->mail) {
        const auto message = corpus->message(mail, headers);
        if (!message) return tl::unexpected(message.error());
        const auto found = filter.features_of(*message, mail.envelope);
        if (!found) return wrap(mail.path, found.error());
        if (auto done = learning.train(found->features, mail.is_spam); !done)
            return wrap(mail.path, done.error());
    }
    learning.end_training();
    return {};
}

EvalReport report_of(const OfflineFilter& filter, const EvalOptions& options,
                     const std::vector<JudgedMail>& judged) {
    std::vector<Scored> scored;
    scored.reserve(judged.size());
    for (const auto& one : judged) scored.push_back({one.is_spam, one.score});
    EvalReport report;
    report.threshold = filter.configuration().policy.site.quarantine.value;
    report.figures = figures_of(std::move(scored), report.threshold);
    report.classifier = classifier_figures(judged, judged.size());
    report.has_rules = options.rules;
    report.nearest = options.nearest;
    return report;
}

int evaluate(const OfflineFilter& filter, const EvalOptions& options, const std::string& index,
             EvalLearning& learning) {
    const auto corpus = Corpus::read(index);
    if (!corpus) return complain(corpus.error().what, kExitNoInput);
    HeaderFilter headers;
    if (!options.strip_headers.empty()) {
        auto read = HeaderFilter::read(options.strip_headers);
        if (!read) return complain(read.error().what, kExitNoInput);
        headers = std::move(*read);
    }
    if (!options.train.empty())
        if (const auto done = train(filter, headers, options.train, learning); !done)
            return complain(done.error().what, kExitNoInput);
    Evaluation evaluation(filter, headers, *corpus, learning);
    const auto begin = Steady::now();
    const auto cpu_before = filter.cpu_us();
    if (const auto done = evaluation.run(options.threads); !done)
        return complain(done.error().what, kExitNoInput);
    const std::chrono::duration<double> seconds = Steady::now() - begin;
    const auto count = static_cast<double>(std::max<std::size_t>(corpus->mail.size(), 1));
    const auto& judged = evaluation.judged();
    auto report = report_of(filter, options, judged);
    report.per_second = count / seconds.count();
    report.cpu_us = static_cast<double>(filter.cpu_us() - cpu_before) / count;
    if (options.json)
        fmt::print("{}\n", to_json(report, judged));
    else
        fmt::print("{}", to_text(report, judged));
    return write_tables(options, judged);
}

void add_options(CommandLine& line, EvalOptions& out) {
    line.options.add_options()  //
        ("learn", po::value(&out.learn)->value_name("HOW"),
         "none, or train after each message: immediate, delayed=N, partial=P")  //
        ("train", po::value(&out.train)->value_name("INDEX"),
         "learn all mail of this index first")  //
        ("curve", po::value(&out.curve)->value_name("FILE"),
         "write the classifier's learning curve as CSV")  //
        ("strip-headers", po::value(&out.strip_headers)->value_name("FILE"),
         "header names to remove first")  //
        ("scores", po::value(&out.scores)->value_name("FILE"),
         "write path, label, score and probability of each message")  //
        ("hits", po::value(&out.hits)->value_name("FILE"),
         "write path, label, score and rules of each message")                    //
        ("rules", po::bool_switch(&out.rules), "figures of each rule and score")  //
        ("nearest", po::value(&out.nearest)->value_name("N"),
         "list N messages on both sides of the line")                                //
        ("threads", po::value(&out.threads)->value_name("N"), "messages at a time")  //
        ("json", po::bool_switch(&out.json), "one JSON object");
}

/// With the site's own table, or with one of this run when anything is learned in it.
Result<OfflineFilter> filter_for(const EvalOptions& options, ConfigurationPtr configuration,
                                 const EvalLearning& learning) {
    if (!learning.is_on() && options.train.empty())
        return OfflineFilter::start(std::move(configuration));
    auto table = learning.table();
    if (!table) return tl::unexpected(table.error());
    auto filter = OfflineFilter::start(std::move(configuration), std::move(*table));
    if (filter && learning.is_on()) filter->ask_for_features();
    return filter;
}

int run(const std::vector<std::string>& arguments) {
    EvalOptions options;
    CommandLine line("eval INDEX [OPTION...]");
    add_options(line, options);
    if (!line.parse(arguments)) return line.exit_code;
    if (line.operands.size() != 1) return complain("usage: cordon " + line.usage, kExitUsage);
    const auto learning = EvalLearning::make(options.learn);
    if (!learning) return complain(learning.error().what, kExitUsage);
    const auto configuration = configuration_for(line);
    if (!configuration) return complain(configuration.error().what, kExitConfig);
    const auto filter = filter_for(options, *configuration, **learning);
    if (!filter) return complain(filter.error().what, kExitConfig);
    options.threads = std::clamp(options.threads, 1U, (*configuration)->scanner.workers);
    if ((*learning)->is_on()) options.threads = 1;  // the order of the messages counts
    return evaluate(*filter, options, line.operands.front(), **learning);
}

}  // namespace

extern const Command command_eval{"eval", "figures of the filter on labelled mail", run};

}  // namespace cordon
