// SPDX-License-Identifier: GPL-2.0-only
#include "tests/support/milter_site.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace cordon::test {

namespace {

std::string site_text(const std::string& directory, const std::string& options,
                      bool has_quarantine) {
    std::string out = fmt::format(
        "[cordon]\nstate-directory = {0}\nrun-directory = {0}\nauthserv-id = mx.example.org\n"
        "own-networks = 198.51.100.0/24\n[log]\nlevel = error\n",
        directory);
    if (has_quarantine) out += "[quarantine]\nmailbox = quarantine@example.org\n";
    if (options.find("[clamav]") == std::string::npos) out += "[clamav]\nenabled = no\n";
    return out + options;
}

}  // namespace

Mail mail_for_three() {
    return {.recipients = {{"<Alice@Example.org>", "NOTIFY=FAILURE"},
                           {"<bob@b.example>"},
                           {"<carol@example.org>"}}};
}

SnapshotPtr MilterSite::snapshot_with(const std::string& options, bool has_quarantine) const {
    auto snapshot =
        make_snapshot(a_configuration(site_text(directory.path(), options, has_quarantine)),
                      a_catalogue({{"TWO", 2}, {"FIVE", 5}, {"SEVEN", 7}, {"SEVENTEEN", 17}}));
    EXPECT_TRUE(snapshot) << snapshot.error().what;
    return *snapshot;
}

MilterSite::MilterSite(const std::string& options, bool has_quarantine)
    : scanner(std::make_unique<FakeScanner>(directory.file("content.sock"))),
      keeper(std::make_unique<FakeKeeper>(directory.file("keeper.sock"))) {
    const auto snapshot = snapshot_with(options, has_quarantine);
    if (!snapshot->pools.antivirus.empty()) {
        antivirus = std::make_unique<FakeScanner>(snapshot->pools.antivirus);
        antivirus->answer_with(AntivirusResult{});
    }
    process = std::make_unique<MilterProcess>(snapshot);
}

void MilterSite::find(std::initializer_list<std::string> rules) const {
    scanner->answer_with(an_analysis(rules));
}

void MilterSite::find_virus(const std::string& name) const {
    AntivirusResult result;
    result.virus = name;
    antivirus->answer_with(result);
}

std::unique_ptr<FakeMta> MilterSite::connection() const {
    auto out = std::make_unique<FakeMta>(*process);
    out->open();
    return out;
}

}  // namespace cordon::test
