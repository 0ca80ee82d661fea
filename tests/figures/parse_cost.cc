// SPDX-License-Identifier: GPL-2.0-only
// What it costs to read the structure of a message and to decode its parts, in all readings, in CPU
// time of one thread:
//
//     parse_cost [FOLDER|FILE...]
//
// always: letters of 5 KB and attachments of a megabyte, written here; of files the mean, for
// those under 10 KB also that of a message. Beside it stands what Message::parse costs with texts
// (charsets, HTML, links). Ends with 1 when the structure takes more than 10 us for 5 KB, or 1.5 ms
// for a megabyte.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "conf/base/file_descriptor.h"
#include "conf/base/text.h"
#include "scoring/message/message.h"
#include "tests/support/made_mail.h"

namespace cordon {
namespace {

using test::cpu_ms;
using test::kLetterHead;
using test::repeated;

constexpr double kMostUs = 10;   // 5 KB
constexpr double kMostMs = 1.5;  // a megabyte
constexpr double kSmall = 5000;
constexpr double kMegabyte = 1U << 20U;

/// Without texts: the structure, the decoded parts and what lies in containers among them.
Limits without_texts() {
    Limits out;
    out.text_bytes = 0;
    out.urls = 0;
    return out;
}

/// The best of several runs of enough work for the clock: what another process does is not meant.
double cost_of(std::string_view message, const Limits& limits) {
    const std::size_t times = std::max<std::size_t>(1, 200'000 / (message.size() + 1));
    double best = 1e12;
    for (int i = 0; i < 9; ++i) {
        const double begin = cpu_ms();
        for (std::size_t n = 0; n < times; ++n) static_cast<void>(Message::parse(message, limits));
        best = std::min(best, (cpu_ms() - begin) * 1e3 / static_cast<double>(times));
    }
    return best;
}

std::string part(std::string_view fields, const std::string& body) {
    return "--b\r\n" + std::string(fields) + "\r\n" + body + "\r\n";
}

std::string multipart(const std::string& parts) {
    return std::string(kLetterHead) + "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + parts +
           "--b--\r\n";
}

std::string base64_lines(std::size_t bytes) {
    std::string out;
    std::string content;
    for (std::size_t i = 0; i < 57; ++i) content += static_cast<char>(i * 37 % 256);
    return repeated(to_base64(content) + "\r\n", bytes);
}

struct Sample {
    std::string name;
    std::string mail;
};

std::vector<Sample> samples() {
    constexpr std::string_view kText = "Content-Type: text/plain; charset=utf-8\r\n";
    constexpr std::string_view kPrintable =
        "Content-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n";
    constexpr std::string_view kFile =
        "Content-Type: application/octet-stream; name=\"a.bin\"\r\n"
        "Content-Disposition: attachment; filename=\"a.bin\"\r\n"
        "Content-Transfer-Encoding: base64\r\n";
    const std::string line = "the minutes of our meeting are ready; please review them soon.\r\n";
    const std::string escaped = "<p>a line of text, =C3=BC and =E2=82=AC in it, and its end =\r\n";
    constexpr std::size_t kLarge = 1U << 20U;
    return {
        {"letter", std::string(kLetterHead) + std::string(kText) + "\r\n" + repeated(line, 4600)},
        {"letter, text and HTML",
         multipart(part(kText, repeated(line, 2000)) + part(kPrintable, repeated(escaped, 2400)))},
        {"letter and small file",
         multipart(part(kText, repeated(line, 1500)) + part(kFile, base64_lines(2800)))},
        {"file in base64", multipart(part(kText, line) + part(kFile, base64_lines(kLarge)))},
        {"quoted-printable", multipart(part(kPrintable, repeated(escaped, kLarge)))},
        {"text as it stands", multipart(part(kText, repeated(line, kLarge)))},
    };
}

/// Whether the figure is met.
bool measure(const Sample& sample) {
    const auto size = static_cast<double>(sample.mail.size());
    const double structure = cost_of(sample.mail, without_texts());
    const double all = cost_of(sample.mail, Limits{});
    const bool is_large = size > kMegabyte / 2;
    const double most = is_large ? kMostMs * 1000 * size / kMegabyte : kMostUs * size / kSmall;
    fmt::print("{:>9.0f} bytes: {:8.1f} us, at most {:7.1f} {} with texts {:8.1f}  {}\n", size,
               structure, most, structure <= most ? "ok  " : "OVER", all, sample.name);
    return structure <= most;
}

void measure_files(const std::vector<std::string>& paths) {
    double bytes = 0;
    double us = 0;
    double small_us = 0;
    double small_bytes = 0;
    std::size_t small = 0;
    const auto look = [&](const std::string& path) {
        const auto content = read_file(path, std::size_t{64} << 20U);
        if (!content || content->empty()) return;
        const double cost = cost_of(*content, without_texts());
        bytes += static_cast<double>(content->size());
        us += cost;
        if (content->size() >= 10'000) return;
        ++small;
        small_us += cost;
        small_bytes += static_cast<double>(content->size());
    };
    for (const auto& path : paths) {
        if (!std::filesystem::is_directory(path)) {
            look(path);
            continue;
        }
        for (const auto& entry : std::filesystem::recursive_directory_iterator(path))
            if (entry.is_regular_file()) look(entry.path().string());
    }
    if (bytes == 0) return;
    fmt::print("files: {:.2f} ms a megabyte over all\n", us / 1000 / (bytes / kMegabyte));
    if (small > 0)
        fmt::print("{} of them under 10 KB: {:.1f} us for 5 KB\n", small,
                   small_us / (small_bytes / kSmall));
}

int run(int argc, char** argv) {
    bool is_met = true;
    for (const auto& sample : samples()) is_met = measure(sample) && is_met;
    measure_files({argv + 1, argv + argc});
    return is_met ? 0 : 1;
}

}  // namespace
}  // namespace cordon

int main(int argc, char** argv) {
    return cordon::run(argc, argv);
}
