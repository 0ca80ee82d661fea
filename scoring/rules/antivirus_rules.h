// SPDX-License-Identifier: GPL-2.0-only
// What libclamav only suspects: its heuristics are scores, never a virus. The antivirus worker
// turns names of alerts into these rules, the catalogue lists them.
#pragma once

#include <array>
#include <string_view>

namespace cordon {

struct AntivirusRule {
    std::string_view alert;  // the alert's name begins with this
    std::string_view name;
    double score;
    std::string_view describe;
};

/// Both pools find archives that can be read in several ways: one by their headers, the other by
/// their content too. The rule itself is in scoring/checks/archives.cc.
constexpr std::string_view kArchiveConflictRule = "ZIP_AMBIGUOUS";

/// In order of precedence: the first entry whose `alert` begins the name of the alert counts.
constexpr std::array kAntivirusRules = {
    AntivirusRule{"Heuristics.OLE2.ContainsMacros", "CLAM_MACROS", 2.0,
                  "An office document contains macros"},
    AntivirusRule{"Heuristics.Phishing.Email.SpoofedDomain", "CLAM_PHISHING_SPOOFED", 2.5,
                  "A link shows one domain and leads to another (ClamAV)"},
    AntivirusRule{"Heuristics.Phishing.Email.SSL-Spoof", "CLAM_PHISHING_SSL", 2.0,
                  "A link shows a secure address and leads to an insecure one (ClamAV)"},
    AntivirusRule{"Heuristics.Phishing.Email.Cloaked", "CLAM_PHISHING_CLOAK", 2.5,
                  "A link hides its destination behind odd encoding (ClamAV)"},
    AntivirusRule{"Heuristics.Phishing", "CLAM_PHISHING", 2.0,
                  "ClamAV's heuristics take the message for phishing"},
    AntivirusRule{"Heuristics.Safebrowsing", "CLAM_SAFEBROWSING", 3.0,
                  "A link stands on the list of Google Safe Browsing"},
    AntivirusRule{"Heuristics.Structured", "CLAM_STRUCTURED", 0.1,
                  "The message contains numbers of credit cards or the like"},
    AntivirusRule{"Heuristics.Broken", "CLAM_BROKEN", 1.5,
                  "An attached program or picture is damaged in a suspicious way"},
    AntivirusRule{"PUA.", "CLAM_PUA", 2.0, "ClamAV found a possibly unwanted application"},
    AntivirusRule{"Heuristics.", "CLAM_HEURISTIC", 2.0, "ClamAV's heuristics found something"},
};

/// The rule for an alert of libclamav, or nullptr when the alert names a virus.
constexpr const AntivirusRule* antivirus_rule_for(std::string_view alert) {
    for (const auto& rule : kAntivirusRules) {
        if (alert.starts_with(rule.alert)) return &rule;
    }
    return nullptr;
}

}  // namespace cordon
