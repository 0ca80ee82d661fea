// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/ctl/learning_figures.h"

#include <fmt/format.h>

#include <algorithm>

#include "conf/base/file_descriptor.h"
#include "quarantine/ctl/evaluation.h"

namespace cordon {

namespace {

/// % of ham at or over the highest threshold that misses at most 1 % of the spam.
double ham_where_spam_missed(std::vector<Scored> scored, double share) {
    std::sort(scored.begin(), scored.end(),
              [](const auto& a, const auto& b) { return a.score < b.score; });
    const auto spam =
        std::count_if(scored.begin(), scored.end(), [](const auto& one) { return one.is_spam; });
    const auto ham = static_cast<std::ptrdiff_t>(scored.size()) - spam;
    const auto allowed = static_cast<std::ptrdiff_t>(share * static_cast<double>(spam));
    std::ptrdiff_t missed = 0;
    std::ptrdiff_t below = 0;
    for (const auto& one : scored) {
        if (one.is_spam && ++missed > allowed) break;
        if (!one.is_spam) ++below;
    }
    return ham == 0 ? 0 : 100.0 * static_cast<double>(ham - below) / static_cast<double>(ham);
}

}  // namespace

ClassifierFigures classifier_figures(const std::vector<JudgedMail>& mail, std::size_t count) {
    std::vector<Scored> scored;
    for (std::size_t i = 0; i < mail.size() && i < count; ++i)
        if (mail[i].probability) scored.push_back({mail[i].is_spam, *mail[i].probability});
    const auto at_half = figures_of(scored, 0.5);
    ClassifierFigures out;
    out.messages = scored.size();
    out.one_minus_roca = at_half.one_minus_roca;
    out.ham_misclassified = at_half.ham_misclassified;
    out.spam_misclassified = at_half.spam_misclassified;
    out.ham_at_one_percent = ham_where_spam_missed(std::move(scored), 0.01);
    return out;
}

Result<void> write_curve(const std::string& path, const std::vector<JudgedMail>& mail,
                         std::size_t step) {
    std::string out =
        "messages,one_minus_roca_percent,ham_at_one_percent_spam_missed,"
        "ham_misclassified_percent,spam_misclassified_percent,last_errors_percent\n";
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < mail.size(); ++i) {
        if (mail[i].probability && (*mail[i].probability >= 0.5) != mail[i].is_spam) ++wrong;
        if ((i + 1) % step != 0) continue;
        const auto f = classifier_figures(mail, i + 1);
        out += fmt::format("{},{:.4f},{:.3f},{:.3f},{:.3f},{:.3f}\n", i + 1, f.one_minus_roca,
                           f.ham_at_one_percent, f.ham_misclassified, f.spam_misclassified,
                           100.0 * static_cast<double>(wrong) / static_cast<double>(step));
        wrong = 0;
    }
    return replace_file(path, out, 0644);
}

}  // namespace cordon
