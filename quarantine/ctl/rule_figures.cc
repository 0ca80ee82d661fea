// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/ctl/rule_figures.h"

#include <algorithm>
#include <map>

namespace cordon {

namespace {

constexpr int kRocPoints = 20;

double percent(std::size_t part, std::size_t all) {
    return all == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(all);
}

std::size_t count_of(const std::vector<JudgedMail>& mail, bool is_spam) {
    return static_cast<std::size_t>(std::count_if(
        mail.begin(), mail.end(), [&](const auto& one) { return one.is_spam == is_spam; }));
}

void add_hit(RuleFigures& figures, const JudgedMail& mail, double score, double threshold) {
    figures.score = score;
    const bool is_over = mail.score >= threshold;
    const bool is_decisive = is_over && mail.score - score < threshold;
    if (mail.is_spam) {
        ++figures.spam;
        if (is_decisive) ++figures.spam_needs;
        return;
    }
    ++figures.ham;
    if (is_over) ++figures.ham_over;
    if (is_decisive) ++figures.ham_caused;
}

template <typename Keep>
std::vector<std::size_t> highest(const std::vector<JudgedMail>& mail, std::size_t limit,
                                 Keep keep) {
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < mail.size(); ++i) {
        if (keep(mail[i])) places.push_back(i);
    }
    std::stable_sort(places.begin(), places.end(),
                     [&](std::size_t a, std::size_t b) { return mail[a].score > mail[b].score; });
    if (places.size() > limit) places.resize(limit);
    return places;
}

}  // namespace

std::vector<RuleFigures> rule_figures(const std::vector<JudgedMail>& mail, double threshold) {
    std::map<std::string, RuleFigures> by_name;
    for (const auto& one : mail) {
        for (const auto& hit : one.hits) add_hit(by_name[hit.rule], one, hit.score, threshold);
    }
    const std::size_t ham = count_of(mail, false);
    const std::size_t spam = count_of(mail, true);
    std::vector<RuleFigures> out;
    for (auto& [name, figures] : by_name) {
        figures.rule = name;
        figures.ham_percent = percent(figures.ham, ham);
        figures.spam_percent = percent(figures.spam, spam);
        const double both = figures.ham_percent + figures.spam_percent;
        figures.spam_over_all = both > 0 ? figures.spam_percent / both : 0;
        out.push_back(std::move(figures));
    }
    std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) {
        if (a.ham_caused != b.ham_caused) return a.ham_caused > b.ham_caused;
        return a.spam > b.spam;
    });
    return out;
}

std::vector<RocPoint> roc_points(const std::vector<JudgedMail>& mail) {
    const std::size_t ham = count_of(mail, false);
    const std::size_t spam = count_of(mail, true);
    std::vector<RocPoint> out;
    for (int threshold = 1; threshold <= kRocPoints; ++threshold) {
        std::size_t ham_over = 0;
        std::size_t spam_over = 0;
        for (const auto& one : mail) {
            if (one.score >= threshold) ++(one.is_spam ? spam_over : ham_over);
        }
        out.push_back(
            {static_cast<double>(threshold), percent(ham_over, ham), percent(spam_over, spam)});
    }
    return out;
}

std::vector<std::size_t> worst_ham(const std::vector<JudgedMail>& mail, std::size_t limit) {
    return highest(mail, limit, [](const JudgedMail& one) { return !one.is_spam; });
}

std::vector<std::size_t> nearest_spam(const std::vector<JudgedMail>& mail, double threshold,
                                      std::size_t limit) {
    return highest(mail, limit, [threshold](const JudgedMail& one) {
        return one.is_spam && one.score < threshold;
    });
}

}  // namespace cordon
