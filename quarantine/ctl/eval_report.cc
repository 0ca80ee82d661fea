// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/ctl/eval_report.h"

#include <fmt/format.h>

#include "conf/base/file_descriptor.h"
#include "conf/base/json.h"

namespace cordon {

namespace {

std::string roc_text(const std::vector<JudgedMail>& mail) {
    std::string out = "\nscore   ham at or over   spam at or over\n";
    for (const auto& point : roc_points(mail)) {
        out += fmt::format("{:>5.0f} {:>14.3f} % {:>15.3f} %\n", point.threshold, point.ham_percent,
                           point.spam_percent);
    }
    return out;
}

std::string rules_text(const std::vector<RuleFigures>& rules) {
    std::string out = fmt::format("\n{:<28} {:>6} {:>9} {:>9} {:>6} {:>9} {:>10}\n", "rule",
                                  "score", "ham", "spam", "S/O", "costs ham", "needed for");
    for (const auto& rule : rules) {
        out += fmt::format("{:<28} {:>6.2f} {:>7.3f} % {:>7.3f} % {:>5.3f} {:>9} {:>10}\n",
                           rule.rule, rule.score, rule.ham_percent, rule.spam_percent,
                           rule.spam_over_all, rule.ham_caused, rule.spam_needs);
    }
    return out;
}

std::string names_of(const JudgedMail& mail) {
    std::string out;
    for (const auto& hit : mail.hits) out += (out.empty() ? "" : " ") + hit.rule;
    return out;
}

std::string list_text(std::string_view title, const std::vector<JudgedMail>& mail,
                      const std::vector<std::size_t>& places) {
    std::string out = fmt::format("\n{}\n", title);
    for (const auto place : places) {
        const auto& one = mail[place];
        out += fmt::format("{:>7.2f} {}\n        {}\n", one.score, one.path, names_of(one));
    }
    return out;
}

void roc_json(JsonWriter& out, const std::vector<JudgedMail>& mail) {
    out.key("roc").begin_array();
    for (const auto& point : roc_points(mail)) {
        out.begin_object().key("threshold").number(point.threshold);
        out.key("ham").number(point.ham_percent).key("spam").number(point.spam_percent);
        out.end_object();
    }
    out.end_array();
}

void rules_json(JsonWriter& out, const std::vector<RuleFigures>& rules) {
    const auto number = [&](std::string_view name, std::size_t value) {
        out.field(name, static_cast<std::int64_t>(value));
    };
    out.key("rules").begin_array();
    for (const auto& rule : rules) {
        out.begin_object().field("rule", rule.rule).key("score").number(rule.score);
        number("ham", rule.ham);
        number("spam", rule.spam);
        out.key("spam_over_all").number(rule.spam_over_all);
        number("ham_over", rule.ham_over);
        number("ham_caused", rule.ham_caused);
        number("spam_needs", rule.spam_needs);
        out.end_object();
    }
    out.end_array();
}

void list_json(JsonWriter& out, std::string_view name, const std::vector<JudgedMail>& mail,
               const std::vector<std::size_t>& places) {
    out.key(name).begin_array();
    for (const auto place : places) {
        out.begin_object().field("path", mail[place].path).key("score").number(mail[place].score);
        out.field("rules", names_of(mail[place])).end_object();
    }
    out.end_array();
}

template <typename Last>
Result<void> write_table(const std::string& path, std::string_view columns,
                         const std::vector<JudgedMail>& mail, Last last) {
    std::string out(columns);
    for (const auto& one : mail) {
        out += fmt::format("{}\t{}\t{}\t{}\n", one.path, one.is_spam ? "spam" : "ham", one.score,
                           last(one));
    }
    return replace_file(path, out, 0644);
}

}  // namespace

std::string to_text(const EvalReport& report, const std::vector<JudgedMail>& mail) {
    const Figures& f = report.figures;
    std::string out = fmt::format(
        "messages            {} ham, {} spam\nham misclassified   {:.3f} %\n"
        "spam misclassified  {:.3f} %\n1-ROCA              {:.4f} %\nLAM                 {:.3f} %\n"
        "speed               {:.0f} messages/s\nCPU                 {:.0f} us/message\n",
        f.ham, f.spam, f.ham_misclassified, f.spam_misclassified, f.one_minus_roca, f.lam,
        report.per_second, report.cpu_us);
    if (const auto& c = report.classifier; c.messages > 0)
        out += fmt::format(
            "classifier alone    1-ROCA {:.4f} %, ham misclassified {:.3f} % at 1 % spam missed; "
            "at 0.5: {:.3f} % ham, {:.3f} % spam\n",
            c.one_minus_roca, c.ham_at_one_percent, c.ham_misclassified, c.spam_misclassified);
    if (report.has_rules) out += roc_text(mail) + rules_text(rule_figures(mail, report.threshold));
    if (report.nearest > 0) {
        out += list_text("ham with the highest scores", mail, worst_ham(mail, report.nearest));
        out += list_text("spam nearest below the line", mail,
                         nearest_spam(mail, report.threshold, report.nearest));
    }
    return out;
}

std::string to_json(const EvalReport& report, const std::vector<JudgedMail>& mail) {
    const Figures& f = report.figures;
    JsonWriter out;
    out.begin_object()
        .field("ham", static_cast<std::int64_t>(f.ham))
        .field("spam", static_cast<std::int64_t>(f.spam));
    out.key("ham_misclassified").number(f.ham_misclassified);
    out.key("spam_misclassified").number(f.spam_misclassified);
    out.key("one_minus_roca").number(f.one_minus_roca).key("lam").number(f.lam);
    out.key("messages_per_second").number(report.per_second);
    out.key("cpu_us").number(report.cpu_us);
    if (const auto& c = report.classifier; c.messages > 0) {
        out.key("classifier").begin_object().key("one_minus_roca").number(c.one_minus_roca);
        out.key("ham_at_1_percent_spam_missed").number(c.ham_at_one_percent);
        out.key("ham_misclassified").number(c.ham_misclassified);
        out.key("spam_misclassified").number(c.spam_misclassified).end_object();
    }
    if (report.has_rules) {
        out.key("threshold").number(report.threshold);
        roc_json(out, mail);
        rules_json(out, rule_figures(mail, report.threshold));
    }
    if (report.nearest > 0) {
        list_json(out, "worst_ham", mail, worst_ham(mail, report.nearest));
        list_json(out, "nearest_spam", mail, nearest_spam(mail, report.threshold, report.nearest));
    }
    return out.end_object().take();
}

Result<void> write_scores(const std::string& path, const std::vector<JudgedMail>& mail) {
    return write_table(path, "path\tlabel\tscore\tprobability\n", mail, [](const JudgedMail& one) {
        return one.probability ? fmt::format("{}", *one.probability) : "";
    });
}

Result<void> write_hits(const std::string& path, const std::vector<JudgedMail>& mail) {
    return write_table(path, "path\tlabel\tscore\trules\n", mail, names_of);
}

}  // namespace cordon
