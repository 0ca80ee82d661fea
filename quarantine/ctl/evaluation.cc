// SPDX-License-Identifier: GPL-2.0-only
#include "quarantine/ctl/evaluation.h"

#include <fmt/format.h>
#include <regex.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <map>

#include "conf/base/text.h"

namespace cordon {

namespace {

constexpr std::size_t kMaxIndexBytes = 1U << 30U;

using Columns = std::map<std::string, std::size_t, std::less<>>;

Result<Columns> read_columns(std::string_view line) {
    Columns out;
    const auto names = split(line, '\t');
    for (std::size_t i = 0; i < names.size(); ++i) out[std::string(trim(names[i]))] = i;
    if (!out.contains("path") || !out.contains("label"))
        return fail("the first line must name the columns path and label");
    return out;
}

/// Seconds since the epoch, or a day as ISO 8601 writes it: then the end of that day. 0: unknown.
std::int64_t time_of(std::string_view date) {
    if (const auto seconds = parse_unsigned(date)) return static_cast<std::int64_t>(*seconds);
    const auto parts = split(date.substr(0, 10), '-');
    if (parts.size() != 3) return 0;
    const auto year = parse_unsigned(parts[0]);
    const auto month = parse_unsigned(parts[1]);
    const auto day = parse_unsigned(parts[2]);
    if (!year || !month || !day) return 0;
    using namespace std::chrono;
    const year_month_day found{std::chrono::year(static_cast<int>(*year)),
                               std::chrono::month(static_cast<unsigned>(*month)),
                               std::chrono::day(static_cast<unsigned>(*day))};
    if (!found.ok()) return 0;
    return duration_cast<seconds>((sys_days(found) + days(1)).time_since_epoch()).count() - 1;
}

Result<LabelledMail> read_row(const Columns& columns, std::string_view line) {
    const auto fields = split(line, '\t');
    const auto field = [&](std::string_view name) -> std::string_view {
        const auto found = columns.find(name);
        return found != columns.end() && found->second < fields.size() ? fields[found->second] : "";
    };
    LabelledMail out;
    out.path = field("path");
    const auto label = field("label");
    if (label != "ham" && label != "spam")
        return fail(fmt::format("label '{}' is neither ham nor spam", printable(label, 40)));
    out.is_spam = label == "spam";
    if (const auto ip = IpAddress::parse(field("client_ip"))) out.envelope.client = *ip;
    out.envelope.helo = field("helo");
    out.envelope.mail_from = field("mail_from");
    if (const auto rcpt = field("rcpt"); !rcpt.empty()) out.envelope.recipients = words(rcpt);
    out.envelope.received_at = time_of(field("date"));
    return out;
}

}  // namespace

Result<std::vector<LabelledMail>> read_index(const std::string& path) {
    const auto text = read_file(path, kMaxIndexBytes);
    if (!text) return tl::unexpected(text.error());
    const auto lines = split(*text, '\n');
    const auto columns = read_columns(trim(lines.front()));
    if (!columns) return wrap(path + ":1", columns.error());
    std::vector<LabelledMail> out;
    for (std::size_t i = 1; i < lines.size(); ++i) {
        auto line = lines[i];
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.empty()) continue;
        auto row = read_row(*columns, line);
        if (!row) return wrap(fmt::format("{}:{}", path, i + 1), row.error());
        out.push_back(std::move(*row));
    }
    return out;
}

namespace {

double logit(double p) {
    return std::log(p / (1 - p));
}

/// A rate that is 0 or 1 has no logit: half a message is added to both sides.
double smoothed(std::size_t wrong, std::size_t all) {
    return (static_cast<double>(wrong) + 0.5) / (static_cast<double>(all) + 1);
}

double percent(std::size_t part, std::size_t all) {
    return all == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(all);
}

/// Share of (ham, spam) pairs in the wrong order: the Mann-Whitney statistic over sorted scores.
double wrong_pairs(const std::vector<Scored>& sorted, std::size_t ham, std::size_t spam) {
    if (ham == 0 || spam == 0) return std::numeric_limits<double>::quiet_NaN();
    double wrong = 0;
    double spam_below = 0;
    for (std::size_t i = 0; i < sorted.size();) {
        double tied_ham = 0;
        double tied_spam = 0;
        const double score = sorted[i].score;
        for (; i < sorted.size() && sorted[i].score == score; ++i)
            (sorted[i].is_spam ? tied_spam : tied_ham) += 1;
        wrong += tied_ham * (spam_below + tied_spam / 2);
        spam_below += tied_spam;
    }
    return wrong / (static_cast<double>(ham) * static_cast<double>(spam));
}

}  // namespace

Figures figures_of(std::vector<Scored> scored, double threshold) {
    Figures out;
    std::size_t ham_wrong = 0;
    std::size_t spam_wrong = 0;
    for (const auto& one : scored) {
        (one.is_spam ? out.spam : out.ham) += 1;
        if (one.is_spam && one.score < threshold) ++spam_wrong;
        if (!one.is_spam && one.score >= threshold) ++ham_wrong;
    }
    out.ham_misclassified = percent(ham_wrong, out.ham);
    out.spam_misclassified = percent(spam_wrong, out.spam);
    const double mean =
        (logit(smoothed(ham_wrong, out.ham)) + logit(smoothed(spam_wrong, out.spam))) / 2;
    out.lam = 100 / (1 + std::exp(-mean));
    std::sort(scored.begin(), scored.end(),
              [](const auto& a, const auto& b) { return a.score < b.score; });
    out.one_minus_roca = 100 * wrong_pairs(scored, out.ham, out.spam);
    return out;
}

struct HeaderFilter::Pattern {
    regex_t compiled{};
    Pattern() = default;
    Pattern(const Pattern&) = delete;
    Pattern& operator=(const Pattern&) = delete;
    ~Pattern() { ::regfree(&compiled); }
};

Result<HeaderFilter> HeaderFilter::read(const std::string& path) {
    const auto text = read_file(path, kMaxIndexBytes);
    if (!text) return tl::unexpected(text.error());
    HeaderFilter out;
    std::size_t number = 0;
    for (const auto raw : split(*text, '\n')) {
        ++number;
        const auto line = trim(raw);
        if (line.empty() || line.front() == '#') continue;
        auto pattern = std::make_shared<Pattern>();
        if (::regcomp(&pattern->compiled, std::string(line).c_str(),
                      REG_EXTENDED | REG_ICASE | REG_NOSUB) != 0)
            return fail(fmt::format("{}:{}: not a regular expression", path, number));
        out.patterns_.push_back(std::move(pattern));
    }
    return out;
}

bool HeaderFilter::matches(std::string_view name) const {
    const std::string text(name);
    return std::any_of(patterns_.begin(), patterns_.end(), [&text](const auto& pattern) {
        return ::regexec(&pattern->compiled, text.c_str(), 0, nullptr, 0) == 0;
    });
}

std::string HeaderFilter::without_matching(std::string_view message) const {
    std::string out;
    bool is_dropping = false;
    while (!message.empty()) {
        const auto end = std::min(message.find('\n'), message.size() - 1) + 1;
        const auto line = message.substr(0, end);
        if (trim(line).empty()) break;
        if (!is_blank(line.front())) {
            const auto colon = line.find(':');
            is_dropping = colon != std::string_view::npos && matches(trim(line.substr(0, colon)));
        }
        if (!is_dropping) out += line;
        message.remove_prefix(end);
    }
    return out.append(message);
}

}  // namespace cordon
