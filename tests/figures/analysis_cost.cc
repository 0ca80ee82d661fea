// SPDX-License-Identifier: GPL-2.0-only
// What the analysis of content costs by itself, in CPU time of one thread:
//
//     analysis_cost [--slow] [FOLDER|FILE...]
//
// always: a plain message of 5 KB and an HTML one of 60 KB, written here. Of files: the mean and
// its parts (each the better of two runs), the median, and the ten that cost most for their size (a
// file under 64 KB counts as 64 KB). --slow: messages made
// to stall a parser or a rule, one token repeated in one place, in two sizes. Ends with 1 when
// something takes more than 50 ms for a megabyte, or grows faster than its size.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "conf/base/file_descriptor.h"
#include "scoring/analysis/analyse.h"
#include "tests/support/made_mail.h"

namespace cordon {
namespace {

using test::cpu_ms;
using test::kLetterHead;
using test::repeated;

constexpr double kMaxMsPerMb = 50;
constexpr double kMegabyte = 1U << 20U;
constexpr std::size_t kSmall = 128U << 10U;
constexpr std::size_t kLarge = 1U << 20U;

/// The best of several runs: what another process does is not meant.
double cost_of(std::string_view message, const AnalysisSnapshot& snapshot, int tries) {
    EnvelopeFacts envelope;
    envelope.mail_from = "alice@example.org";
    envelope.recipients = {"bob@example.net"};
    double best = 1e9;
    for (int i = 0; i < tries; ++i) {
        const double begin = cpu_ms();
        static_cast<void>(analyse(message, envelope, snapshot));
        best = std::min(best, cpu_ms() - begin);
    }
    return best;
}

/// One message taken apart: reading it, the checks, the rules; the rest of analyse() is the report,
/// hashes and signatures.
struct Stages {
    double parse = 0;
    double checks = 0;
    double rules = 0;

    void print(std::size_t files, double all) const {
        const auto n = static_cast<double>(files);
        fmt::print("of it: parse {:.3f}, checks {:.3f}, rules {:.3f}, the rest {:.3f} ms\n",
                   parse / n, checks / n, rules / n, (all - parse - checks - rules) / n);
    }
};

void add_stages(std::string_view bytes, const AnalysisSnapshot& snapshot, Stages& stages) {
    EnvelopeFacts envelope;
    envelope.mail_from = "alice@example.org";
    envelope.recipients = {"bob@example.net"};
    Stages best{1e9, 1e9, 1e9};
    for (int i = 0; i < 2; ++i) {
        const double begin = cpu_ms();
        const Message message = Message::parse(bytes, snapshot.limits);
        const double parsed = cpu_ms();
        const CheckInput input{message, envelope, snapshot.site};
        Hits hits;
        run_checks(input, hits);
        const double checked = cpu_ms();
        snapshot.rules.match(input, hits);
        const double end = cpu_ms();
        best.parse = std::min(best.parse, parsed - begin);
        best.checks = std::min(best.checks, checked - parsed);
        best.rules = std::min(best.rules, end - checked);
    }
    stages.parse += best.parse;
    stages.checks += best.checks;
    stages.rules += best.rules;
}

std::string a_letter() {
    return std::string(kLetterHead) +
           "Subject: Minutes of Tuesday\r\nContent-Type: text/plain\r\n\r\n" +
           repeated(
               "Dear Bob,\r\n\r\nthe minutes of our meeting are ready; please review them until "
               "Friday, and tell me if your account of the discussion differs. The agenda and an "
               "offer for the new printer are at http://www.example.org/minutes?id=24 .\r\n\r\n",
               4600);
}

std::string a_newsletter() {
    return std::string(kLetterHead) +
           "Subject: News of July\r\nContent-Type: text/html\r\n\r\n<html>" +
           "<head><style>.a{color:#333;font-size:14px}.b{display:none}</style></head><body>" +
           repeated(
               "<table width=\"600\" cellpadding=0><tr><td class=\"a\" style=\"padding:4px;color:"
               "#123456\"><a href=\"http://www.example.org/news/article?id=77&amp;u=12\">Read the "
               "article</a> on our spring offers: <b>free shipping</b> this week only. <img src="
               "\"http://img.example.org/p/77.png\" alt=\"picture\"></td></tr></table>\r\n",
               58000) +
           "</body></html>\r\n";
}

struct Place {
    std::string_view name;
    std::string_view before;  // between head and token
    std::string_view after;
};

constexpr std::array kPlaces = {
    Place{"plain text", "Subject: x\r\n\r\n", ""},
    Place{"html text", "Subject: x\r\nContent-Type: text/html\r\n\r\n<p>", "</p>"},
    Place{"html attribute", "Subject: x\r\nContent-Type: text/html\r\n\r\n<a href=\"", "\">x</a>"},
    Place{"html style", "Subject: x\r\nContent-Type: text/html\r\n\r\n<style>", "</style>x"},
    Place{"html style=", "Subject: x\r\nContent-Type: text/html\r\n\r\n<p style=\"", "\">x"},
    Place{"subject", "Subject: ", "\r\n\r\nhello"},
    Place{"another from", "Subject: x\r\nReply-To: ", "\r\n\r\nhello"},
    Place{"received", "Subject: x\r\nReceived: from ", "\r\n\r\nhello"},
    Place{"content type", "Subject: x\r\nContent-Type: ", "\r\n\r\nhello"},
    Place{"header lines", "Subject: x\r\nX-A: 1\r\n", "\r\n\r\nhello"},
    Place{"dkim", "Subject: x\r\nDKIM-Signature: v=1; d=example.org; ", "\r\n\r\nhello"},
    Place{"multipart", "Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n", ""},
    Place{"base64", "Subject: x\r\nContent-Transfer-Encoding: base64\r\n\r\n", ""},
    Place{"quoted-printable",
          "Subject: x\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: "
          "quoted-printable\r\n\r\n",
          ""},
    Place{"pdf", "Subject: x\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\n%PDF-1.4\n", ""},
    Place{"calendar", "Subject: x\r\nContent-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\n", ""},
};

constexpr std::array<std::string_view, 56> kTokens = {
    "a",
    " ",
    "<",
    ">",
    "&",
    "=",
    "=\r\n",
    "\r\n",
    "\n\n",
    "\t",
    "(",
    ")",
    "\"",
    "\\",
    "@",
    ";",
    ",",
    "[",
    "<<",
    "<a ",
    "<b>",
    "<div>",
    "</div>",
    "<!--",
    "<table><tr><td>",
    "<a href=x>x</a>",
    "&amp;",
    "&#x41;",
    "=?utf-8?q?a?=",
    "=?utf-8?b?YQ==?= ",
    "a@b.example ",
    "<a@b.example>, ",
    "http://a.example/ ",
    "http://",
    "www.a.example ",
    "--b\r\n",
    "--b\r\nContent-Type: text/plain\r\n\r\nx\r\n",
    "--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n",
    "a b ",
    "1 ",
    "free offer ",
    "your account ",
    "million dollars ",
    "click here ",
    "begin 644 a\r\n",
    "=ybegin line=128 ",
    "{a:b}",
    ".a{color:red}",
    "a:b;",
    "%41",
    "\xe2\x80\x8b",
    "\xd0\xb0"
    "a ",
    "X-A: 1\r\n",
    "A1b2-",
    "stream\nendstream\n",
    "ATTACH:http://a.example/\r\n"};

struct Finding {
    double ms_per_mb = 0;
    double growth = 1;  // of the cost, against that of the size
    std::string name;
};

class Report {
 public:
    void add(Finding finding) { all_.push_back(std::move(finding)); }
    int print(const char* title) {
        std::sort(all_.begin(), all_.end(),
                  [](const auto& a, const auto& b) { return a.ms_per_mb > b.ms_per_mb; });
        fmt::print("{}: {} measured; the slowest:\n", title, all_.size());
        int bad = 0;
        for (std::size_t i = 0; i < all_.size(); ++i) {
            const auto& one = all_[i];
            const bool is_bad = one.ms_per_mb > kMaxMsPerMb || one.growth > 2.5;
            bad += is_bad ? 1 : 0;
            if (i < 10 || is_bad)
                fmt::print("  {:8.1f} ms/MB  x{:.1f}  {}{}\n", one.ms_per_mb, one.growth, one.name,
                           is_bad ? "  TOO SLOW" : "");
        }
        return bad;
    }

 private:
    std::vector<Finding> all_;
};

std::string shown(std::string_view token) {
    std::string out;
    for (const char c : token)
        out += c == '\r' ? "\\r" : c == '\n' ? "\\n" : c == '\t' ? "\\t" : std::string(1, c);
    return out;
}

int search_slow(const AnalysisSnapshot& snapshot) {
    Report report;
    for (const auto& place : kPlaces) {
        for (const auto token : kTokens) {
            const auto message = [&](std::size_t bytes) {
                return std::string(kLetterHead) + std::string(place.before) +
                       repeated(token, bytes) + std::string(place.after) + "\r\n";
            };
            const double small = cost_of(message(kSmall), snapshot, 2);
            Finding finding{small * kMegabyte / kSmall, 1,
                            fmt::format("{} in {}", shown(token), place.name)};
            // Only what costs something is worth the longer run.
            if (finding.ms_per_mb > kMaxMsPerMb / 4) {
                const double large = cost_of(message(kLarge), snapshot, 1);
                finding.growth = large / small * kSmall / kLarge;
                finding.ms_per_mb = std::max(finding.ms_per_mb, large * kMegabyte / kLarge);
            }
            report.add(std::move(finding));
        }
    }
    return report.print("tokens repeated");
}

int measure_files(const std::vector<std::string>& paths, const AnalysisSnapshot& snapshot) {
    Report report;
    std::vector<double> costs;
    Stages stages;
    const auto measure = [&](const std::string& path) {
        const auto bytes = read_file(path, std::size_t{64} << 20U);
        if (!bytes) return;
        double ms = cost_of(*bytes, snapshot, 2);
        add_stages(*bytes, snapshot, stages);
        const double size = std::max(static_cast<double>(bytes->size()), kMegabyte / 16);
        if (ms * kMegabyte / size > kMaxMsPerMb / 2)
            ms = std::min(ms, cost_of(*bytes, snapshot, 2));
        costs.push_back(ms);
        report.add({ms * kMegabyte / size, 1, path});
    };
    for (const auto& path : paths) {
        if (!std::filesystem::is_directory(path)) {
            measure(path);
            continue;
        }
        for (const auto& entry : std::filesystem::recursive_directory_iterator(path))
            if (entry.is_regular_file()) measure(entry.path().string());
    }
    if (costs.empty()) return 0;
    std::sort(costs.begin(), costs.end());
    double sum = 0;
    for (const double cost : costs) sum += cost;
    fmt::print("{} files: mean {:.3f} ms, median {:.3f}, 99 % below {:.3f}\n", costs.size(),
               sum / static_cast<double>(costs.size()), costs[costs.size() / 2],
               costs[costs.size() * 99 / 100]);
    stages.print(costs.size(), sum);
    return report.print("files");
}

int run(int argc, char** argv) {
    auto rules = RuleSet::load({"conf/rules"}, false);
    if (!rules) {
        fmt::print("{}\n", rules.error().what);
        return 2;
    }
    const AnalysisSnapshot snapshot{std::move(*rules), {}, Limits{}};
    bool is_slow = false;
    std::vector<std::string> paths;
    for (int i = 1; i < argc; ++i) {
        if (std::string_view(argv[i]) == "--slow")
            is_slow = true;
        else
            paths.emplace_back(argv[i]);
    }
    const auto letter = a_letter();
    const auto newsletter = a_newsletter();
    fmt::print("plain letter of {} bytes: {:.3f} ms\n", letter.size(),
               cost_of(letter, snapshot, 50));
    fmt::print("HTML of {} bytes: {:.3f} ms\n", newsletter.size(),
               cost_of(newsletter, snapshot, 20));
    int bad = measure_files(paths, snapshot);
    if (is_slow) bad += search_slow(snapshot);
    return bad == 0 ? 0 : 1;
}

}  // namespace
}  // namespace cordon

int main(int argc, char** argv) {
    return cordon::run(argc, argv);
}
